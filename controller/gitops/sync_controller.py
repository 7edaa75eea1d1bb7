"""The reconciler of syncs: one pass over one sync, and when it is reconciled again."""

from controller.gitops.reconciler import Follower
from controller.gitops.registry import SyncRegistry
from controller.gitops.schedule import NEVER
from controller.gitops.status import SyncState
from controller.runtime.atomic_file import StateError
from controller.runtime.backoff import Backoff
from controller.runtime.clock import Clock
from controller.runtime.reconciler import ReconcileResult
from controller.runtime.workqueue import ReconcileRequest


class SyncController:
    """Reconciles the syncs of a registry; the keys are their names.

    A webhook, a request of a person, a change of another sync and the time of the next poll all add the key.
    """

    def __init__(self, registry: SyncRegistry, clock: Clock) -> None:
        self._registry, self._clock = registry, clock
        self._damaged: dict[str, str] = {}

    def reconcile(self, request: ReconcileRequest[str]) -> ReconcileResult:
        """Poll the repository and apply, each if due."""
        follower = self._registry.followers.get(request.key)
        if follower is None:
            return ReconcileResult()
        if not self._can_read_requests(follower):
            return ReconcileResult(backoff=Backoff())
        changes_seen = follower.changes_seen
        try:
            follower.reconcile_if_due()
        finally:
            if follower.changes_seen != changes_seen:
                self._registry.request_pass(follower)
        return ReconcileResult(None if follower.due == NEVER else max(follower.due - self._clock.now(), 0.0))

    def _can_read_requests(self, follower: Follower) -> bool:
        """Whether the requests for a sync can be read; a damaged one may be a rollback, so nothing is done."""
        name = follower.sync.name
        try:
            follower.observe()
        except StateError as error:
            if self._damaged.get(name) != str(error):
                self._damaged[name] = str(error)
                follower.record_failure(str(error))
            return False
        self._damaged.pop(name, None)
        return True

    @property
    def idle(self) -> bool:
        """Whether all syncs have ended; one that waits for another that failed has ended too."""
        followers = self._registry.followers
        moving = [f for f in followers.values() if not f.idle and f.sync.name not in self._damaged]
        return all(
            f.record.state is SyncState.NEEDS
            and any(followers[need].idle and not followers[need].is_applied for need in f.sync.needs)
            for f in moving
        )
