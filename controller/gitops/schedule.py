"""When a sync fetches, and the fetch itself."""

from dataclasses import dataclass, replace

from controller.core.finding import Finding
from controller.gitops.artifact import InvalidRevision, SourceArtifact, compiled, key_of
from controller.gitops.status import SyncRecord
from controller.gitops.status_store import SyncRequest
from controller.gitops.sync import Sync, SyncContext
from controller.runtime.atomic_file import StateError
from controller.source.git.errors import RetryTrigger, SourceFailure
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.snapshot import Snapshot

_MOST_SHOWN, _LONGEST = 3, 1000  # a document may hold a word of a megabyte


@dataclass(frozen=True)
class Poll:
    """What a poll gave: a tree or why there is none; ``again`` says when the next makes sense, if not as usual.

    ``head`` is the newest revision, ``released`` the token of a rollback that ended with it; ``findings`` are
    all that is wrong, of which ``refused`` has the first few.
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
    """Look once; never raises for what the repository holds.

    Args:
        sync: whose repository.
        context: the way there.
        record: the state of the sync.
        request: what people requested.
        known: the outcome of the poll before, taken again where nothing changed.
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
        return Poll(None, _summary_text(lines), outcome.again, newest, released, lines)
    tree = _tree(outcome, sync, known)
    lines = _summaries(tree.findings) if isinstance(tree, InvalidRevision) else ()
    return Poll(tree, _summary_text(lines), RetryTrigger.COMMIT, newest, released, lines)


def renewed(sync: Sync, context: SyncContext, record: SyncRecord) -> Sync | Poll:
    """A sync's settings as they are now; where they can't be read, a poll that says why."""
    try:
        return context.host.renewed(sync)
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
    return compiled(snapshot, sync.source, sync.variables, sync.advice, sync.default_tags)


def _summaries(findings: tuple[Finding, ...]) -> tuple[str, ...]:
    return tuple(str(finding)[:_LONGEST] for finding in findings)


def _summary_text(lines: tuple[str, ...]) -> str:
    more = [f"and {len(lines) - _MOST_SHOWN} more"] if len(lines) > _MOST_SHOWN else []
    return "; ".join([*lines[:_MOST_SHOWN], *more])


NEVER = float("inf")


@dataclass
class Schedule:
    """The looks of a sync: when the next is ``due``, how many there were, and what the last one's refusal requests."""

    due: float
    looks: int = 0
    again: RetryTrigger | None = None
    blocked_reason: bool = False  # nothing but other settings would help
    _misses: int = 0
    _as_of: float = -NEVER
    _timeout: float = 0.0

    def request(self, since: float) -> None:
        """Request a poll that sees what was pushed until then; an older answer of another sync does not count."""
        self.due, self.blocked_reason, self._timeout = min(self.due, since), False, 0.0

    def since(self, since: float, now: float) -> float:
        """From when on an answer of the server will do; ``since`` is when a neighbour last read it.

        A poll that was not requested takes a neighbour's answer, if it is news to us and younger than half our
        pause, and the next is reckoned from that answer: many syncs of a repository read once an interval.
        """
        if since > max(self._as_of, now - self._timeout):
            self._as_of = since
            return since
        self._as_of = now
        return min(self.due, now)

    def looked(self, found: Poll, sync: Sync, context: SyncContext) -> None:
        """Reckon when the next poll is due."""
        self.again = found.again if found.refused else None
        self.blocked_reason = self.again is RetryTrigger.SETTINGS
        self.looks += 1
        self._misses = self._misses + 1 if found.refused else 0
        after = self._pause(sync, context)
        if self.looks == 1 and self.again in (None, RetryTrigger.COMMIT):
            after = context.clock.first(sync.timing.interval)
        self.due = NEVER if sync.suspend else self._as_of + after
        self._timeout = after / 2

    def _pause(self, sync: Sync, context: SyncContext) -> float:
        """Seconds until the next poll: as usual, sooner where the trouble may pass, never where a person must act."""
        usual = context.clock.spread(sync.timing.interval)
        if self.again is RetryTrigger.SETTINGS:
            return usual if context.host.renews else NEVER
        return context.clock.delay(self._misses) if self.again is RetryTrigger.RETRY_SOON else usual
