"""Observation in bulk: one List page shows for a hundred resources whether they changed since they were described.

A pass over resources that nobody changed costs List pages then, and a Describe only for what changed, is new, or is
about to be changed. Whether a List suffices follows from the recorded service model: it shows a time of change or all
members, or the kind has no operation that changes a resource. Other kinds are described in each pass, or after an
interval that the user chose.
"""

import logging
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, cached_property
from typing import Any, TypeAlias

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.lookup import (
    MODIFIED,
    STAMPS,
    LiveResources,
    OwnedTags,
    add_tags,
    describe,
    is_gone,
    live,
    needs_narrowing,
    pages,
    tags_of,
)
from controller.engine.observed import OWNER, Live
from controller.engine.parallel_map import parallel_map
from controller.engine.shared_reads import SharedReads, names_in
from controller.inventory.model import Entry, Inventory
from controller.inventory.observation_cache import Key, Observation, ObservationCache
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.schema.contract import Contract, contract
from controller.schema.secret_references import references
from controller.schema.sensitive import mask_sensitive
from controller.schema.shape import Shape, shape

_log = logging.getLogger("sagectl.observation")
Summary: TypeAlias = Mapping[str, Any]
FEWEST = 2  # resources of a kind for which a List is read; a single one is described, which never lags


class ChangeSign(Enum):
    """How a kind's List shows that a resource is unchanged."""

    TIME_OF_CHANGE = "the time of the last change"
    IMMUTABLE = "ARN or name, time of creation and status; no operation changes it"
    WHOLE = "all members of the spec"
    NONE = "nothing"


def element_shape(contract: Contract) -> Shape | None:
    """The shape of a List's element; None where it can't replace Describe.

    That is where one List does not show all resources of the kind, and where Describe shows tags, whose change does not
    update the time of change.
    """
    lists, key = contract.lists, contract.kind.identity.key
    if lists is None or contract.listed_only or needs_narrowing(lists, contract.kind.identity.fixed):
        return None
    if "Tags" in contract.body.members:
        return None
    of = shape(shape(shape(lists.output).members[contract.page_member]).element)
    return of if key is None or set(key) <= of.members.keys() else None


@cache
def compared_members(kind: str) -> tuple[str, ...]:
    """The members that List and Describe both show of a kind, in the same form."""
    of, its = element_shape(contract(kind)), contract(kind).body.members
    both = {name: its[name] for name in of.members if name in its} if of else {}
    return tuple(sorted(name for name, each in both.items() if of and _is_alike(of.members[name], each)))


def _is_alike(one: str, other: str) -> bool:
    """Whether two shapes are the same, or values of the same type."""
    kind = shape(one).type
    return one == other or (kind == shape(other).type and kind not in ("structure", "list", "map"))


@cache
def change_sign(kind: str) -> ChangeSign:
    """How the List of a kind shows that a resource is unchanged, from the recorded service model."""
    its, shown = contract(kind), compared_members(kind)
    row = its.kind
    if (
        row.compare.further
        or row.write.children
        or any(membership.member for membership in row.lifecycle.memberships)
    ):
        return ChangeSign.NONE  # a part of it is read from Lists of their own
    if any(name in shown for name in MODIFIED):
        return ChangeSign.TIME_OF_CHANGE
    if its.status_member and its.status_member not in shown:
        return ChangeSign.NONE
    if its.settable and its.settable <= set(shown):
        return ChangeSign.WHOLE
    changes = its.updates or row.write.side_updates or its.updatable
    return ChangeSign.NONE if changes or not any(name in shown for name in STAMPS) else ChangeSign.IMMUTABLE


def lists_changes(kind: str) -> bool:
    """Whether the List of a kind shows that a resource was changed."""
    return change_sign(kind) is not ChangeSign.NONE


def is_unchanged(contract: Contract, summary: Summary, body: Mapping[str, Any]) -> bool:
    """Whether a List shows a resource as Describe showed it earlier.

    A List omits empty members; an omitted time proves nothing.
    """
    how, names = change_sign(contract.name), compared_members(contract.name)
    arn = summary.get(contract.listed_as[1])
    if arn is not None and arn != body.get(contract.arn_member):
        return False
    if how is ChangeSign.TIME_OF_CHANGE and not any(summary.get(name) for name in MODIFIED):
        return False
    if how is ChangeSign.IMMUTABLE and not any(summary.get(name) for name in STAMPS):
        return False
    stated = (
        names if how is ChangeSign.WHOLE else [name for name in names if name in summary or name in STAMPS]
    )
    return all(summary.get(name) == body.get(name) for name in stated)


@dataclass(frozen=True)
class Listed:
    """The elements of a kind's List, by lower-case name, ARN and written key; None where that is ambiguous.

    ``by_name`` is None if there are more pages than the limit, or a page was refused. ``pages`` are those that were
    read.
    """

    by_name: Mapping[str, Summary | None] | None
    pages: int

    def of(self, name: str) -> Summary | None:
        """The element of the one resource of that name, ARN or key."""
        return (self.by_name or {}).get(name.casefold())


