"""The account of a pass, with the secrets that documents may read and the calls that AWS refused before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import (
    Call,
    Cloud,
    CloudError,
    CloudWrapper,
    Fault,
    Json,
    ListeningCloud,
    ResponseRecord,
)
from controller.core.digest import digest
from controller.core.secret import SecretError
from controller.engine.rebuilding_inventory import RebuildingInventory
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.gitops.sync import Sync, SyncContext
from controller.inventory.model import Inventory, InventoryStore, LockedInventoryStore, guarded
from controller.inventory.observation_cache import ObservationCache
from controller.manifests.bundle import Bundle
from controller.runtime.throttling import BRIEF


def allowed(sync: Sync, context: SyncContext) -> Callable[[Mapping[str, Any]], str]:
    """A reader of the secrets that a sync lets its documents name.

    Raises (when called):
        SecretError: the sync does not permit that secret.

    """

    def read(reference: Mapping[str, Any]) -> str:
        name, file = reference.get("env"), reference.get("file")
        key = (reference.get("secretKeyRef") or {}).get("name")
        if name in sync.secret_env or file in sync.secret_files or key in sync.secret_names:
            return context.host.secret(sync, reference)
        document = name or file or key or ", ".join(map(str, reference))
        raise SecretError(f"the sync allows no document to read {document}")

    return read


@dataclass
class Refusals:
    """Changing calls that were refused as invalid, by a digest of the request. Thread-safe."""

    known: dict[str, CloudError] = field(default_factory=dict)

    def forget(self) -> None:
        """Forget all refusals, so that the calls are sent again."""
        self.known.clear()


@dataclass(frozen=True)
class NoRetryCloud(CloudWrapper):
    """A cloud that does not repeat calls which AWS refused as invalid; ``waits`` are the delays of throttled calls.

    A deletion is repeated: SageMaker refuses it as invalid while the resource is in use, which may end.
    """

    refusals: Refusals
    waits: list[float]

    def call(self, call: Call) -> Json:
        """Make one call.

        Raises:
            CloudError: AWS refused it, now or before.

        """
        if not call.changes:
            return self._sent(call)
        mark = digest([call.service, call.operation, call.params])
        before = self.refusals.known.get(mark)
        if before is not None:
            raise CloudError(before.fault, before.code, before.message, before.operation)
        try:
            return self._sent(call)
        except CloudError as error:
            if error.fault in (Fault.INVALID, Fault.UNSUPPORTED) and not call.operation.startswith("Delete"):
                self.refusals.known[mark] = error
            raise

    def _sent(self, call: Call) -> Json:
        try:
            return self.cloud.call(call)
        except CloudError as error:
            if error.retry_after is not None:
                self.waits.append(error.retry_after)
            raise


@dataclass(frozen=True)
class Account:
    """An account with its inventory and caches.

    ``tool`` is the version of this program, ``secrets`` reads the secrets of documents, ``now`` is seconds since 1970,
    ``restrictions`` are the administrator's for these documents, ``waits`` the seconds after which throttled calls may
    be repeated. ``observations`` are those of earlier passes. ``concurrency`` is the number of concurrent calls of a
    pass.
    """

    cloud: Cloud
    store: InventoryStore
    tool: str
    secrets: Callable[[Mapping[str, Any]], str]
    now: float | None = None
    restrictions: Restrictions = UNRESTRICTED
    waits: list[float] = field(default_factory=list)
    preflight: bool = False
    observations: ObservationCache | None = None
    concurrency: int = 32

    def recovering(self, bundle: Bundle) -> "Account":
        """The account with an inventory that is rebuilt if it was lost."""
        return replace(self, store=RebuildingInventory(self.store, bundle, self.cloud, self.concurrency))

    def held(self) -> Inventory:
        """The inventory of the sync.

        Raises:
            InventoryError: it can't be read.

        """
        who = self.cloud.identity
        return self.store.load(who.account, who.region)


def opened(
    sync: Sync,
    context: SyncContext,
    store: LockedInventoryStore,
    refusals: Refusals,
    answered: Callable[[ResponseRecord], None],
) -> Account:
    """Open a sync's account; ``answered`` is called with each response; invalid calls are not repeated."""
    waits: list[float] = []
    cloud = NoRetryCloud(
        ListeningCloud(guarded(context.host.cloud(sync, BRIEF), store), answered), refusals, waits
    )
    return Account(
        cloud,
        store,
        context.tool,
        allowed(sync, context),
        context.clock.wall(),
        context.restrictions,
        waits,
        context.preflight,
        context.host.observations(sync),
        context.concurrency,
    )
