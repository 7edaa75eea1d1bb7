"""Differences between the account and the documents, in tiers: declared, undeclared, unreadable."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from controller.core.path import Path, expand
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.compare import by_key, is_empty, is_satisfied, pattern_below
from controller.engine.diff import comparable_members, diff
from controller.engine.ignored_members import ignored_paths, ignores_tag, with_live_values
from controller.engine.live_spec import non_default, spec_members
from controller.engine.observed import Live, is_foreign_tag
from controller.engine.plan import Change, Step
from controller.engine.report import Report
from controller.engine.stale_dependencies import outdated_links
from controller.inventory.model import Entry
from controller.manifests.bundle import Bundle
from controller.manifests.document import Mode
from controller.manifests.resolve import Resolved, Unknown
from controller.schema.contract import Contract


class DriftCategory(Enum):
    """The category of a difference; the value is what JSON shows."""

    DECLARED = "declared"
    UNDECLARED = "undeclared"
    AT_DEFAULT = "at_default"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class DriftedField:
    """One differing member in one tier: ``change`` goes from the live value to the written one."""

    tier: DriftCategory
    change: Change


@dataclass(frozen=True)
class DriftedResource:
    """A document, its resource, and their differences.

    ``missing`` is why there is no resource, ``error`` why it can't be read, ``contended`` the fields that are not
    corrected because another writer sets them again and again. ``left`` is why a resource that the document had under
    another name still exists.
    """

    ref: Ref
    name: str
    fields: tuple[DriftedField, ...] = ()
    missing: str = ""
    error: str = ""
    contended: tuple[str, ...] = ()
    left: str = ""

    def of(self, tier: DriftCategory) -> tuple[Change, ...]:
        """The changes in a tier."""
        return tuple(field.change for field in self.fields if field.tier is tier)

    @property
    def drifts(self) -> bool:
        """Whether the resource differs from its document, or has undeclared members."""
        return bool(
            self.missing or self.left or self.of(DriftCategory.DECLARED) or self.of(DriftCategory.UNDECLARED)
        )


def drifts(bundle: Bundle, seen: Report) -> tuple[DriftedResource, ...]:
    """All documents except those with mode Off, compared with the report of a pass that changed nothing."""
    steps = {step.id: step for step in seen.plan.steps}
    desired = (ref for ref in sorted(bundle.resources) if bundle.resources[ref].policy.mode is not Mode.OFF)
    left = [step for step in seen.plan.steps if step.why in (Reason.PREVIOUS_NAME, Reason.RENAMED)]
    behind = (DriftedResource(step.ref, str(step.name), left=step.detail) for step in left)
    return (*(_drift_of(steps[str(ref)], seen) for ref in desired), *behind)


def _drift_of(step: Step, seen: Report) -> DriftedResource:
    observed, ref = seen.observed, step.ref
    if observed is None:
        raise ValueError("a report without its observed state has no drift")
    name = step.name if isinstance(step.name, str) else ""
    if ref in observed.errors:
        return DriftedResource(ref, name, error=str(observed.errors[ref]))
    resolved, live = observed.resolved[ref], observed.live.get(ref)
    if live is None:
        return _missing_resource(step, DriftedResource(ref, name), resolved)
    if live.phase is Phase.DELETING:
        return DriftedResource(ref, live.name, missing="it is being deleted")
    ignored = {path[:1] for path in ignored_paths(resolved.resource)}
    older = [
        each for each in outdated_links(resolved, live, observed, Entry(ref)) if each.path not in ignored
    ]
    stuck = {each.path: each for each in step.changes if each.stays}
    fields = (
        *_declared_drift(resolved, live),
        *(DriftedField(DriftCategory.DECLARED, each) for each in older),
        *_tags(resolved, live),
        *(each for each in _extra(resolved, live) if each.change.path not in stuck),
        *(DriftedField(DriftCategory.DECLARED, each) for each in stuck.values()),
        *_unreadable_fields(resolved),
    )
    return DriftedResource(ref, live.name, fields, contended=step.contended)


def _missing_resource(step: Step, found: DriftedResource, resolved: Resolved) -> DriftedResource:
    if step.why in (Reason.ALREADY_RAN, Reason.NOT_STARTED):
        return found
    if step.action is Action.CREATE_BEFORE_DELETE and step.changes:
        changes = tuple(
            DriftedField(DriftCategory.DECLARED, change) for change in _known_changes(step.changes)
        )
        return replace(found, fields=(*changes, *_unreadable_fields(resolved)))
    return replace(found, missing=step.detail or "not in the account")


def _declared_drift(resolved: Resolved, live: Live) -> Iterator[DriftedField]:
    for change in _known_changes(diff(resolved, live.body, ignored_paths(resolved.resource))):
        yield DriftedField(DriftCategory.DECLARED, change)


def _known_changes(changes: tuple[Change, ...]) -> list[Change]:
    """The changes without those that depend on other resources, whose values are not known yet."""
    return [change for change in changes if not isinstance(change.after, Unknown)]


def _tags(resolved: Resolved, live: Live) -> Iterator[DriftedField]:
    if live.tags is None or not resolved.has_owner_tags:
        return
    desired = resolved.resource.tags
    for key in sorted({*desired, *live.tags}):
        change = Change(("Tags", key), live.tags.get(key), desired.get(key))
        if change.before == change.after or is_foreign_tag(key) or ignores_tag(resolved.resource, key):
            continue
        yield DriftedField(DriftCategory.DECLARED if key in desired else DriftCategory.UNDECLARED, change)


def _extra(resolved: Resolved, live: Live) -> Iterator[DriftedField]:
    """The members of the live body that the document does not contain."""
    contract = resolved.resource.contract
    ignored = ignored_paths(resolved.resource)
    spec = comparable_members(with_live_values(resolved.spec, live.body, contract, ignored), contract)
    extras = _Extras(contract, live.body)
    for path, value, kept in extras.undeclared_inside(spec, spec_members(live.body, contract), "", ()):
        tier = DriftCategory.AT_DEFAULT if kept is None else DriftCategory.UNDECLARED
        yield DriftedField(tier, Change(path, value if kept is None else kept, None))


@dataclass(frozen=True)
class _Extras:
    """A walk through a spec and the live body in parallel."""

    contract: Contract
    body: Mapping[str, Any]

    def undeclared_inside(
        self, desired: Any, seen: Any, at: str, path: Path
    ) -> Iterator[tuple[Path, Any, Any]]:
        """Yields paths, live values, and the parts of them that are not at their defaults."""
        if at in self.contract.kind.compare.documents:
            return
        if isinstance(desired, Mapping) and isinstance(seen, Mapping):
            yield from self._members(desired, seen, at, path)
        elif isinstance(desired, list) and isinstance(seen, list):
            for key, mine, theirs in self._pairs(desired, seen, at):
                yield from self.undeclared_inside(mine, theirs, f"{at}[]", (*path, key))

    def _members(
        self, desired: Mapping[str, Any], seen: Mapping[str, Any], at: str, path: Path
    ) -> Iterator[tuple[Path, Any, Any]]:
        for key, value in seen.items():
            here, mine = pattern_below(at, key), desired.get(key)
            if mine is None:
                yield (*path, key), value, non_default(value, here, seen, self.body, self.contract)
            elif isinstance(mine, Mapping) or not is_empty(mine):
                yield from self.undeclared_inside(mine, value, here, (*path, key))

    def _pairs(self, desired: list[Any], seen: list[Any], at: str) -> Iterator[tuple[str | int, Any, Any]]:
        row = self.contract.kind
        if at in row.compare.keyed:
            mine, theirs = by_key(desired, row.compare.keyed[at]), by_key(seen, row.compare.keyed[at])
            yield from ((key, mine[key], theirs[key]) for key in mine if key in theirs)
        elif at in row.compare.unordered:
            for i, item in enumerate(desired):
                yield from ((i, item, each) for each in seen if is_satisfied(item, each, row, f"{at}[]"))
        elif len(desired) == len(seen):
            yield from zip(range(len(desired)), desired, seen, strict=True)


def _unreadable_fields(resolved: Resolved) -> Iterator[DriftedField]:
    """The members of the spec that can't be read back, or are never compared."""
    contract = resolved.resource.contract
    for pattern in (*contract.unreadable, *contract.kind.write.write_only):
        for path, _ in expand(resolved.spec, pattern):
            yield DriftedField(DriftCategory.UNREADABLE, Change(path, None, None))
