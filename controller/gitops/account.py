"""The account of a pass, with the secrets that documents may read and the calls that AWS refused before."""

import math
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
from controller.engine.shared_reads import SharedReads
from controller.gitops.sync import Sync, SyncContext
from controller.inventory.model import Inventory, InventoryStore, LockedInventoryStore, guard_writes
from controller.inventory.observation_cache import ObservationCache
from controller.manifests.bundle import Bundle
from controller.runtime.backoff import Backoff
from controller.runtime.clock import Clock
from controller.runtime.throttling import BRIEF

# Of calls that AWS refused as invalid. Most of them need another document, so it begins late and grows far.
_BACKOFF = Backoff(first=60.0, longest=3600.0)


def allowed_secrets(sync: Sync, context: SyncContext) -> Callable[[Mapping[str, Any]], str]:
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


@dataclass(frozen=True)
class _Refusal:
    """A call that was refused ``attempts`` times in a row and may be sent again at ``due`` on the monotonic clock."""

    error: CloudError
    attempts: int
    due: float


@dataclass
class Refusals:
    """Changing calls that AWS refused as invalid, by a digest of the request, and when each may be sent again.

    What AWS calls invalid may become valid: the role did not exist yet, the Region lacked the operation. So a refusal
    expires after a backoff. Those of one pass expire at the same time, so that one pass repeats them. ``_met`` are the
    times at which the refused calls of this pass may be sent again. Thread-safe within a pass.
    """

    clock: Clock
    known: dict[str, _Refusal] = field(default_factory=dict)
    _met: list[float] = field(default_factory=list)
    _began: float = 0.0
    _chance: float = 0.0

    def begin(self) -> None:
        """Begin a pass."""
        self._met.clear()
        self._began, self._chance = self.clock.now(), self.clock.chance()

    @property
    def pause(self) -> float:
        """Seconds until the first of the calls that were refused in this pass may be sent; infinite if none was."""
        return min(self._met, default=math.inf) - self.clock.now()

    def check(self, call: str) -> None:
        """Check that a call may be sent.

        Raises:
            CloudError: it was refused, and may not be sent again yet.

        """
        before = self.known.get(call)
        if before is None or before.due <= self._began:
            return
        self._met.append(before.due)
        error = before.error
        raise CloudError(error.fault, error.code, error.message, error.operation)

    def add(self, call: str, error: CloudError) -> None:
        """Record that a call was refused."""
        attempts = self.known[call].attempts + 1 if call in self.known else 1
        due = self._began + _BACKOFF.delay(attempts, lambda: self._chance)
        self.known[call] = _Refusal(error, attempts, due)
        self._met.append(due)

    def forget(self) -> None:
        """Forget all refusals, so that the calls are sent again."""
        self.known.clear()


@dataclass(frozen=True)
class NoRetryCloud(CloudWrapper):
    """A cloud that repeats calls which AWS refused as invalid after a backoff only.

    ``waits`` are the delays of throttled calls. A deletion is repeated in each pass: SageMaker refuses it as invalid
    while the resource is in use, which may end.
    """

    refusals: Refusals
    waits: list[float]

    def call(self, call: Call) -> Json:
        """Make one call.

        Raises:
            CloudError: AWS refused it, now or before.

        """
        if not call.changes:
            return self._send(call)
        request = digest([call.service, call.operation, call.params])
        self.refusals.check(request)
        try:
            answer = self._send(call)
        except CloudError as error:
            if error.fault in (Fault.INVALID, Fault.UNSUPPORTED) and not call.operation.startswith("Delete"):
                self.refusals.add(request, error)
            raise
        self.refusals.known.pop(request, None)
        return answer

    def _send(self, call: Call) -> Json:
        try:
            return self.cloud.call(call)
        except CloudError as error:
            if error.retry_after is not None:
                self.waits.append(error.retry_after)
            raise


@dataclass(frozen=True)
class Account:
    """An account with its inventory and caches, for one pass.

    ``tool`` is the version of this program, ``secrets`` reads the secrets of documents, ``now`` is seconds since 1970,
    ``restrictions`` are the administrator's for these documents, ``waits`` the seconds after which throttled calls may
    be repeated. ``observations`` are those of earlier passes, ``reads`` those that the proofs of this one share.
    ``concurrency`` is the number of concurrent calls of a pass.
    """

    cloud: Cloud
    store: InventoryStore
    tool: str
    secrets: Callable[[Mapping[str, Any]], str]
    concurrency: int
    reads: SharedReads
    now: float | None = None
    restrictions: Restrictions = UNRESTRICTED
    waits: list[float] = field(default_factory=list)
    preflight: bool = False
    observations: ObservationCache | None = None

    def rebuilding(self, bundle: Bundle) -> "Account":
        """The account with an inventory that is rebuilt if it was lost."""
        return replace(self, store=RebuildingInventory(self.store, bundle, self.cloud, self.concurrency))

    def load_inventory(self) -> Inventory:
        """The inventory of the sync.

        Raises:
            InventoryError: it can't be read.

        """
        who = self.cloud.identity
        return self.store.load(who.account, who.region)


def open_account(
    sync: Sync,
    context: SyncContext,
    store: LockedInventoryStore,
    refusals: Refusals,
    answered: Callable[[ResponseRecord], None],
) -> Account:
    """Open a sync's account; ``answered`` is called with each response; invalid calls are repeated after a backoff."""
    waits: list[float] = []
    refusals.begin()
    cloud = NoRetryCloud(
        ListeningCloud(guard_writes(context.host.cloud(sync, BRIEF), store), answered), refusals, waits
    )
    return Account(
        cloud,
        store,
        context.tool,
        allowed_secrets(sync, context),
        context.concurrency,
        SharedReads(context.clock.now),
        context.clock.wall(),
        context.restrictions,
        waits,
        context.preflight,
        context.host.observations(sync),
    )
