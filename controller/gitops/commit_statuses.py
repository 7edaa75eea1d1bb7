"""Commit statuses of syncs, sent on change only and in a thread of its own, so that no pass waits for them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from threading import Event, Thread
from types import MappingProxyType

from controller.core.digest import digest
from controller.gitops.artifact import here
from controller.gitops.status import ENDS, SyncRecord, SyncState
from controller.gitops.sync import Sync, SyncListener
from controller.notify.commit_status_reporter import Statuses
from controller.notify.delivery import Attempt, DeliveryOutcome, DeliveryResult, Outbox
from controller.notify.provider import CommitState as Verdict
from controller.notify.provider import Status
from controller.notify.repository import Forge
from controller.notify.webhook_message import Message, Target, post
from controller.runtime.http_client import Send
from controller.source.git.revision_selector import RevisionForm

_VERDICTS = {
    SyncState.APPLIED: Verdict.SUCCESS,
    SyncState.FAILED: Verdict.FAILURE,
    SyncState.WAITING: Verdict.PENDING,
    SyncState.NEEDS: Verdict.PENDING,
    SyncState.PENDING: Verdict.PENDING,
}
_PAUSE = 1.0


@dataclass(frozen=True)
class StatusReporter:
    """Where the statuses of a sync go, under which name, and how secrets are removed from them."""

    statuses: Statuses
    context: str
    hide: Callable[[str], str]


@dataclass(frozen=True)
class MessageRoute:
    """Where the messages about a sync's results go, how they are sent, and how secrets are removed from them."""

    target: Target
    send: Send
    hide: Callable[[str], str]


class Reports:
    """A listener that forwards each event and reports the state of commits to Git providers and webhooks.

    Args:
        inner: receives each event too.
        reporters: where the statuses of each sync go, by its name.
        now: a monotonic clock, in seconds.
        posts: where messages about each sync's results go, by its name.
        wall: seconds since 1970, for the signatures of messages.

    """

    def __init__(
        self,
        inner: SyncListener,
        reporters: Mapping[str, StatusReporter],
        now: Callable[[], float],
        posts: Mapping[str, MessageRoute] = MappingProxyType({}),
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._inner, self._reporters, self._now, self._posts, self._wall = inner, reporters, now, posts, wall
        self._outbox = Outbox()
        self._runs: dict[str, str] = {}
        self._end = Event()
        self._thread = Thread(target=self._run_thread, name="reports", daemon=True)

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Forward an event."""
        self._inner.log(sync, event, **fields)

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Queue a report, if the commit's verdict changed."""
        self._inner.record_changed(sync, before, now)
        status = verdict(now)
        if status is None or status == verdict(before):
            return
        self._publish(sync, now, status)
        if (to := self._posts.get(sync.name)) and (now.refused or now.state in ENDS):
            message = _message(sync, now, status, to, self._wall())
            attempt = partial(self._send_message, to, message)
            self._queue_attempt(f"{sync.name} message {message.id}", now.run, attempt)

    def resend(self, sync: Sync, now: SyncRecord) -> None:
        """Send the commit's status again, after the login or the Git provider changed."""
        if status := verdict(now):
            self._publish(sync, now, status)

    def _publish(self, sync: Sync, now: SyncRecord, status: tuple[str, Verdict, str]) -> None:
        sha, state, text = status
        if reporter := self._reporters.get(sync.name):
            commit_status = Status(sha, reporter.context, state, reporter.hide(text))
            self._queue_attempt(
                f"{sync.name} status {sha}", now.run, partial(reporter.statuses.publish, commit_status)
            )

    def _send_message(self, to: MessageRoute, message: Message) -> DeliveryResult:
        return post(to.target, message, to.send, self._wall(), to.hide)

    def _queue_attempt(self, key: str, run: str, attempt: Attempt) -> None:
        self._runs[key] = run
        self._outbox.put(key, attempt, self._now())

    def run(self) -> None:
        """Send the due reports, once."""
        for key, result in self._outbox.run(self._now()).items():
            sync, what, _ = key.split(" ")
            fields = {
                "reconcileID": self._runs.get(key, ""),
                "outcome": result.outcome.name.lower(),
                "detail": result.detail,
            }
            self._inner.log(sync, "reported", what=what, **fields)
            if result.outcome is not DeliveryOutcome.LATER:
                self._runs.pop(key, None)

    def start(self) -> None:
        """Begin to report."""
        self._thread.start()

    def close(self) -> None:
        """Send the due reports once more, and end."""
        self._end.set()
        self._thread.join()
        self.run()

    def _run_thread(self) -> None:
        while not self._end.wait(_PAUSE):
            self.run()


def verdict(record: SyncRecord) -> tuple[str, Verdict, str] | None:
    """The commit of a record, its verdict, and the text."""
    if record.refused:
        message = here(record.refused, record.head)
        return (record.head, Verdict.FAILURE, message) if record.head else None
    if record.attempted is None or record.state not in _VERDICTS:
        return None
    return record.attempted.revision, _VERDICTS[record.state], record.message or record.state.value


def _message(
    sync: Sync, record: SyncRecord, status: tuple[str, Verdict, str], to: MessageRoute, at: float
) -> Message:
    """The message about a run's end; repeated messages about the same end have the same id."""
    sha, state, text = status
    changes = record.history[0].changes if record.history and not record.refused else {}
    name = digest([sync.name, sha, state.value, text, record.run, int(at)])[:32]
    ref = (
        ""
        if sync.source.selector.by in (RevisionForm.COMMIT, RevisionForm.SEMVER)
        else sync.source.selector.ref()
    )
    return Message(name, at, sync.owner, ref, sha, state, to.hide(text), changes)


def status_reporter(forge: Forge, context: str, hide: Callable[[str], str]) -> StatusReporter:
    """A reporter of commit statuses at one Git provider."""
    return StatusReporter(Statuses(forge), context, hide)
