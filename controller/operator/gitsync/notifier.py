"""The addressees of a namespace's GitSyncs: the log, and the Git providers and addresses in their specs.

Threads are started for the first sync that needs one, and stop reporting when another replica leads.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from controller.gitops.artifact import SourceArtifact
from controller.gitops.commit_statuses import MessageRoute, Reports, StatusReporter
from controller.gitops.notifications import Addressees
from controller.gitops.pull_request_plans import Review
from controller.gitops.pull_request_worker import Reviews
from controller.gitops.registry import SyncRegistry
from controller.gitops.status import SyncRecord
from controller.gitops.sync import Sync, SyncContext
from controller.output.redact import Redactor
from controller.runtime.clock import Clock
from controller.runtime.http_client import Request, Response, Send, Unreachable

_log = logging.getLogger("sagectl.gitsync")
_NO_ADDRESSEES = Addressees()


@dataclass(frozen=True)
class Log:
    """The operator's log, as a listener of syncs."""

    namespace: str
    redactor: Callable[[], Redactor]

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Log an event."""
        shown = {name: self.redactor().text(value) for name, value in fields.items()}
        _log.info(event, extra={"fields": {"sync": f"{self.namespace}/{sync}", **shown}})

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Do nothing: the status of the object shows the record."""


class SyncNotifier:
    """A listener whose addressees change with objects and Secrets.

    Args:
        log: receives every event.
        clock: the time.
        is_leader: whether reports may be sent.

    """

    def __init__(self, log: Log, clock: Clock, is_leader: Callable[[], bool]) -> None:
        self._leads, self._redactor = is_leader, log.redactor
        self._known: dict[str, Addressees] = {}
        self._reporters: dict[str, StatusReporter] = {}
        self._posts: dict[str, MessageRoute] = {}
        self._reviewed: dict[str, Sync] = {}
        self._reports = Reports(log, self._reporters, clock.now, self._posts, clock.wall)
        self._reviews = Reviews((), clock, log)
        self._running: list[Reports | Reviews] = []
        self._starting = Lock()

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Handle an event of a sync."""
        self._reports.log(sync, event, **fields)

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Handle a change of a sync's record."""
        if self._leads():
            self._reports.record_changed(sync, before, now)

    def set_addressees(self, name: str, to: Addressees) -> bool:
        """Set the addressees; returns whether they changed."""
        if self._known.get(name, _NO_ADDRESSEES) == to:
            return False
        self._forget(name)
        self._known[name] = to
        if to.report:
            self._reporters[name] = to.report.status_reporter(self._hide, self._only_as_leader)
        if post := to.post(self._hide, self._only_as_leader):
            self._posts[name] = post
        if to != _NO_ADDRESSEES:
            self._run(self._reports)
        return True

    def resend(self, sync: Sync, record: SyncRecord) -> None:
        """Send the status of a sync again, after a token was refused."""
        if self._leads():
            self._reports.resend(sync, record)

    def review(self, sync: Sync, context: SyncContext, fleet: SyncRegistry) -> None:
        """Plan a sync's pull requests, if its settings request that."""
        report = self._known.get(sync.name, _NO_ADDRESSEES).report
        if report is None or not report.requests:
            self._end_review(sync.name)
        elif self._reviewed.get(sync.name) != sync:
            rules = report.rules(self._redactor, self._only_as_leader)

            def base() -> SourceArtifact | None:
                follower = fleet.followers.get(sync.name)
                return follower.tree if follower and not follower.leaving else None

            self._reviewed[sync.name] = sync
            self._reviews.join(Review(sync, context, rules, base))
            self._run(self._reviews)

    def part(self, name: str) -> None:
        """Stop reporting about a sync."""
        self._known.pop(name, None)
        self._forget(name)

    def close(self) -> None:
        """Stop after the current work."""
        while self._running:
            self._running.pop().close()

    def _forget(self, name: str) -> None:
        for fields in (self._reporters, self._posts):
            fields.pop(name, None)
        self._end_review(name)

    def _end_review(self, name: str) -> None:
        if self._reviewed.pop(name, None) is not None:
            self._reviews.part(name)

    def _run(self, which: Reports | Reviews) -> None:
        with self._starting:
            if which not in self._running:
                self._running.append(which)
                which.start()

    def _hide(self, text: str) -> str:
        return self._redactor().text(text)

    def _only_as_leader(self, send: Send) -> Send:
        """Requests that are sent only while this replica leads."""

        def sent(request: Request) -> Response | Unreachable:
            return send(request) if self._leads() else Unreachable("another replica is the leader")

        return sent
