"""An optional inner member that a document drops is removed or reported, for all kinds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import pytest
import yaml

from controller.core.path import Path, dotted_path, get, pointer, without_value
from controller.engine.diff import diff
from controller.engine.live_spec import at_default
from controller.engine.observed import Live
from controller.engine.removed_members import removals
from controller.inventory.model import Entry
from controller.kinds import KINDS
from controller.manifests.bundle import Resource
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract, contract
from controller.schema.names import aws_path, lower_camel
from controller.schema.shape import Shape, shape
from tests.journeys.stage import HEAD, compile_documents, full_stage
from tests.kinds import full
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import walk
from tests.soak import soak

UPDATED = tuple(kind for kind in KINDS if contract(kind).updates)


def _optional_member_paths(
    value: Any, of: Shape, contract: Contract, pattern: str, path: Path
) -> Iterator[tuple[Path, str]]:
    """The paths of the optional members inside those that Update accepts, and their patterns with AWS member names."""
    if pattern in contract.kind.compare.documents:
        return
    if of.type == "structure" and isinstance(value, dict):
        for name, inner in of.members.items():
            camel, here = lower_camel(name), f"{pattern}.{name}".lstrip(".")
            if camel in value and name != "Tags" and (path or name in contract.updatable):
                if path and name not in of.required:
                    yield (*path, camel), here
                yield from _optional_member_paths(value[camel], shape(inner), contract, here, (*path, camel))
    elif of.type == "list" and isinstance(value, list):
        for i, each in enumerate(value):
            yield from _optional_member_paths(each, shape(of.element), contract, f"{pattern}[]", (*path, i))


def _compile_resource(kind: str, spec: dict[str, Any], needs: tuple[str, ...]) -> Resource | None:
    """The compiled document; None if a rule of the service refuses it."""
    try:
        made = compile_documents(*needs, _document(kind, spec))
    except AssertionError:
        return None
    return next(each for ref, each in made.resources.items() if ref.kind == kind and ref.name == "full")


def _document(kind: str, spec: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})


def _is_not_described(pattern: str, contract: Contract) -> bool:
    """Whether Describe does not determine a member: hidden ones are compared with the applied spec."""
    hidden = any(
        pattern == each or pattern.startswith((f"{each}.", f"{each}[]")) for each in contract.unreadable
    )
    return hidden or pattern.split(".", maxsplit=1)[0].removesuffix("[]") in contract.kind.write.write_only


@pytest.mark.parametrize("most", [40, *soak(1000)])
@pytest.mark.parametrize("kind", walk(UPDATED))
def test_an_inner_member_is_unset_or_named(tmp_path: File, kind: str, most: int) -> None:
    """Each optional inner member that was applied and is returned: removing it changes the plan, except at a default.

    What can't be lifted is named by later plans too. In short, a share of the members of a spec that has very many.
    """
    kind_contract, unseen = contract(kind), []
    for number, spec in enumerate(full.specs(kind)):
        needs = dependencies_of(kind, number)
        stage = full_stage(tmp_path / str(number))
        stage.apply(*needs, _document(kind, spec))
        observed = stage.reconcile(*needs, _document(kind, spec), consent=False).observed
        assert observed is not None
        ref = next(each for each in observed.live if each.kind == kind and each.name == "full")
        entry, live, whole = stage.inventory().of(ref), observed.live[ref], observed.resolved[ref]
        before = _changes(entry, live, whole)  # of runs: what Describe returns under another operation
        inner = list(_optional_member_paths(spec, kind_contract.spec, kind_contract, "", ()))
        for path, pattern in inner[:: 1 + len(inner) // most]:
            resource = (
                None
                if _is_not_described(pattern, kind_contract)
                else _compile_resource(kind, without_value(spec, path), needs)
            )
            shown = aws_path(path, kind_contract.spec)
            if resource is None or get(whole.spec, shown) is None:
                continue
            less = replace(whole, resource=resource, spec=without_value(whole.spec, shown))
            value = get(live.body, shown)
            if _changes(entry, live, less) == before and not _is_absent_or_default(
                value, shown, pattern, live, kind_contract
            ):
                unseen.append((number, ".".join(map(str, shown)), value))
            named = {change.path for change in removals(entry, less, live, (), "") if change.stays}
            later = replace(entry, applied=less.spec, left=tuple(map(pointer, named)))
            forgotten = named - {change.path for change in removals(later, less, live, (), "")}
            unseen += [(number, dotted_path(each), "forgotten") for each in sorted(forgotten)]
    assert not unseen, "\n".join(map(str, unseen))


def _changes(entry: Entry, live: Live, resolved: Resolved) -> tuple[Any, ...]:
    return (
        *removals(entry, resolved, live, (), ""),
        *diff(resolved, live.body, (), entry.applied),
    )


def _is_absent_or_default(value: Any, shown: Path, pattern: str, live: Live, contract: Contract) -> bool:
    """Whether the service returns nothing for a member, or its default."""
    beside = get(live.body, shown[:-1]) or {}
    return value is None or at_default(value, pattern, beside, live.body, contract)
