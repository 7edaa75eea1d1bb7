"""Which documents a run covers: sources, ``--target`` and ``--exclude``.

A run that reads only a part of the sources sees no document for the other resources; that does not mean that they were
removed.

Targets of a plan or apply include their dependencies, and exclusions include their dependents. Targets of a destroy
include nothing else: resources that a person did not name are never deleted.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import ObservedAccount
from controller.engine.plan import Step
from controller.engine.preconditions import users_of_kind
from controller.inventory.model import Entry, Inventory
from controller.manifests.bundle import Bundle


class Coverage(Protocol):
    """The sources that a run reads, by names that are the same on every machine."""

    def source(self, file: str) -> str:
        """The machine-independent name of a file, by the name in its documents' origin."""

    def covers(self, source: str) -> bool:
        """Whether this run would have read a file of that name if it existed."""


def with_sources(inventory: Inventory, observed: ObservedAccount, coverage: Coverage | None) -> Inventory:
    """The inventory, with the source of each document in its entry."""
    if coverage is None:
        return inventory
    entries: dict[Ref, Entry] = dict(inventory.entries)
    for ref in observed.resolved.keys() & entries.keys():
        file = observed.resolved[ref].resource.document.origin.file
        entries[ref] = replace(entries[ref], source=coverage.source(file))
    return replace(inventory, entries=entries)


def outside_reason(entry: Entry, coverage: Coverage | None) -> str:
    """Why a run can't determine that an entry's document was removed; empty if it can."""
    if coverage is None or coverage.covers(entry.source):
        return ""
    if not entry.source:
        return "the inventory does not say where its document was, so this run may not have read it"
    return f"its document was in {source_text(entry.source)}, which this run does not read"


def source_text(source: str) -> str:
    """A source as messages show it."""
    return source.removeprefix("file:").removeprefix("git:").removeprefix("repo:") or "."


_LEFT = "not requested"
_RESTS = frozenset({Action.NOOP, Action.FORGET})
_ENDS = frozenset({Action.DELETE, Action.STOP})


@dataclass(frozen=True)
class TargetSelection:
    """The chosen documents; without targets all. ``alone``: the dependencies of targets are only read."""

    targets: frozenset[Ref] = frozenset()
    excludes: frozenset[Ref] = frozenset()
    alone: bool = False

    def __bool__(self) -> bool:
        """Whether anything was chosen."""
        return bool(self.targets or self.excludes)


EVERYTHING = TargetSelection()


@dataclass(frozen=True)
class Scope:
    """The documents inside, and why documents that nobody named were included or excluded."""

    choice: TargetSelection
    inside: frozenset[Ref]
    along: Mapping[str, str] = field(default_factory=dict)


def scope_of(bundle: Bundle, choice: TargetSelection, lost: Iterable[Ref], *, destroy: bool) -> Scope:
    """The documents that a selection covers.

    Args:
        bundle: the desired state.
        choice: what a person chose.
        lost: entries of the inventory without a document.
        destroy: whether the resources are to be deleted.

    """

    def needs(ref: Ref) -> Iterable[Ref]:
        return sorted(bundle.resources[ref].needs) if ref in bundle.resources else ()

    everything = frozenset(bundle.resources) | frozenset(lost)
    inside = set(choice.targets or everything)
    along: dict[str, str] = {}
    if choice.targets and not destroy and not choice.alone:
        came = _reachable(choice.targets, needs)
        inside |= set(came)
        along |= {str(ref): f"included: {user} needs it" for ref, user in came.items()}
    stayed = _reachable(choice.excludes, needs if destroy else bundle.users_of)
    message = "excluded too: {} depends on it" if destroy else "excluded too: it needs {}"
    along |= {str(ref): message.format(cause) for ref, cause in stayed.items() if ref in inside}
    fields = {
        address: along[address] for address in sorted(along) if address not in map(str, choice.excludes)
    }
    return Scope(choice, frozenset(inside - choice.excludes - set(stayed)), fields)


def _reachable(start: Iterable[Ref], onward: Callable[[Ref], Iterable[Ref]]) -> dict[Ref, Ref]:
    """All nodes that are reachable from the start nodes, without those, each with its predecessor."""
    begun = frozenset(start)
    found: dict[Ref, Ref] = {}
    edge = sorted(begun)
    for ref in edge:
        for other in onward(ref):
            if other not in found and other not in begun:
                found[other] = ref
                edge.append(other)
    return found


def limit_to_scope(steps: list[Step], bundle: Bundle, scope: Scope, *, destroy: bool) -> list[Step]:
    """The steps: those outside do nothing, and those inside delete nothing that one outside depends on."""
    if not scope.choice:
        return steps
    outside = [step for step in steps if step.ref not in scope.inside]
    return [_scope_deletion(step, outside, bundle, scope, destroy=destroy) for step in steps]


def _scope_deletion(step: Step, outside: list[Step], bundle: Bundle, scope: Scope, *, destroy: bool) -> Step:
    if step.ref not in scope.inside:
        return _leave_step(step, scope.along.get(str(step.ref), _LEFT))
    if step.action not in _ENDS:
        return step
    if destroy:
        users = [other.id for other in outside if other.id in step.needs]
        detail = f"{', '.join(users)} uses it and is excluded; select it too to delete both"
        return (
            replace(step, action=Action.BLOCKED, why=Reason.STILL_USED, calls=(), detail=detail)
            if users
            else step
        )
    users = [other.id for other in outside if other.action not in _RESTS and _may_use(other, step, bundle)]
    return (
        _leave_step(step, f"kept for now: {', '.join(users)} may still use it and is excluded")
        if users
        else step
    )


def _may_use(other: Step, step: Step, bundle: Bundle) -> bool:
    """Whether a document may depend on the step's resource: by its links, or by its kind if links are unknown."""
    if step.ref in bundle.resources:
        return other.ref in _reachable([step.ref], bundle.users_of)
    return other.ref.kind in _kinds_above(step.ref.kind)


def _kinds_above(kind: str) -> frozenset[str]:
    """The kinds that may depend on a kind, directly or indirectly."""
    found: set[str] = set()
    edge = [kind]
    for each in edge:
        fresh = [user for user in users_of_kind(each) if user not in found]
        found |= set(fresh)
        edge += fresh
    return frozenset(found)


def _leave_step(step: Step, reason: str) -> Step:
    return replace(
        step,
        action=Action.NOOP,
        why=Reason.OUT_OF_SCOPE,
        calls=(),
        changes=(),
        notes=(),
        withheld="",
        detail=reason,
    )
