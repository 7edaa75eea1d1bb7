"""When a sync polls its repository, and the poll itself."""

from dataclasses import dataclass, replace

from controller.core.finding import Finding
from controller.gitops.artifact import InvalidRevision, SourceArtifact, compile_snapshot, key_of
from controller.gitops.status import SyncRecord
from controller.gitops.status_store import SyncRequest
from controller.gitops.sync import Sync, SyncContext
from controller.runtime.atomic_file import StateError
from controller.source.git.errors import RetryTrigger, SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Snapshot

_MOST_SHOWN, _LONGEST = 3, 1000  # a document may contain a string of a megabyte


@dataclass(frozen=True)
class Poll:
    """The result of a poll: a tree, or why there is none; ``again`` is the delay of the next, if not the usual one.

    ``head`` is the newest revision, ``released`` the token of a rollback that ended with it; ``findings`` are all
    findings, of which ``refused`` has the first few.
    """

    tree: SourceArtifact | InvalidRevision | None
    refused: str = ""
    again: RetryTrigger = RetryTrigger.COMMIT
    head: str = ""
    released: str = ""
    findings: tuple[str, ...] = ()


def poll_source(
    sync: Sync,
    context: SyncContext,
    record: SyncRecord,
    request: SyncRequest,
    known: SourceArtifact | InvalidRevision | None,
    *,
    since: float,
) -> Poll:
    """Poll once; never raises for the contents of the repository.

    Args:
        sync: whose repository.
        context: what all syncs share.
        record: the state of the sync.
        request: the requests of people.
        known: the previous poll, which is returned if nothing changed.
        since: when the poll became due.

    """
    head = context.mirrors.fetch_snapshot(sync.source, since=since, stop=context.stop)
    released = record.released
    outcome, newest = head, head.revision or record.head
    if request.pin and request.pin.token != released:
        if isinstance(head, Snapshot) and head.revision != request.pin.head:
            released = request.pin.token
        else:
            pinned = replace(
                sync.source, selector=RevisionSelector(RevisionForm.COMMIT, request.pin.revision)
            )
            outcome = context.mirrors.fetch_snapshot(pinned, since=since, stop=context.stop)
    if isinstance(outcome, SourceFailure):
        lines = _summaries(outcome.findings)
        return Poll(None, _summary_text(lines), outcome.retry_trigger, newest, released, lines)
    tree = _tree(outcome, sync, known)
    lines = _summaries(tree.findings) if isinstance(tree, InvalidRevision) else ()
    return Poll(tree, _summary_text(lines), RetryTrigger.COMMIT, newest, released, lines)


def reread_settings(sync: Sync, context: SyncContext, record: SyncRecord) -> Sync | Poll:
    """A sync's current settings; if they can't be read, a poll with the reason."""
    try:
        return context.host.with_current_settings(sync)
    except StateError as error:
        return Poll(None, str(error), RetryTrigger.SETTINGS, record.head, record.released)


def _tree(
    snapshot: Snapshot, sync: Sync, known: SourceArtifact | InvalidRevision | None
) -> SourceArtifact | InvalidRevision:
    """The tree; compiled only where documents or variables changed."""
    if isinstance(known, SourceArtifact) and known.key == key_of(snapshot, sync.variables, sync.default_tags):
        return replace(known, revision=snapshot.revision)
    if isinstance(known, InvalidRevision) and known.revision == snapshot.revision:
        return known
    return compile_snapshot(snapshot, sync.source, sync.variables, sync.advice, sync.default_tags)


def _summaries(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(str(finding)[:_LONGEST] for finding in findings)


def _summary_text(lines: tuple[str, ...]) -> str:
    more = [f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []
    return "; ".join([*lines[:_MOST_SHOWN], *more])


NEVER = float("inf")


@dataclass
class Schedule:
    """The polls of a sync: when the next is ``due``, how many there were, and what the last failure requires."""

    due: float
    looks: int = 0
    again: RetryTrigger | None = None
    is_blocked: bool = False  # only a change of the settings helps
    _misses: int = 0
    _as_of: float = -NEVER
    _timeout: float = 0.0

    def request(self, since: float) -> None:
        """Request a poll that includes everything pushed until now; older answers for other syncs are not used."""
        self.due, self.is_blocked, self._timeout = min(self.due, since), False, 0.0

    def oldest_usable_answer(self, since: float, now: float) -> float:
        """The time from which on a server's answer is recent enough; ``since`` is when another sync last read it.

        A scheduled poll uses the answer for another sync of the repository if it is new to us and younger than half our
        interval; the next poll is scheduled from that answer, so that many syncs of a repository read it once in an
        interval.
        """
        if since > max(self._as_of, now - self._timeout):
            self._as_of = since
            return since
        self._as_of = now
        return min(self.due, now)

    def after_poll(self, found: Poll, sync: Sync, context: SyncContext) -> None:
        """Schedule the next poll."""
        self.again = found.again if found.refused else None
        self.is_blocked = self.again is RetryTrigger.SETTINGS
        self.looks += 1
        self._misses = self._misses + 1 if found.refused else 0
        after = self._pause(sync, context)
        if self.looks == 1 and self.again in (None, RetryTrigger.COMMIT):
            after = context.clock.first_interval(sync.timing.interval)
        self.due = NEVER if sync.suspend else self._as_of + after
        self._timeout = after / 2

    def _pause(self, sync: Sync, context: SyncContext) -> float:
        """Seconds until the next poll: the interval, less after a transient error, infinite if a person must act."""
        usual = context.clock.jitter(sync.timing.interval)
        if self.again is RetryTrigger.SETTINGS:
            return usual if context.host.renews else NEVER
        return context.clock.delay(self._misses) if self.again is RetryTrigger.RETRY_SOON else usual
