"""The GitSyncs of one namespace: their reconcilers, and their shared environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from typing import Any

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.engine.observed import REBUILD
from controller.gitops.metrics import SyncMetrics
from controller.gitops.notifications import AllowedHosts
from controller.gitops.reconciler import Follower
from controller.gitops.registry import SyncRegistry
from controller.gitops.status import SyncRecord, SyncResult
from controller.gitops.status_store import RollbackPin, SyncRequest
from controller.gitops.sync import Sync, SyncContext, SyncMode
from controller.gitops.sync_controller import SyncController
from controller.inventory.observation_cache import ObservationCache
from controller.operator.cached_object import Item
from controller.operator.constants import APPROVE, RECONCILE_AT, ROLLBACK
from controller.operator.context import OperatorContext
from controller.operator.gitsync.inventory_store import ReadOnlySyncInventoryStore, SyncInventoryStore
from controller.operator.gitsync.notifier import Log, SyncNotifier
from controller.operator.gitsync.spec import ParsedSync, owner, read_sync
from controller.operator.gitsync.status import StatusDetails, record_of, verdict, whole_status
from controller.operator.kube.api import ApiError
from controller.operator.object_cache import ObjectCache
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.outcome import Verdict
from controller.operator.secrets import NamespaceSecrets
from controller.output.redact import Redactor
from controller.runtime.atomic_file import StateError
from controller.runtime.throttling import CallerPriority
from controller.runtime.workqueue import Queue
from controller.source.git.snapshot import Mirrors


@dataclass(frozen=True)
class Shared:
    """What all namespaces share.

    ``queue`` has the keys of GitSyncs to reconcile, ``hosts`` are the allowed hosts of reports and messages.
    """

    context: OperatorContext
    store: ObjectCache
    mirrors: Mirrors
    tool: str
    queue: Queue[Ref]
    metrics: SyncMetrics
    hosts: AllowedHosts = field(default_factory=AllowedHosts)
    stop: Event = field(default_factory=Event)


class NamespaceSyncs:
    """The syncs of one namespace while this replica leads: their host and store. After ``close`` it writes nothing."""

    renews = True

    def __init__(self, namespace: str, shared: Shared) -> None:
        self.namespace, self._shared, self._context = namespace, shared, shared.context
        self._grant = shared.context.grant(namespace)
        clock = shared.context.clock
        self._notifier = SyncNotifier(Log(namespace, self._redactor), clock, self.is_leader)
        self._sync_context = SyncContext(
            shared.mirrors,
            self,
            self,
            self._notifier,
            shared.tool,
            clock,
            shared.stop,
            self._grant.restrictions,
            shared.context.rules.preflight,
        )
        self.fleet = SyncRegistry((), self._sync_context, self._enqueue)
        self.controller = SyncController(self.fleet, clock)
        self._closed = False
        self._writing, self._learning = Lock(), Lock()
        self._known: frozenset[str] = frozenset()
        self._observed: dict[str, ObservationCache] = {}
        self._kept: dict[str, SyncRecord] = {}
        self._pins: dict[str, RollbackPin] = {}
        self._last_status: dict[str, object] = {}  # the inputs of the last status: building one takes long
        self._stores: dict[str, SyncInventoryStore] = {}

    def is_leader(self) -> bool:
        """Whether this replica leads and ``close`` was not called."""
        return not self._closed and self._context.is_leader()

    def close(self) -> None:
        """Write and change nothing from now on, even in passes that still run."""
        self._closed = True
        self._notifier.close()
        for name in self.fleet.followers:
            self._shared.metrics.forget(self._full_name(name))

    def records(self) -> list[tuple[Sync, SyncRecord]]:
        """Each sync, by namespace and name, and its state."""
        return [
            (replace(sync, name=self._full_name(sync.name)), record) for sync, record in self.fleet.records()
        ]

    def shut_down(self) -> None:
        """Send queued reports, then close."""
        self._notifier.close()
        self.close()

    def item(self, name: str) -> Item:
        """A sync's object.

        Raises:
            StateError: it is deleted.

        """
        found = self._shared.store.get(Ref(SYNC.kind, name, self.namespace))
        if found is None:
            raise StateError(f"there is no {SYNC.kind} {name} any more")
        return found

    def read(self, item: Item) -> ParsedSync:
        """The sync of an object, with its current Secrets."""
        secrets = NamespaceSecrets(self._context.api, self.namespace)
        context = self._context
        found = read_sync(
            item, secrets, context.rules, self._shared.hosts, self._grant, cluster=context.cluster
        )
        self._add_secrets(secrets.known)
        if found.sync is not None and self._context.accounts.tenants.requires_approval(self.namespace):
            return replace(found, sync=replace(found.sync, mode=SyncMode.PLAN))
        return found

    def follow(self, found: ParsedSync) -> None:
        """Follow a sync with these settings from now on.

        Raises:
            ApiError: the server refused its status.

        """
        if found.sync is not None:
            follower = self.fleet.add_sync(found.sync)
            self._address(found, found.sync)
            self.publish(follower)

    def inventory_store(self, item: Item) -> SyncInventoryStore:
        """The inventory store of a sync."""
        name, context = item.ref.name, self._context
        known, of = self._stores.get(name), owner(item, context.cluster)
        if known is None or (known.uid, known.set) != (item.uid, of):
            known = SyncInventoryStore(
                context.api, item.ref, item.uid, of, context.key, context.signer, self.is_leader
            )
            self._stores[name] = known
        return known

    def part(self, name: str) -> None:
        """Stop following a sync and reporting about it."""
        self.fleet.remove_sync(name)
        self._silence(name)

    def block(self, name: str) -> None:
        """Stop following a sync that exists and can't be read."""
        self.fleet.stop_invalid(name)
        self._silence(name)

    def forget(self, name: str) -> None:
        """Stop following a deleted sync, and drop its state."""
        self.part(name)
        if name in self._stores:
            self._context.signer.forget(self._stores[name].uid)
        for known in (self._kept, self._pins, self._stores, self._last_status):
            known.pop(name, None)

    def record(self, name: str) -> SyncRecord:
        """The last record of a sync."""
        return self._kept.get(name) or record_of(name, self.item(name).status)

    def write_record(self, record: SyncRecord) -> None:
        """Write the record of a sync to its object."""
        self._kept[record.name] = record
        follower = self.fleet.followers.get(record.name)
        if follower is None:
            return
        try:
            self.publish(follower)
        except ApiError as error:
            raise StateError(str(error)) from None

    def request(self, name: str) -> SyncRequest:
        """The requests in its annotations."""
        annotations = self.item(name).annotations
        return SyncRequest(
            self._rollback_pin(name),
            annotations.get(APPROVE, ""),
            annotations.get(RECONCILE_AT, ""),
            annotations.get(REBUILD, ""),
        )

    def publish(self, follower: Follower) -> None:
        """Write the status of a sync if it changed.

        Raises:
            ApiError: it is another object by now, or the server refused.

        """
        name = follower.sync.name
        with self._writing:
            item, record = self.item(name), follower.record
            of = verdict(follower, record)
            # An emptied status is restored.
            known = (item.uid, item.generation, bool(item.status))
            current = (*known, record, of, self._pins.get(name), id(follower.report))
            if self._last_status.get(name) != current:
                self.report(item, of, follower)
                self._last_status[name] = current

    def report(self, item: Item, of: Verdict, follower: Follower | None = None) -> None:
        """Write a verdict into an object's status, and record an event if its reason changed.

        Raises:
            ApiError: it is another object by now, or the server refused.

        """
        self._last_status.pop(item.ref.name, None)
        if not self.is_leader():
            return
        now, redactor = self._context.now(), self._redactor()
        name = item.ref.name
        resources = self._stores[name].resources if name in self._stores else 0
        beside = StatusDetails(follower, redactor, resources, self._pins.get(name))
        status = whole_status(item, of, now, beside)
        if ObjectPatcher(item, self._context.api, self._cache_object).write_status(status):
            self._context.metrics.record_status_write()
            self._context.recorder.record_transition(item, of.reason, redactor.text(of.message), now)

    def _cache_object(self, ref: Ref, value: Mapping[str, Any]) -> Item:
        return self._shared.store.put(ref, value)[1]

    def _rollback_pin(self, name: str) -> RollbackPin | None:
        """The rollback of an annotation, pinned to the newest revision at the time of the request."""
        item = self.item(name)
        revision = item.annotations.get(ROLLBACK, "")
        if not revision:
            self._pins.pop(name, None)
            return None
        known = self._pins.get(name)
        if known is None or known.revision != revision:
            rollback = item.status.get("rollback") or {}
            head = (
                rollback.get("head", "") if rollback.get("revision") == revision else self.record(name).head
            )
            if not head:
                return None
            known = self._pins[name] = RollbackPin(revision, head, f"{revision}@{head}")
        return known

    def _enqueue(self, name: str) -> None:
        self._shared.queue.add(Ref(SYNC.kind, name, self.namespace))

    def cloud(self, sync: Sync, by: CallerPriority) -> Cloud:
        """The account of the namespace, for one pass.

        Raises:
            CloudError: the namespace has none, or it can't be opened.

        """
        cloud = self._context.accounts.fenced_cloud(
            self.namespace, self._full_name(sync.name), self.is_leader, by
        )
        if cloud is None:
            message = f"no role is configured for the namespace {self.namespace}"
            raise CloudError(Fault.DENIED, Reason.NAMESPACE_NOT_ALLOWED.value, message, "AssumeRole")
        return cloud

    def inventory(self, sync: Sync) -> SyncInventoryStore:
        """The inventory of a sync, for its own pass."""
        return self.inventory_store(self.item(sync.name))

    def observations(self, sync: Sync) -> ObservationCache:
        """What earlier passes of a sync observed, in the memory of this process."""
        return self._observed.setdefault(sync.name, ObservationCache())

    def secret(self, sync: Sync, reference: Mapping[str, Any]) -> str:
        """The value of a Secret of the namespace.

        Raises:
            SecretError: it can't be read.

        """
        del sync
        secrets = NamespaceSecrets(self._context.api, self.namespace)
        value = secrets(reference)
        self._add_secrets(secrets.known)
        return value

    def _add_secrets(self, secrets: frozenset[str]) -> None:
        with self._learning:
            self._known |= secrets

    def with_current_settings(self, sync: Sync) -> Sync:
        """A sync with its current object and Secrets.

        Raises:
            StateError: they can't be read.

        """
        found = self.read(self.item(sync.name))
        if found.problem or found.sync is None:
            raise StateError(found.problem)
        self._address(found, found.sync)
        return found.sync

    def _address(self, found: ParsedSync, sync: Sync) -> None:
        """Report to the addressees of its settings; where those can't be read, to the former ones."""
        if found.problem:
            return
        if self._notifier.set_addressees(sync.name, found.to):
            self._notifier.resend(sync, self.record(sync.name))
        self._notifier.review(sync, self._sync_context, self.fleet)

    def inventory_reader(self, sync: Sync) -> SyncInventoryStore:
        """The inventory for reads outside of the sync's own pass, whose version they must not change."""
        known = self.inventory(sync)
        return ReadOnlySyncInventoryStore(
            known.api, known.ref, known.uid, known.set, known.key, known.signer, self.is_leader
        )

    def panicked(self) -> None:
        """Record a pass that ended with an unexpected exception."""
        self._context.metrics.panicked()

    def reconciled(self, result: SyncResult) -> None:
        """Record the result of a pass, by namespace and name."""
        self._shared.metrics.reconciled(replace(result, sync=self._full_name(result.sync)))

    def _silence(self, name: str) -> None:
        self._notifier.part(name)
        self._observed.pop(name, None)
        self._shared.metrics.forget(self._full_name(name))

    def _full_name(self, name: str) -> str:
        return f"{self.namespace}/{name}"

    def _redactor(self) -> Redactor:
        return Redactor(self._known)