def read_list(cloud: Cloud, contract: Contract, most: int | None = None) -> Listed:
    """Read the List of a kind, ``most`` pages of it at most.

    Raises:
        CloudError: AWS refused a page.

    """
    found: dict[str, Summary | None] = {}
    count = 0
    for count, page in enumerate(pages(cloud, contract, contract.kind.identity.fixed), start=1):
        if most is not None and count > most:
            return Listed(None, count)
        for each in page:
            for name in names_in(contract, each):
                found[name] = None if name in found else each
    return Listed(found, count)


def shared_list(
    cloud: Cloud, contract: Contract, reads: SharedReads, *, deleted_since: bool = False
) -> Listed | None:
    """The List of a kind that deletions of several of its resources share; None where they don't.

    With ``deleted_since`` the List is read no earlier than the last deletion of the kind that AWS began.
    """
    if element_shape(contract) is None or contract.lists is None or not reads.is_batch(contract.name):
        return None
    kind = contract.name if deleted_since else ""
    whole = reads.list_unless_large(cloud, contract.lists, contract.kind.identity.fixed, deleted_since=kind)
    if whole is None:
        return None
    found: dict[str, Summary | None] = {}
    for each in whole:
        for name in () if is_gone(contract, each) else names_in(contract, each):
            found[name] = None if name in found else each
    return Listed(found, 1)


