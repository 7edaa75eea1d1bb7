"""The controller of GitSyncs, its thread, and checks across GitSyncs."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.gitops.loop import Threads
from controller.gitops.status import SyncRecord
from controller.gitops.sync import Sync
from controller.gitops.sync_file import circle
from controller.operator.accounts import Tenants
from controller.operator.cached_object import Item
from controller.operator.constants import places_of
from controller.operator.gitsync.finalizer import end
from controller.operator.gitsync.namespace_syncs import NamespaceSyncs, Shared
from controller.operator.gitsync.spec import forbidden, needs, owner
from controller.operator.isolation import isolated, named
from controller.operator.kube.api import ApiError
from controller.operator.object_cache import ObjectCache
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict, broken
from controller.runtime.atomic_file import StateError
from controller.runtime.log import about

_SHOWN = 5


def troubles(items: Iterable[Item], tenants: Tenants, own_set: str, cluster: str) -> dict[Ref, Verdict]:
    """Why some may not be followed.

    Args:
        items: all of them.
        tenants: what each namespace may ask for.
        own_set: the operator's, which no sync may own.
        cluster: the cluster's own, which begins the set of a sync that names none.

    """
    other_items = sorted(items, key=lambda each: (str(each.metadata.get("creationTimestamp", "")), each.ref))
    found = {each.ref: _unreadable(each) for each in other_items if each.parsed.findings}
    other_items = [each for each in other_items if each.ref not in found]
    why = {
        each.ref: forbidden(each, tenants.grant(each.ref.namespace), own_set, cluster) for each in other_items
    }
    allowed = [each for each in other_items if not why[each.ref]]
    for judge in (_circles, _shared(tenants, cluster)):
        found |= judge(allowed)  # what is not allowed takes no set from others
    found |= {ref: Verdict(Reason.NOT_ALLOWED, message) for ref, message in why.items() if message}
    return found | _roleless(tenants, other_items)


def _unreadable(item: Item) -> Verdict:
    lines = [finding.message for finding in item.parsed.findings]
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    return Verdict(Reason.INVALID_SPEC, "; ".join([*lines[:_SHOWN], *more]))


def _roleless(tenants: Tenants, items: list[Item]) -> dict[Ref, Verdict]:
    return {
        each.ref: Verdict(
            Reason.NAMESPACE_NOT_ALLOWED, f"no role is configured for the namespace {each.ref.namespace}"
        )
        for each in items
        if tenants.of(each.ref.namespace) is None
    }


def _shared(tenants: Tenants, cluster: str) -> Callable[[list[Item]], dict[Ref, Verdict]]:
    """Two that own one set in one account would undo each other: the older has it."""

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


def _circles(items: list[Item]) -> dict[Ref, Verdict]:
    found: dict[Ref, Verdict] = {}
    spaces: dict[str, list[Item]] = {}
    for each in items:
        spaces.setdefault(each.ref.namespace, []).append(each)
    for those in spaces.values():
        around = circle({each.ref.name: needs(each) for each in those})
        message = f"syncs depend on each other: {' -> '.join(around)}"
        found |= {
            each.ref: Verdict(Reason.INVALID_SPEC, message) for each in those if each.ref.name in around
        }
    return found


_log = logging.getLogger("sagectl.gitsync")
_LONGEST_WAIT = 1.0


@dataclass
class GitSyncRegistry:
    """All GitSyncs. ``serves`` tells those that are ours to work on."""

    shared: Shared
    serves: Callable[[Item], bool] = lambda _: True
    places: dict[str, NamespaceSyncs] = field(default_factory=dict)
    gap: Callable[[], None] = lambda: None
    _marks: dict[Ref, tuple[str, int]] = field(default_factory=dict)

    def seen(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> Item:
        """Take in an object that the cluster shows."""
        before, now = self.shared.store.put(ref, value)
        if before is not now:
            self.shared.ended.set()
        del cause
        return now

    @property
    def store(self) -> ObjectCache:
        """All that are known."""
        return self.shared.store

    def listed(self, ref: Ref, value: Mapping[str, Any], cause: str = "") -> None:
        """Take in an object of a list; one that is known already tells of a gap in the watch."""
        if self.store.get(ref) is not None:
            self.gap()
        self.seen(ref, value, cause)

    def gone(self, ref: Ref, uid: str = "", cause: str = "") -> None:
        """Take in that an object is gone."""
        self.shared.store.remove(ref, uid)
        self.shared.ended.set()
        del cause

    def shown(self, ref: Ref, version: str) -> bool:
        """Note that the server shows a version of an object; gives whether that one is held already."""
        return self.store.shown(ref, version)

    def begin(self, namespaces: Sequence[str]) -> None:
        """Begin anew, from what the API server has now: another replica may have written meanwhile.

        Raises:
            ApiError: the server refused.

        """
        for syncs in self.places.values():
            syncs.close()
        self.places, self._marks = {}, {}
        for path in places_of(SYNC.kind, namespaces):
            listed = self.shared.context.api.get(path).get("items", ())
            for _ in isolated(listed, self._begun, "begin", named):
                pass

    def _begun(self, value: Mapping[str, Any]) -> Item:
        metadata = value["metadata"]
        return self.seen(Ref(SYNC.kind, metadata["name"], metadata["namespace"]), value)

    def end(self) -> None:
        """End; what is due to be told is told still."""
        for syncs in self.places.values():
            syncs.end()

    def standing(self) -> list[tuple[Sync, SyncRecord]]:
        """All syncs that are followed, and how they stand; others may be looked for meanwhile."""
        return [each for syncs in list(self.places.values()) for each in syncs.standing()]

    def run_once(self) -> float:
        """Attend to all objects, start what is due, and say in how many seconds something else is."""
        items = [each for each in self.shared.store.all() if self.serves(each)]
        context = self.shared.context
        unfit = troubles(items, context.accounts.tenants, context.rules.set, context.cluster)
        for each in items:
            self._guarded(each, unfit.get(each.ref))
        self._part({each.ref for each in items})
        return min([_LONGEST_WAIT, *(syncs.loop.run_once() for syncs in self.places.values())])

    def _guarded(self, item: Item, trouble: Verdict | None) -> None:
        """One object must not stop the others."""
        syncs = self.places.get(item.ref.namespace)
        if syncs is None:
            syncs = self.places[item.ref.namespace] = NamespaceSyncs(item.ref.namespace, self.shared)
        if syncs.loop.is_busy(item.ref.name):
            return
        try:
            self._attend(item, syncs, trouble)
        except (ApiError, StateError) as error:
            _log.warning("not attended", extra={"fields": {**about(item.ref), "error": str(error)}})
        except Exception as error:  # noqa: BLE001 - see above
            self.shared.context.metrics.panicked()
            _log.exception("not attended", extra={"fields": {**about(item.ref)}})
            with suppress(ApiError, StateError):
                syncs.tell(item, broken(error))

    def _attend(self, item: Item, syncs: NamespaceSyncs, trouble: Verdict | None) -> None:
        if item.deleting:
            end(item, syncs, self.shared, trouble)
            return
        mark = item.uid, item.generation
        if trouble is not None:
            self._refuse(item, syncs, trouble)
        elif self._marks.get(item.ref) != mark:
            self._follow(item, syncs)
            self._marks[item.ref] = mark
        elif item.ref.name in syncs.fleet.followers:
            ObjectPatcher(
                item, self.shared.context.api, self.seen
            ).hold()  # where somebody took our finalizer off
            syncs.publish(syncs.fleet.followers[item.ref.name])

    def _refuse(self, item: Item, syncs: NamespaceSyncs, why: Verdict) -> None:
        self._marks.pop(item.ref, None)
        syncs.bar(item.ref.name)
        syncs.tell(item, why)

    def _follow(self, item: Item, syncs: NamespaceSyncs) -> None:
        found = syncs.read(item)
        if found.sync is None:
            self._refuse(item, syncs, Verdict(Reason.INVALID_SPEC, found.trouble))
            return
        subject = ObjectPatcher(item, self.shared.context.api, self.seen)
        subject.hold()
        syncs.follow(found)

    def _part(self, there: set[Ref]) -> None:
        for syncs in self.places.values():
            for name in {*syncs.fleet.followers, *syncs.fleet.barred}:
                if Ref(SYNC.kind, name, syncs.namespace) not in there and not syncs.loop.is_busy(name):
                    syncs.forget(name)
        self._marks = {ref: mark for ref, mark in self._marks.items() if ref in there}


_IDLE = 0.5
_SOON = 0.05  # between two turns, whatever happens


@dataclass
class Driver:
    """Runs the reconciliation of the registry, one pass after the other."""

    registry: GitSyncRegistry
    threads: Threads
    namespaces: Sequence[str] = ()
    _thread: threading.Thread | None = None
    _led: bool = field(default=False)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="gitsync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self.registry.shared.stop.set()
        self.registry.shared.ended.set()
        if self._thread is not None:
            self._thread.join()
            self.threads.close()
            self.registry.end()

    def _run(self) -> None:
        shared = self.registry.shared
        while not shared.stop.wait(_SOON):
            left = _IDLE
            try:
                left = self._run_once()
            except Exception:  # noqa: BLE001 - the next turn may do better
                _log.exception("the reconciliation failed")
                shared.stop.wait(_IDLE)
            shared.ended.wait(left)
            shared.ended.clear()

    def _run_once(self) -> float:
        led, self._led = self._led, self.registry.shared.context.leads()
        if not self._led:
            return _IDLE
        if not led:
            self._led = False  # until the beginning has succeeded
            self.registry.begin(self.namespaces)
            self._led = True
        return self.registry.run_once()
