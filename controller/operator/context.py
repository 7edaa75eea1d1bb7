"""The parts of the operator that every pass uses."""

from collections.abc import Callable
from dataclasses import dataclass, field

from controller.core.ref import Ref
from controller.engine.plan import Plan
from controller.manifests.document import Deletion, Mode
from controller.operator.accounts import Accounts, FencedCloud
from controller.operator.cached_object import Item
from controller.operator.constants import path_of
from controller.operator.event_handler import ObjectEventHandler
from controller.operator.events import EventRecorder
from controller.operator.grants import Grant
from controller.operator.kube.api import Api, ApiError
from controller.operator.metrics import OperatorMetrics
from controller.operator.object_cache import ObjectCache
from controller.operator.object_deletions import Deletions
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.observed_cache import ObservedCache
from controller.operator.signature import Signer
from controller.operator.waits import Waits
from controller.runtime.backoff import Backoff
from controller.runtime.clock import Clock
from controller.runtime.throttling import BRIEF, CallerPriority

_RECHECK = 15.0  # seconds
_UNREQUESTED = (None, Deletion.DELETE, Deletion.CASCADE)


@dataclass(frozen=True)
class OperatorSettings:
    """The settings of the operator. Times are in seconds.

    ``set`` owns the objects' resources; empty for the cluster's own set. ``poll`` is the longest time between polls of
    a transition, which follows from its duration so far. ``timeout`` is how long the wait of a new object is not
    reported, because its dependencies may be created in the same moment. ``trusted`` is how long a cached object counts
    as current; a pass that changes AWS reads it first. ``release_after`` is how long after its deletion an object is
    released although its account denies access; None for never. ``deletion_limit`` is how many objects of a namespace
    may be deleted at about the same time without a confirmation; 0 for any number. ``preflight`` is whether plans get a
    preflight. ``events`` is whether events of AWS are received.
    """

    set: str = "default"
    poll: float | None = None
    resync: float = 3600.0
    retry: Backoff = Backoff()  # noqa: RUF009 - frozen
    threads: int = 4  # of one pass, for reads
    timeout: float = 1.0
    trusted: float = 30.0
    release_after: float | None = None
    deletion_limit: int = 20
    preflight: bool = False
    events: bool = False

    @property
    def poll_seconds(self) -> float:
        """Seconds between polls of things without events, such as Secrets."""
        return self.poll or _RECHECK


@dataclass
class OperatorContext:
    """The parts of the operator that all passes share.

    ``approved`` are the approved plans in progress by UID: the fingerprint and the consent to later passes.
    """

    api: Api
    store: ObjectCache
    intake: ObjectEventHandler
    accounts: Accounts
    observed: ObservedCache
    recorder: EventRecorder
    metrics: OperatorMetrics
    rules: OperatorSettings
    key: str
    cluster: str  # the cluster's own set
    is_leader: Callable[[], bool]
    now: Callable[[], str]
    clock: Clock = field(default_factory=Clock)
    approved: dict[str, tuple[str, Callable[[Plan], bool]]] = field(default_factory=dict)
    # The last reported foreign signature, by UID.
    foreign_signatures: dict[str, str] = field(default_factory=dict)
    signer: Signer = field(init=False)
    waits: Waits = field(init=False)
    deletions: Deletions = field(init=False)

    def __post_init__(self) -> None:
        """Create the signer and the guard of deletions."""
        self.signer = Signer(self.key)
        rules = self.rules
        self.waits = Waits(rules.poll, self.clock.now)
        self.deletions = Deletions(
            self.api,
            self.store,
            self.deletes_unconfirmed,
            rules.deletion_limit,
            rules.timeout,
            self.clock.now,
        )

    def forget(self, uid: str) -> None:
        """Drop everything about a deleted object."""
        self.signer.forget(uid)
        self.approved.pop(uid, None)
        self.foreign_signatures.pop(uid, None)

    def subject(self, ref: Ref) -> ObjectPatcher | None:
        """The object from the cache if it is recent, else from the API server; None if it is deleted.

        Raises:
            ApiError: the server refused.

        """
        seen = self.store.read_within(ref, self.rules.trusted)
        return ObjectPatcher(seen, self.api, self.intake.on_object) if seen else self.read_object(ref)

    def read_object(self, ref: Ref, *, own: bool = True) -> ObjectPatcher | None:
        """The object from the API server; None if it is deleted.

        A change that is found here requests a pass, unless this is the object's ``own`` pass.

        Raises:
            ApiError: the server refused.

        """
        try:
            value = self.api.get(path_of(ref))
        except ApiError as error:
            if not error.is_not_found:
                raise
            self.intake.on_deleted(ref)
            return None
        seen = self.intake.on_object(ref, value, is_requested=not own)
        return ObjectPatcher(seen, self.api, self.intake.on_object, sure=own)

    def cloud(self, namespace: str, reconcile_id: str, by: CallerPriority = BRIEF) -> FencedCloud | None:
        """The account of a namespace, for one pass; None if the configuration has none for it.

        Raises:
            CloudError: it can't be opened.

        """
        return self.accounts.fenced_cloud(namespace, reconcile_id, self.is_leader, by)

    def grant(self, namespace: str) -> Grant:
        """What a namespace may request."""
        return self.accounts.tenants.grant(namespace)

    def deletion(self, item: Item) -> Deletion | None:
        """The deletion policy of an object, else that of its namespace."""
        written = item.policy.get("deletion")
        if not written:
            return self.grant(item.ref.namespace).restrictions.default_deletion
        known = {each.value: each for each in Deletion}
        return known.get(str(written), Deletion.CONFIRM)  # an invalid policy deletes nothing unconfirmed

    def deletes_unconfirmed(self, item: Item) -> bool:
        """Whether deleting an object deletes its resource without an approval of that plan."""
        is_requested = item.policy.get("mode") == Mode.PLAN.value or self.accounts.tenants.requires_approval(
            item.ref.namespace
        )
        return bool(item.status.get("memory")) and not is_requested and self.deletion(item) in _UNREQUESTED

    @property
    def across_namespaces(self) -> bool:
        """Whether links may name objects of another namespace."""
        return self.accounts.tenants.across_namespaces
