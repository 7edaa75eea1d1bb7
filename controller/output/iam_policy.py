"""Permissions as IAM policies: compact statements, in documents within IAM's size limit."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from controller.insight.permissions import Permission

# IAM and AWS STS quotas: a managed policy has at most 6,144 characters, white space not counted.
LARGEST = 6144
_VERSION = "2012-10-17"
_FRAME = len(json.dumps({"Version": _VERSION, "Statement": []}, separators=(",", ":")))
_PASS = "iam:PassRole"  # noqa: S105 - an action
_MOST_ARNS = 40  # in one statement, so that a large tree can be split into several policies

Statement = dict[str, Any]


def policies(needed: Iterable[Permission]) -> list[dict[str, Any]]:
    """The policies with all permissions; one if it fits."""
    packed: list[list[Statement]] = [[]]
    for statement in _statements(frozenset(needed)):
        if packed[-1] and _size([*packed[-1], statement]) > LARGEST:
            packed.append([])
        packed[-1].append(statement)
    return [{"Version": _VERSION, "Statement": statements} for statements in packed]


def size(policy: Mapping[str, Any]) -> int:
    """The characters that IAM counts."""
    return len(json.dumps(policy, separators=(",", ":")))


def _size(statements: list[Statement]) -> int:
    return _FRAME + len(json.dumps(statements, separators=(",", ":"))) - 2


def _statements(needed: frozenset[Permission]) -> list[Statement]:
    """One statement for all actions of the same ARNs; those without ARNs together, roles by themselves."""
    arns: dict[tuple[str, str], set[str]] = {}
    for each in needed:
        kind = "" if each.arn == "*" or each.action == _PASS else each.kind
        arns.setdefault((kind, each.action), set()).add(each.arn)
    actions: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (kind, action), found in sorted(arns.items()):
        actions.setdefault((kind, _without_covered(found)), []).append(action)
    made: list[Statement] = []
    for (kind, on), does in sorted(actions.items()):
        made += [_statement(f"{kind or 'All'}{len(made) + 1}", does, part) for part in _parts(on)]
    return made


def _without_covered(arns: set[str]) -> tuple[str, ...]:
    """The patterns without those that a wildcard covers."""
    stars = [each[:-1] for each in arns if each.endswith("*")]
    return tuple(
        sorted(each for each in arns if not any(each[:-1] != s and each.startswith(s) for s in stars))
    )


def _parts(arns: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [arns[start : start + _MOST_ARNS] for start in range(0, len(arns), _MOST_ARNS)]


def _statement(sid: str, actions: list[str], arns: tuple[str, ...]) -> Statement:
    passes = actions == [_PASS]
    document: Statement = dict(  # noqa: C408 - as a string, IAM's word would be the name of a kind
        Sid="PassRole" + sid.removeprefix("All") if passes else sid,
        Effect="Allow",
        Action=actions[0] if len(actions) == 1 else actions,
        Resource=arns[0] if len(arns) == 1 else list(arns),
    )
    if passes:
        document["Condition"] = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    return document
