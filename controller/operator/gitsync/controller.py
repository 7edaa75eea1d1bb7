"""The reconciler of GitSyncs, and checks across GitSyncs."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from controller.aws_events.message import ResourceEvent
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.gitops.status import SyncRecord
from controller.gitops.sync import Sync
from controller.gitops.sync_file import cycle
from controller.operator.accounts import Tenants
from controller.operator.cached_object import Item
from controller.operator.constants import list_paths_of
from controller.operator.gitsync.finalizer import finalize
from controller.operator.gitsync.namespace_syncs import NamespaceSyncs, Shared
from controller.operator.gitsync.spec import owner, required_syncs, why_forbidden
from controller.operator.isolation import map_isolated, object_name
from controller.operator.kube.api import ApiError
from controller.operator.object_cache import ObjectCache
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict, verdict_of_exception
from controller.runtime.atomic_file import StateError
from controller.runtime.backoff import Backoff
from controller.runtime.log import object_fields
from controller.runtime.reconciler import ReconcileResult
from controller.runtime.workqueue import ReconcileRequest

_SHOWN = 5


def refusal_reasons(
    items: Iterable[Item], tenants: Tenants, own_set: str, cluster: str
) -> dict[Ref, Verdict]:
    """The verdicts of GitSyncs that may not be followed.

    Args:
        items: all of them.
        tenants: the roles and permissions of namespaces.
        own_set: the operator's set, which no sync may use.
        cluster: the cluster's set, the prefix of the default sets of syncs.

    """
    other_items = sorted(items, key=lambda each: (str(each.metadata.get("creationTimestamp", "")), each.ref))
    found = {each.ref: _invalid_spec(each) for each in other_items if each.parsed.findings}
    other_items = [each for each in other_items if each.ref not in found]
    why = {
        each.ref: why_forbidden(each, tenants.grant(each.ref.namespace), own_set, cluster)
        for each in other_items
    }
    allowed = [each for each in other_items if not why[each.ref]]
    for judge in (_cycles, _refuse_shared_sets(tenants, cluster)):
        found |= judge(allowed)  # a forbidden sync does not claim a set
    found |= {ref: Verdict(Reason.NOT_ALLOWED, message) for ref, message in why.items() if message}
    return found | _without_role(tenants, other_items)


def _invalid_spec(item: Item) -> Verdict:
    lines = [finding.message for finding in item.parsed.findings]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Verdict(Reason.INVALID_SPEC, "; ".join([*lines[:_SHOWN], *more]))


def _without_role(tenants: Tenants, items: list[Item]) -> dict[Ref, Verdict]:
    return {
        each.ref: Verdict(
            Reason.NAMESPACE_NOT_ALLOWED, f"no role is configured for the namespace {each.ref.namespace}"
        )
        for each in items
        if tenants.of(each.ref.namespace) is None
    }


def _refuse_shared_sets(tenants: Tenants, cluster: str) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    """Refuse a set that an older GitSync of the same account has: two owners would revert each other."""

    def judge(items: list[Item]) -> dict[Ref, Verdict]:
        first: dict[object, Item] = {}
        found = {}
        for each in items:
            of = owner(each, cluster)
            had = first.setdefault((tenants.of(each.ref.namespace), of), each)
            if had is not each:
                message = f"the set {of} is owned by {had.ref.kind}/{had.ref.name} already"
                found[each.ref] = Verdict(Reason.INVALID_SPEC, message)
        return found

    return judge


def _cycles(items: list[Item]) -> dict[Ref, Verdict]:
    found: dict[Ref, Verdict] = {}
    spaces: dict[str, list[Item]] = {}
    for each in items:
        spaces.setdefault(each.ref.namespace, []).append(each)
    for those in spaces.values():
        members = cycle({each.ref.name: required_syncs(each) for each in those})
        message = f"syncs depend on each other: {' -> '.join(members)}"
        found |= {
            each.ref: Verdict(Reason.INVALID_SPEC, message) for each in those if each.ref.name in members
        }
    return found


_log = logging.getLogger("sagectl.gitsync")


@dataclass
class GitSyncController:
    """Reconciles GitSyncs, and handles their watch events.

    Attributes:
        shared: what all namespaces share.
        serves: whether this operator reconciles a GitSync.
        namespaces: those that are watched; all where none is named.
        namespace_syncs: the syncs of each namespace while this replica leads.
        gap: called when a watch was restarted.

    """

    shared: Shared
    serves: Callable[[Item], bool] = lambda _: True
    namespaces: Sequence[str] = ()
    namespace_syncs: dict[str, NamespaceSyncs] = field(default_factory=dict)
    gap: Callable[[], None] = lambda: None
    _marks: dict[Ref, tuple[str, int]] = field(default_factory=dict)
    _refusal_reasons: dict[Ref, Verdict] = field(default_factory=dict)
    _changes: int = 0  # changes of any GitSync, and the number that the verdicts consider
    _judged: int = -1
    _judging: Lock = field(default_factory=Lock)
    _placing: Lock = field(default_factory=Lock)
    _beginning: Lock = field(default_factory=Lock)
    _begun: bool = False

    @property
    def store(self) -> ObjectCache:
        """All cached GitSyncs."""
        return self.shared.store

    def on_object(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> Item:
        """Handle an object of a watch event."""
        before, now = self.store.put(ref, value)
        if before is not now:
            if before is None or _concerns_others(before, now):
                self._changes += 1
            self.shared.queue.add(ref, cause)
        return now

    def on_listed(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> None:
        """Handle an object of a list; a known one shows a gap in the watch."""
        if self.store.get(ref) is not None:
            self.gap()
        self.on_object(ref, value, cause)

    def on_deleted(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Handle the deletion of an object."""
        self.store.remove(ref, uid)
        self._changes += 1
        self.shared.queue.add(ref, cause)

    def on_version(self, ref: Ref, version: str) -> bool:
        """Note that the server shows a version of an object; gives whether that one is held already."""
        return self.store.confirm_version(ref, version)

    def on_elected(self) -> None:
        """Read all GitSyncs again before the next pass: another replica may have written meanwhile."""
        self._begun = False

    def changed_in_aws(self, events: Sequence[ResourceEvent]) -> None:
        """Enqueue the GitSyncs that own a resource of these events of AWS."""
        for syncs in tuple(self.namespace_syncs.values()):
            syncs.fleet.changed_in_aws(events)

    def is_leader(self) -> bool:
        """Whether this replica leads, and has read all GitSyncs since it began to."""
        if not self.shared.context.is_leader():
            self._begun = False
            return False
        if self._begun:
            return True
        if not self._beginning.acquire(blocking=False):
            return False
        try:
            self._begin()
        except ApiError as error:
            _log.warning("no list", extra={"fields": {"error": str(error)}})
            return False
        finally:
            self._beginning.release()
        return True

    def _begin(self) -> None:
        self._begun = True
        try:
            for syncs in self.namespace_syncs.values():
                syncs.close()
            self.namespace_syncs, self._marks = {}, {}
            for path in list_paths_of(SYNC.kind, self.namespaces):
                listed = self.shared.context.api.get(path).get("items", ())
                for _ in map_isolated(listed, self._cache_listed, "begin", object_name):
                    pass
        except ApiError:
            self._begun = False
            raise
        for each in self.store.all():
            self.shared.queue.add(each.ref)

    def _cache_listed(self, value: Mapping[str, Any]) -> Item:
        metadata = value["metadata"]
        return self.on_object(Ref(SYNC.kind, metadata["name"], metadata["namespace"]), value)

    def close(self) -> None:
        """Stop; queued reports are still sent."""
        for syncs in self.namespace_syncs.values():
            syncs.shut_down()

    def records(self) -> list[tuple[Sync, SyncRecord]]:
        """All syncs that are followed, and their records."""
        return [each for syncs in list(self.namespace_syncs.values()) for each in syncs.records()]

    def reconcile(self, request: ReconcileRequest[Ref]) -> ReconcileResult:
        """One pass over a GitSync."""
        ref = request.key
        item = self.store.get(ref)
        if item is None or not self.serves(item):
            self._forget(ref)
            return ReconcileResult()
        syncs = self._namespace_syncs(ref.namespace)
        try:
            return self._reconcile(item, syncs, request)
        except (ApiError, StateError) as error:
            _log.warning("not reconciled", extra={"fields": {**object_fields(ref), "error": str(error)}})
        except Exception as error:  # noqa: BLE001 - see above
            self.shared.context.metrics.panicked()
            _log.exception("not reconciled", extra={"fields": {**object_fields(ref)}})
            with suppress(ApiError, StateError):
                syncs.report(item, verdict_of_exception(error))
        return ReconcileResult(backoff=self.shared.context.rules.retry)

    def _reconcile(
        self, item: Item, syncs: NamespaceSyncs, request: ReconcileRequest[Ref]
    ) -> ReconcileResult:
        poll = self.shared.context.rules.poll_seconds
        problem = self._problem(item.ref)
        self._reconcile_sync(item, syncs, problem)
        follower = syncs.fleet.followers.get(item.ref.name)
        if follower is None:  # a new Secret, or a consent on a namespace, causes no event
            return ReconcileResult(backoff=Backoff(longest=poll))
        result = syncs.controller.reconcile(ReconcileRequest(item.ref.name, request.since, request.cause))
        now = self.store.get(item.ref)
        if now is not None and now.is_deleting:
            finalize(now, syncs, self.shared, problem)
            return ReconcileResult(min(poll, result.requeue_after or poll))
        syncs.publish(follower)
        return result

    def _namespace_syncs(self, namespace: str) -> NamespaceSyncs:
        with self._placing:
            if namespace not in self.namespace_syncs:
                self.namespace_syncs[namespace] = NamespaceSyncs(namespace, self.shared)
            return self.namespace_syncs[namespace]

    def _problem(self, ref: Ref) -> Verdict | None:
        """Why a GitSync may not be followed; others for which that changed are enqueued."""
        context = self.shared.context
        with self._judging:
            if self._judged != self._changes:
                changes, before = self._changes, self._refusal_reasons
                served = [each for each in self.store.all() if self.serves(each)]
                self._refusal_reasons = refusal_reasons(
                    served, context.accounts.tenants, context.rules.set, context.cluster
                )
                self._judged = changes
                for other in before.keys() | self._refusal_reasons.keys():
                    if before.get(other) != self._refusal_reasons.get(other):
                        self.shared.queue.add(other)
            return self._refusal_reasons.get(ref)

    def _reconcile_sync(self, item: Item, syncs: NamespaceSyncs, problem: Verdict | None) -> None:
        if item.is_deleting:
            finalize(item, syncs, self.shared, problem)
            return
        mark = item.uid, item.generation
        if problem is not None:
            self._refuse(item, syncs, problem)
        elif self._marks.get(item.ref) != mark:
            self._follow(item, syncs)
        elif item.ref.name in syncs.fleet.followers:
            self._add_finalizer(item)  # in case somebody removed our finalizer

    def _refuse(self, item: Item, syncs: NamespaceSyncs, why: Verdict) -> None:
        self._marks.pop(item.ref, None)
        syncs.block(item.ref.name)
        syncs.report(item, why)

    def _follow(self, item: Item, syncs: NamespaceSyncs) -> None:
        found = syncs.read(item)
        if found.sync is None:
            self._refuse(item, syncs, Verdict(Reason.INVALID_SPEC, found.problem))
            return
        self._add_finalizer(item)
        syncs.follow(found)
        self._marks[item.ref] = item.uid, item.generation

    def _add_finalizer(self, item: Item) -> None:
        ObjectPatcher(item, self.shared.context.api, self.on_object).add_finalizer()

    def _forget(self, ref: Ref) -> None:
        self._marks.pop(ref, None)
        if ref.namespace in self.namespace_syncs:
            self.namespace_syncs[ref.namespace].forget(ref.name)


def _concerns_others(before: Item, now: Item) -> bool:
    """Whether a change of one GitSync may change why another is not followed."""
    return (before.uid, before.generation, before.is_deleting, before.labels) != (
        now.uid,
        now.generation,
        now.is_deleting,
        now.labels,
    )