def _most_pages(count: int) -> int:
    """The number of List pages that may be read instead of a number of Describes."""
    return max(1, count // 2)


def _has_secrets(entry: Entry, bundle: Bundle) -> bool:
    """Whether a document holds something secret, or held it when it was last applied."""
    resource = bundle.resources.get(entry.ref)
    if entry.sensitive or entry.secrets or (resource is not None and resource.sensitive):
        return True
    specs = [entry.applied or {}, resource.spec if resource else {}]
    return any(references(spec, contract(entry.ref.kind).referable) for spec in specs)


@dataclass
class BulkReads:
    """The Describes of one pass, without those that would return what an earlier pass has read, as a List proves.

    Thread-safe. No change is made on an earlier observation: ``confirm`` reads the resource again first.

    Args:
        cloud: where to read.
        inventory: the inventory; observations of its resources are kept for later passes.
        cache: earlier observations; None to describe everything.
        at: the time of the pass, in seconds since 1970.
        interval: seconds for which an observation is valid where the List does not show changes.
        shared: reads that deletions at about the same time share.

    """

    cloud: Cloud
    inventory: Inventory
    cache: ObservationCache | None = None
    at: float = 0.0
    interval: float = 0.0
    shared: SharedReads = field(default_factory=SharedReads)
    _lists: dict[str, Listed] = field(default_factory=dict)
    _described: dict[Key, Live] = field(default_factory=dict)
    _relied: dict[Key, Key] = field(default_factory=dict)
    _again: set[Key] = field(default_factory=set)
    _being_deleted: frozenset[Key] = frozenset()

    def __post_init__(self) -> None:
        """Read what was kept."""
        if self.cache is not None:
            self.cache.load(self.inventory)
        self._being_deleted = frozenset(
            (ref.kind, name) for ref, entry in self.inventory.entries.items() for name in entry.leaving
        )

    def sweep(self, pool: Executor, keys: Iterable[Key]) -> None:
        """Read the Lists that spare more Describes of these resources than they have pages."""
        kept: dict[str, int] = {}
        for kind, name in keys:
            known = self.cache.get((kind, name)) if self.cache is not None else None
            if self._may_hold(kind, known) or (
                (kind, name) in self._being_deleted and element_shape(contract(kind))
            ):
                kept[kind] = kept.get(kind, 0) + 1
        kinds = sorted(kind for kind, count in kept.items() if self._is_cheaper(kind, count))
        found = parallel_map(
            pool, kinds, lambda kind: read_list(self.cloud, contract(kind), _most_pages(kept[kind]))
        )
        for kind, seen in found.items():
            if isinstance(seen, CloudError):
                _log.info("no list", extra={"fields": {"kind": kind, "error": str(seen)}})
            elif self.cache is not None:
                self.cache.count_pages(kind, seen.pages)
            self._lists[kind] = Listed(None, 0) if isinstance(seen, CloudError) else seen
        for kind in sorted({kind for kind, _ in self._being_deleted} - found.keys()):
            if (one := shared_list(self.cloud, contract(kind), self.shared, deleted_since=True)) is not None:
                self._lists[kind] = one

    def names(self, kind: str, most: int) -> frozenset[str] | None:
        """The lower-case names that the List of a kind shows, or None where it has more pages than ``most``.

        Raises:
            CloudError: AWS refused a page.

        """
        if self._lists.get(kind, Listed(None, 0)).by_name is None:
            self._lists[kind] = read_list(self.cloud, contract(kind), most)
        found = self._lists[kind].by_name
        return None if found is None else frozenset(found)

    def describe(self, contract: Contract, name: str, *, anew: bool = False) -> Live | None:
        """What Describe shows of a resource, or showed when it was as a List shows it now; None where it is absent.

        Args:
            contract: of its kind.
            name: its name, ARN or written key.
            anew: whether a kept observation does not do, because the resource is likely to be changed.

        Raises:
            CloudError: AWS refused for another reason than absence.

        """
        key = (contract.name, name)
        if key in self._described:
            return self._described[key]
        if key in self._being_deleted and self._is_unlisted(contract.name, name):
            return None  # AWS took its deletion, and a List read to its end does not show it
        kept = None if anew or key in self._again else self._earlier_observation(contract, name)
        if kept is not None:
            self._relied[contract.name, kept.name] = key
            return kept
        found = describe(self.cloud, contract, name)
        if found is not None:
            self._described[key] = found
        return found

    def with_tags(
        self,
        pool: Executor,
        errors: dict[Ref, CloudError],
        *groups: LiveResources,
        begun: Future[OwnedTags | None] | None,
    ) -> tuple[dict[Ref, tuple[Live, ...]], ...]:
        """The same resources with their tags."""
        return add_tags(self.cloud, pool, errors, *groups, begun=begun, read=self._tags)

    def _tags(self, arn: str) -> Mapping[str, str]:
        """The tags of one resource.

        Those that other deletions have read as well are used if they show an owner, because the tagging index may lag.
        A resource of the inventory without an owner is read twice: one false answer would end its management, and an
        object of the operator would be deleted without it.
        """
        shared = self.shared.tags(self.cloud, arn)
        if shared is not None and OWNER in shared:
            return shared
        tags = tags_of(self.cloud, arn)
        return tags_of(self.cloud, arn) if OWNER not in tags and arn in self._recorded_arns else tags

    @cached_property
    def _recorded_arns(self) -> frozenset[str]:
        entries = self.inventory.entries.values()
        return frozenset(
            arn for entry in entries for arn in (entry.arn, *(old.arn for old in entry.old)) if arn
        )

    def confirm(self, live_resources: Iterable[tuple[str, Live]]) -> bool:
        """Describe the resources of these kinds from now on; whether one of them was not described in this pass."""
        before = len(self._again)
        self._again |= {
            self._relied[kind, live.name]
            for kind, live in live_resources
            if (kind, live.name) in self._relied
        }
        return len(self._again) > before

    def not_described(self, live_resources: Mapping[Ref, Live]) -> set[Ref]:
        """Those of these resources that were not described in this pass."""
        relied = {key for key, called in self._relied.items() if called not in self._again}
        return {ref for ref, live in live_resources.items() if (ref.kind, live.name) in relied}

    def save(self, bundle: Bundle, *, whole: bool) -> None:
        """Keep what was described of the resources of the inventory, without those that show something secret."""
        if self.cache is None:
            return
        entries = {
            (ref.kind, name): entry for ref, entry in self.inventory.entries.items() for name in entry.names
        }
        for key, entry in entries.items():
            if key[0] in KINDS and self.cache.get(key) is not None and _has_secrets(entry, bundle):
                self.cache.drop(key)  # an old generation may hold a literal secret
        for key, seen in self._described.items():
            if key in entries and self._is_kept(seen, entries[key], bundle):
                self.cache.put(key, Observation(seen.body, self.at))
            else:
                self.cache.drop(key)
        self.cache.save(self.inventory, whole=whole)

    def _earlier_observation(self, contract: Contract, name: str) -> Live | None:
        """An earlier observation, if it holds."""
        seen = self.cache.get((contract.name, name)) if self.cache else None
        summary = self._lists[contract.name].of(name) if contract.name in self._lists else None
        if seen is None or summary is None or not self._may_hold(contract.name, seen):
            return None
        return live(contract, name, seen.body) if is_unchanged(contract, summary, seen.body) else None

    def _is_unlisted(self, kind: str, name: str) -> bool:
        """Whether the List of a kind was read to its end in this pass and does not show a resource."""
        found = self._lists[kind].by_name if kind in self._lists else None
        return found is not None and name.casefold() not in found

    def _may_hold(self, kind: str, seen: Observation | None) -> bool:
        """Whether an observation is valid, provided that the List shows the same."""
        if seen is None:
            return False
        return lists_changes(kind) or (
            element_shape(contract(kind)) is not None and 0 <= self.at - seen.at < self.interval
        )

    def _is_cheaper(self, kind: str, count: int) -> bool:
        """Whether the List of a kind has at most half as many pages, as far as known, as it may save Describes."""
        known = self.cache.pages.get(kind, 1) if self.cache else 1
        return kind not in self._lists and count >= FEWEST and known <= _most_pages(count)

    def _is_kept(self, seen: Live, entry: Entry, bundle: Bundle) -> bool:
        """Whether an observation may be kept: it is settled, may hold, and nothing in it is secret."""
        kind, its = entry.ref.kind, contract(entry.ref.kind)
        if seen.phase not in (Phase.READY, Phase.FAILED) or not (lists_changes(kind) or self.interval):
            return False
        return not _has_secrets(entry, bundle) and mask_sensitive(seen.body, its.body) == seen.body
