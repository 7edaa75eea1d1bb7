"""The status of a sync, written where it changed, and the log of its events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from controller.core.cloud import Call, Fault, ResponseRecord
from controller.core.times import iso
from controller.engine.report import Event, Happening
from controller.gitops.artifact import SourceArtifact
from controller.gitops.status import PlannedRevision, SyncRecord
from controller.gitops.sync import Sync, SyncContext
from controller.output.terminal import escape_unprintable
from controller.runtime.atomic_file import StateError
from controller.runtime.log import frames, line


class SyncLog:
    """Writes lines: ``ts=... level=info logger=sagectl.sync msg=applied sync=prod reconcileID=1a2b``, or JSON.

    Args:
        write: called with each line.
        wall: seconds since 1970.
        json: whether lines are JSON.

    """

    def __init__(self, write: Callable[[str], None], wall: Callable[[], float], *, json: bool) -> None:
        self._write, self._wall, self._json = write, wall, json

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Write a line, with control characters escaped."""
        cleaned = {name: escape_unprintable(value) for name, value in {"sync": sync, **fields}.items()}
        written = line(self._wall(), "info", "sagectl.sync", event, cleaned, as_json=self._json)
        self._write(written + "\n")

    def record_changed(self, sync: Sync, before: SyncRecord, now: SyncRecord) -> None:
        """Do nothing: each change of a record has a log line of its own."""


class RecordWriter:
    """Writes the record of a sync to its store and notifies of changes.

    Raises:
        StateError: the stored record is damaged.

    """

    def __init__(self, sync: Sync, context: SyncContext) -> None:
        self._sync, self._context = sync, context
        self.record = context.store.record(sync.name)

    def set_record(self, record: SyncRecord, **fields: str) -> bool:
        """Write a record; return whether its state or message changed."""
        before = self.record
        if before == record:
            return False
        self.record = record = replace(record, run=fields.get("reconcileID", record.run))
        try:
            self._context.store.write_record(record)
        except StateError as error:
            self.log("unwritten", message=str(error))
        is_changed = (before.state, before.message, before.refused) != (
            record.state,
            record.message,
            record.refused,
        )
        if is_changed:
            self._report_change(before, record, fields)
        self._context.listener.record_changed(self._sync, before, record)
        return is_changed

    def _report_change(self, before: SyncRecord, record: SyncRecord, fields: dict[str, str]) -> None:
        refused = bool(record.refused) and record.refused != before.refused
        event = "refused" if refused else record.state.name.lower()
        revision = record.attempted.revision if record.attempted and not refused else record.head
        message = record.refused if refused else record.message
        self.log(event, **{**fields, "revision": revision, "message": message})

    def mark(self, tree: SourceArtifact, fingerprint: str) -> PlannedRevision:
        """The planned revision, with the current time."""
        at = iso(datetime.fromtimestamp(int(self._context.clock.wall()), UTC))
        return PlannedRevision(tree.revision, fingerprint, at)

    def log(self, event: str, **fields: str) -> None:
        """Report an event; fields without a value are left out."""
        self._context.listener.log(self._sync.name, event, **{k: v for k, v in fields.items() if v})

    def exception(self, run: str, error: Exception) -> str:
        """Log an unexpected exception; returns the record's message. Neither has its text, which may hold a secret."""
        name = type(error).__name__
        self.log("exception", reconcileID=run, message=name, stacktrace=frames(error))
        return f"this is a bug in sagectl ({name}); the log has its stack"

    def findings(self, run: str, revision: str, lines: tuple[str, ...]) -> None:
        """Log the findings of a revision, one by one."""
        for each in lines:
            self.log("finding", reconcileID=run, revision=revision, message=each)

    def log_responses(self, run: str, answered: ResponseRecord) -> None:
        """Log changing calls, and reads that AWS refused, each with AWS's request id."""
        if Call(answered.operation).changes or answered.fault not in (None, Fault.MISSING):
            self.log(
                "answered",
                reconcileID=run,
                operation=answered.operation,
                code=answered.code,
                request=answered.request,
            )

    def on_event(self, run: str, event: Event) -> None:
        """Log a call that is made for a step."""
        if event.happening is Happening.CALLED and event.step and event.call:
            self.log("called", reconcileID=run, step=event.step.id, operation=event.call.operation)
