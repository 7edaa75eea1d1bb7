"""Contended fields: after five corrections in an hour a field that somebody else keeps changing is left alone.

Two controllers of one field would change it for ever. Corrections are recorded in the inventory's entry, so that they
survive a restart: the last five times for each field, and the most recently corrected fields of each resource. A field
is corrected again after an hour without a correction, or when its document changes.

The owner counts as a field (``/Tags``). Two documents with ``adopt: Always`` would take one resource from each
other for ever. After five times in an hour it stays with the other one until the document changes: an hour later the
other one would take it back again.
"""

from collections.abc import Mapping
from typing import Any

from controller.core.path import Path, dotted_path, pointer
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import diff
from controller.engine.observed import OWNER, Live
from controller.engine.plan import Step
from controller.inventory.model import Entry
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract, contract
from controller.schema.names import camel_path
from controller.schema.shape import shape_at

MOST = 5
HOUR = 3600.0
_FIELDS = 16
_QUIET_SECONDS = (
    "it is not corrected until an hour passes without conflicting writes, or its document changes"
)

Times = Mapping[str, tuple[int, ...]]


_OWNER_FIELD: Path = ("Tags",)


def corrections(entry: Entry, step: Step, now: float | None) -> Times:
    """The record of corrections after a step was done; a change of the document resets it."""
    fields = _corrected_fields(step)
    if not fields or now is None:
        return entry.corrected if fields else {}
    later = {key: times for key, times in entry.corrected.items() if key not in fields}
    newest = {key: (*entry.corrected.get(key, ()), int(now))[-MOST:] for key in sorted(fields)}
    return dict(list((later | newest).items())[-_FIELDS:])


def _corrected_fields(step: Step) -> frozenset[str]:
    """The fields that a step sets back, as JSON pointers; of an adoption, the owner if there was another one."""
    if step.action is Action.ADOPT:
        taken = any(each.path == (*_OWNER_FIELD, OWNER) and each.before for each in step.changes)
        return frozenset({pointer(_OWNER_FIELD)} if taken else ())
    if step.why is not Reason.LIVE_DIFFERS:
        return frozenset()
    kind_contract = contract(step.ref.kind)
    return frozenset(pointer(field_of(change.path, kind_contract)) for change in step.changes)


def field_of(path: Path, contract: Contract) -> Path:
    """The part of a path that is one field: down to the first list or string."""
    end = 1
    while end < len(path) and (of := shape_at(contract.spec, path[:end])) and of.type in ("structure", "map"):
        end += 1
    return path[:end]


def contended_fields(entry: Entry, kept: Mapping[str, Any], now: float | None) -> tuple[Path, ...]:
    """The fields that are left alone: corrected five times within an hour and, except the owner, in the last hour."""
    if now is None or entry.applied != kept:
        return ()
    often = (
        (_path(key), times[-1])
        for key, times in sorted(entry.corrected.items())
        if len(times) >= MOST and times[-1] - times[-MOST] <= HOUR
    )
    return tuple(path for path, newest in often if path == _OWNER_FIELD or now - newest < HOUR)


def contended_owner(case: DecisionInput, owner: str) -> str:
    """Why a resource is not taken from another owner again; empty if it may be."""
    if _OWNER_FIELD not in case.contended:
        return ""
    return (
        f"it belongs to {owner}. policy.adopt: Always takes it away from {owner}, which took it back each of {MOST}"
        " times within an hour, so it is left alone until this document changes: give it another name, or remove one"
        " of the two documents with policy.deletion: Retain"
    )


def contended_changes(case: DecisionInput, live: Live | None) -> tuple[str, ...]:
    """The contended fields that differ, each with who changed the resource last."""
    if live is None:
        return ()
    return tuple(
        f"{dotted_path(camel_path(field, case.resource.contract.spec))} was corrected {MOST} times within an hour, and "
        f"each time it was changed again{_changed_by(live)}; {_QUIET_SECONDS}"
        for field in case.contended
        if _differs(case.resolved, live, field)
    )


def _differs(resolved: Resolved, live: Live, field: Path) -> bool:
    return any(change.path[: len(field)] == field for change in diff(resolved, live.body, ()))


def _changed_by(live: Live) -> str:
    """Who changed the resource last, where Describe shows it (UserContext in botocore's model)."""
    last_modified_by = live.body.get("LastModifiedBy") or {}
    who = (last_modified_by.get("IamIdentity") or {}).get("Arn") or last_modified_by.get("UserProfileArn")
    return f", last by {who}" if who else " (SageMaker does not say by whom; CloudTrail does)"


def _path(key: str) -> Path:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in key[1:].split("/"))
