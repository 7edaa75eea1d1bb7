"""Drift as text and JSON. Values must have been redacted."""

from collections.abc import Sequence
from typing import Any

from controller.core.path import dotted_path, pointer
from controller.engine.plan import Change
from controller.insight.dangling import Dangling, DanglingReport
from controller.insight.drift import DriftCategory, DriftedResource
from controller.insight.drift_acceptance import UnacceptedDrift
from controller.manifests.yaml_writer import Edit
from controller.output.terminal import Style, escape_unprintable
from controller.output.values import plain_response, scalar
from controller.schema.contract import contract
from controller.schema.names import camel_path, to_camel
from controller.schema.shape import shape_at

_SIGNS = {
    DriftCategory.DECLARED: "~",
    DriftCategory.UNDECLARED: "+",
    DriftCategory.AT_DEFAULT: "=",
    DriftCategory.UNREADABLE: "?",
}


def drift_text(
    found: Sequence[DriftedResource], looked: DanglingReport | None, style: Style, *, verbose: bool
) -> str:
    """The drift by resource, then dangling references, then the summary."""
    parts = [_resource(each, style, verbose=verbose) for each in found]
    blocks = ["\n".join(part) for part in parts if part]
    if looked and looked.dangling:
        lines = [f"  {style.sign('!')} {escape_unprintable(dangling_text(each))}" for each in looked.dangling]
        blocks.append("\n".join(["Dangling references in the account:", *lines]))
    return "\n\n".join([*blocks, drift_sum(found, looked)]) + "\n"


def _resource(each: DriftedResource, style: Style, *, verbose: bool) -> list[str]:
    shown = set(DriftCategory) if verbose else {DriftCategory.DECLARED, DriftCategory.UNDECLARED}
    lines = [line for tier in DriftCategory if tier in shown for line in tier_lines(each, tier, style)]
    contended = (f"contended: {message}" for message in each.contended)
    for problem in (each.missing, each.error, each.left, *contended):
        lines += style.wrap(problem, "    ", f"  {style.sign('!')} ") if problem else []
    if not lines:
        return []
    named = f" ({each.name})" if each.name not in ("", each.ref.name) else ""
    return [style.paint(f"{each.ref}{escape_unprintable(named)}", "bold"), *lines]


def tier_lines(each: DriftedResource, tier: DriftCategory, style: Style) -> list[str]:
    """The members of a resource in a tier."""
    lines = []
    for change in each.of(tier):
        head = f"  {style.sign(_SIGNS[tier])} {escape_unprintable(_path(each, change))}"
        message = _drift_text(each, change, tier)
        lines.append(f"{head}: {style.fit(message, len(head) + 2)}")
    return lines


def _drift_text(each: DriftedResource, change: Change, tier: DriftCategory) -> str:
    live, desired = (_value_text(each, change, value) for value in (change.before, change.after))
    match tier:
        case DriftCategory.DECLARED:
            return f"{live} live, {desired} in the document"
        case DriftCategory.UNDECLARED:
            return f"{live} live, not in any document"
        case DriftCategory.AT_DEFAULT:
            return f"{live}, the service default"
        case DriftCategory.UNREADABLE:
            return "not readable"


def _value_text(each: DriftedResource, change: Change, value: Any) -> str:
    return "nothing" if value is None else scalar(_camel(each, change, value))


def _camel(each: DriftedResource, change: Change, value: Any) -> Any:
    """The value as documents write it; list keys in the path do not matter for its shape."""
    of = shape_at(contract(each.ref.kind).spec, change.path)
    return plain_response(to_camel(value, of) if of else value)


def _path(each: DriftedResource, change: Change) -> str:
    return dotted_path(camel_path(change.path, contract(each.ref.kind).spec))


def dangling_text(each: Dangling) -> str:
    """One dangling reference: the chain of names down to the missing resource."""
    kind_contract = contract(each.kind)
    text = f"{each.kind} '{each.name}': {dotted_path(camel_path(each.edges[0].path, kind_contract.spec))}"
    names = " -> ".join(f"{edge.to} '{edge.text}'" for edge in each.edges)
    return f"{text} names {names}, which does not exist"


def drift_sum(found: Sequence[DriftedResource], looked: DanglingReport | None) -> str:
    """The summary in one line."""
    count = {tier: sum(len(each.of(tier)) for each in found) for tier in DriftCategory}
    drifted = [each for each in found if each.drifts]
    hidden = _counts_text(
        (count[DriftCategory.AT_DEFAULT], "at service defaults"),
        (count[DriftCategory.UNREADABLE], "not readable"),
    )
    checked = looked.count if looked else 0
    account = f" {checked} live resources were checked for dangling references." if checked else ""
    tail = f"; {hidden}.{account}" if hidden else f".{account}"
    if not drifted:
        return f"No drift in {len(found)} resources{tail}"
    members = _counts_text(
        (count[DriftCategory.DECLARED], "declared"),
        (count[DriftCategory.UNDECLARED], "undeclared"),
        (sum(bool(each.missing) for each in found), "missing"),
        (sum(bool(each.left) for each in found), "left under a previous name"),
    )
    return f"Drift in {len(drifted)} of {len(found)} resources{f': {members}' if members else ''}{tail}"


def _counts_text(*counts: tuple[int, str]) -> str:
    """The counts as text, without zeros."""
    return ", ".join(f"{count} {word}" for count, word in counts if count)


def drift_json(
    found: Sequence[DriftedResource], looked: DanglingReport | None, version: str
) -> dict[str, Any]:
    """The same for programs."""
    dangling = looked.dangling if looked else ()
    return {
        "format_version": "1.0",
        "tool_version": version,
        "resources": [_resource_json(each) for each in found],
        "dangling": [
            {
                "kind": each.kind,
                "name": each.name,
                "chain": [{"kind": edge.to, "name": edge.text} for edge in each.edges],
                "message": dangling_text(each),
            }
            for each in dangling
        ],
        "drifted": any(each.drifts for each in found),
        "errored": any(each.error for each in found) or bool(looked and looked.errors),
    }


def _resource_json(each: DriftedResource) -> dict[str, Any]:
    tiers = {tier.value: [_change_json(each, change) for change in each.of(tier)] for tier in DriftCategory}
    document: dict[str, Any] = {
        "address": str(each.ref),
        "aws_name": each.name,
        "missing": each.missing,
        "error": each.error,
        "left_behind": each.left,
    }
    document["contended"] = list(each.contended)
    return {**document, **tiers}


def _change_json(each: DriftedResource, change: Change) -> dict[str, Any]:
    path = camel_path(change.path, contract(each.ref.kind).spec)
    return {
        "path": pointer(path),
        "live": _camel(each, change, change.before),
        "wanted": _camel(each, change, change.after),
    }


def accepted_json(written: Sequence[tuple[str, Edit]], left: Sequence[UnacceptedDrift]) -> dict[str, Any]:
    """The written changes, and the refused ones."""
    return {
        "written": [
            {"file": file, "address": str(edit.ref), "path": pointer(edit.path)} for file, edit in written
        ],
        "left": [{"where": each.where, "reason": each.why} for each in left],
    }
