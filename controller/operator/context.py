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

    ``set`` owns what objects make; an empty one stands for the cluster's own.
    ``poll`` is the longest time between polls of a transition, which follows from how long it has gone on.
    ``timeout`` is how long nothing is said of a new object's wait, for what it needs may come in the same moment.
    ``trusted`` is for how long an object as last read counts as current; a pass that changes AWS proves it first.
    ``release_after`` is how long after its deletion an object goes though its account refuses us; None for never.
    ``deletion_limit`` is how many objects of a namespace may be deleted at once without a confirmation; 0 for all.
    ``preflight`` says whether what calls name in other services is read before they are made.
    ``events`` says whether events of AWS are received.
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
    def recheck(self) -> float:
        """Seconds between polls of what no event announces, such as Secrets."""
        return self.poll or _RECHECK


@dataclass
class OperatorContext:
    """The parts of the operator, made once.

    ``approved`` are, by uid, the plans that run since they were approved: the fingerprint and what agrees to the rest.
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
    # By uid, whose signature was reported last.
    foreign_signatures: dict[str, str] = field(default_factory=dict)
    signer: Signer = field(init=False)
    waits: Waits = field(init=False)
    deletions: Deletions = field(init=False)

    def __post_init__(self) -> None:
        """Sign by this key, and judge deletions by these rules."""
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
        """Drop what is kept of an object that is gone for good."""
        self.signer.forget(uid)
        self.approved.pop(uid, None)
        self.foreign_signatures.pop(uid, None)

    def subject(self, ref: Ref) -> ObjectPatcher | None:
        """The object as it was seen just now, else as the API server has it; None when it is gone.

        Raises:
            ApiError: the server refused.

        """
        seen = self.store.recent(ref, self.rules.trusted)
        return ObjectPatcher(seen, self.api, self.intake.seen) if seen else self.fresh(ref)

    def fresh(self, ref: Ref, *, own: bool = True) -> ObjectPatcher | None:
        """The object as the API server has it now; None when it is gone.

        A change that only shows here requests a pass, unless this is the object's ``own`` pass.

        Raises:
            ApiError: the server refused.

        """
        try:
            value = self.api.get(path_of(ref))
        except ApiError as error:
            if not error.missing:
                raise
            self.intake.gone(ref)
            return None
        seen = self.intake.seen(ref, value, is_requested=not own)
        return ObjectPatcher(seen, self.api, self.intake.seen, sure=own)

    def cloud(self, namespace: str, reconcile_id: str, by: CallerPriority = BRIEF) -> FencedCloud | None:
        """The account of a namespace, for one pass; None where the configuration has none for it.

        Raises:
            CloudError: it can't be opened.

        """
        return self.accounts.fenced(namespace, reconcile_id, self.is_leader, by)

    def grant(self, namespace: str) -> Grant:
        """What a namespace may request."""
        return self.accounts.tenants.grant(namespace)

    def deletion(self, item: Item) -> Deletion | None:
        """What becomes of an object's resource at its end: as it says, else as its namespace does."""
        written = item.policy.get("deletion")
        if not written:
            return self.grant(item.ref.namespace).restrictions.default_deletion
        known = {each.value: each for each in Deletion}
        return known.get(str(written), Deletion.CONFIRM)  # an invalid policy deletes nothing unconfirmed

    def deletes_unconfirmed(self, item: Item) -> bool:
        """Whether the end of an object deletes its resource without an approval of that plan."""
        is_requested = item.policy.get("mode") == Mode.PLAN.value or self.accounts.tenants.requires_approval(
            item.ref.namespace
        )
        return bool(item.status.get("memory")) and not is_requested and self.deletion(item) in _UNREQUESTED

    @property
    def across(self) -> bool:
        """Whether links may name objects of another namespace."""
        return self.accounts.tenants.across_namespaces
