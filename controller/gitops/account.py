"""The account of a pass: what documents may read, and what AWS refused before."""

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
        SecretError: the sync lets nobody read that.

    """

    def read(reference: Mapping[str, Any]) -> str:
        name, file = reference.get("env"), reference.get("file")
        key = (reference.get("secretKeyRef") or {}).get("name")
        if name in sync.secret_env or file in sync.secret_files or key in sync.secret_names:
            return context.host.secret(sync, reference)
        document = name or file or key or ", ".join(map(str, reference))
        raise SecretError(f"the sync lets no document read {document}")

    return read


@dataclass
class Refusals:
    """Changing calls that were refused as invalid, by a digest of what was sent; safe for threads."""

    known: dict[str, CloudError] = field(default_factory=dict)

    def forget(self) -> None:
        """Let all be tried again."""
        self.known.clear()


@dataclass(frozen=True)
class NoRetryCloud(CloudWrapper):
    """A cloud that sends no call again which AWS refused as invalid; ``waits`` are those that throttled calls gave.

    A deletion is sent again: what uses the resource, for which SageMaker refuses it as invalid too, may go.
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
    """An account with what is remembered of it.

    ``tool`` is the version that plans, ``secrets`` reads what documents name, ``now`` is seconds since 1970,
    ``restrictions`` are what an administrator allows documents here, ``waits`` after how many seconds each call may be
    made again that AWS throttled. ``observations`` are those of earlier passes. ``concurrency`` is how many calls a
    pass makes at once.
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
        """The same, with an inventory that is read back from the account where it was lost."""
        return replace(self, store=RebuildingInventory(self.store, bundle, self.cloud, self.concurrency))

    def held(self) -> Inventory:
        """What the sync holds.

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
    """Open a sync's account; ``answered`` is given each call; what was refused for good is not called again."""
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
