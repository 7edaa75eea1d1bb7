"""The state of one region, and the SQLite file that stores it.

A process reads only what others changed since its last read: every change has a number, and SQLite shows cheaply
(`PRAGMA data_version`) whether another process wrote at all.
"""

import json
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from controller.sandbox.resource import ClientToken, Row, StaleRow, row_from, stale_row_from

# The resources whose names "are not case sensitive" (API reference of CreateEndpoint, CreateLabelingJob and
# CreateHyperParameterTuningJob), and those whose names were lower-cased in ARNs in the past: names that differ only by
# case are the same resource. The same applies to images, because the ARN of a version has its image's name in lower
# case only (the pattern of ImageVersionArn in the service model).
CASELESS = frozenset(
    {
        "endpoint",
        "pipeline",
        "labeling-job",
        "hyper-parameter-tuning-job",
        "feature-group",
        "action",
        "experiment",
        "experiment-trial",
        "experiment-trial-component",
        "user-profile",
        "image",
        "image-version",
    }
)


def fold_arn(arn: str) -> str:
    """Return a key that is equal for all spellings of a resource's ARN."""
    path = arn.split(":", 5)[-1].partition("/")[0]
    return arn.lower() if path in CASELESS else arn


@dataclass
class RegionState:
    """Resources by ARN and by kind, stale rows, client tokens and counters of one region.

    Due changes are applied when a row is read. Only changes by requests are recorded in `journal`, because the
    scheduled ones are applied again after a row was loaded from disk.
    """

    rows: dict[str, Row] = field(default_factory=dict)
    stale_rows: dict[str, tuple[StaleRow, ...]] = field(default_factory=dict)
    tokens: dict[str, ClientToken] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, dict[str, Row]] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)  # the ARN as it was created, by `folded`
    journal: set[tuple[str, str]] = field(default_factory=set)

    def find(self, arn: str, now: float) -> Row | None:
        """Return the existing resource, or None."""
        row = self.rows.get(self.existing_arn(arn))
        if row is None or not row.due or row.due[0].at > now:
            return row
        stored_row = row.state_at(now)
        self._set(row.arn, row, stored_row)
        return stored_row

    def existing_arn(self, arn: str) -> str:
        """Return the ARN of the existing resource that `arn` addresses; itself if there is none."""
        return self.spellings.get(fold_arn(arn), arn)

    def rows_of(self, kind: str, now: float) -> list[Row]:
        """Return the existing resources of a kind, oldest first."""
        held = self.kinds.get(kind, {})
        return [row for arn in list(held) if (row := self.find(arn, now)) is not None]

    def all_rows(self, now: float) -> Iterator[Row]:
        """Yield all existing resources."""
        for kind in list(self.kinds):
            yield from self.rows_of(kind, now)

    def put(self, row: Row) -> None:
        """Store a new or changed resource."""
        self._set(row.arn, row, row)
        self.journal.add(("rows", row.arn))

    def remove(self, row: Row) -> None:
        """Delete a resource."""
        self._set(row.arn, row, None)
        self.journal.add(("rows", row.arn))

    def add_stale_read(self, arn: str, stale_row: StaleRow, now: float) -> None:
        """Let late reads return the previous state."""
        alive = [old for old in self.stale_rows.get(arn, ()) if old.until > now]
        self.stale_rows[arn] = (*alive, stale_row)
        self.journal.add(("stale_rows", arn))

    def remember(self, token: str, used: ClientToken) -> None:
        """Record that a client token was used."""
        self.tokens[token] = used
        self.journal.add(("tokens", token))

    def count(self, name: str) -> int:
        """Return the next number of a sequence that never goes back."""
        self.counters[name] = self.counters.get(name, 0) + 1
        self.journal.add(("counters", name))
        return self.counters[name]

    def described_row(self, arn: str, now: float) -> Row | None:
        """Return the state that Describe reads: the resource, or its previous state while reads are stale."""
        if self.stale_rows:
            for stale_row in self.stale_rows.get(self.existing_arn(arn), ()):
                if stale_row.describe_until > now:
                    return stale_row.before.state_at(now) if stale_row.before else None
        return self.find(arn, now)

    def listed_rows(self, kind: str, now: float) -> list[Row]:
        """Return the rows that List reads, oldest first."""
        return self._visible_rows(kind, now, lambda stale_row: stale_row.list_until)

    def searched_rows(self, kind: str, now: float) -> list[Row]:
        """Return the rows that Search reads, oldest first."""
        return self._visible_rows(kind, now, lambda stale_row: stale_row.search_until)

    def _visible_rows(self, kind: str, now: float, until: Callable[[StaleRow], float]) -> list[Row]:
        seen = {row.arn: row for row in self.rows_of(kind, now)}
        for arn, stale_rows in self.stale_rows.items():
            stale_row = next((one for one in stale_rows if until(one) > now), None)
            if stale_row is None:
                continue
            before = stale_row.before.state_at(now) if stale_row.before else None
            if before is None:
                seen.pop(arn, None)
            elif before.kind == kind:
                seen[arn] = before
        return sorted(seen.values(), key=lambda row: row.serial) if self.stale_rows else list(seen.values())

    def _set(self, arn: str, was: Row, row: Row | None) -> None:
        held = self.kinds.setdefault(was.kind, {})
        if row is None:
            self.rows.pop(arn, None)
            self.spellings.pop(fold_arn(arn), None)
            held.pop(arn, None)
        else:
            self.rows[arn] = held[arn] = row
            self.spellings[fold_arn(arn)] = arn

    def take_over(self, collection: str, key: str, value: Any) -> None:
        """Replace a value by the one that another process wrote."""
        if collection == "rows":
            was = value or self.rows.get(key)
            if was is not None:
                self._set(key, was, value)
        elif value is None:
            getattr(self, collection).pop(key, None)
        else:
            getattr(self, collection)[key] = value


SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    region TEXT, collection TEXT, key TEXT, value TEXT, change INTEGER, PRIMARY KEY (region, collection, key));
CREATE INDEX IF NOT EXISTS entry_change ON entry (change);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value REAL);
"""
WRITE = """
INSERT INTO entry VALUES (?, ?, ?, ?, ?)
ON CONFLICT (region, collection, key) DO UPDATE SET value = excluded.value, change = excluded.change
"""
MIGRATE = """
ALTER TABLE entry RENAME COLUMN shelf TO collection;
UPDATE entry SET collection = 'stale_rows' WHERE collection = 'ghosts';
"""
MAGIC = b"SQLite format 3\0"  # sqlite.org/fileformat2.html, 1.3.1
FORMAT = 1  # in the header of the file (SQLite, PRAGMA user_version); files of November 2026 have 0
TIMEOUT = 30.0  # seconds that a process waits for another's transaction

DUMP: dict[str, Callable[[Any], Any]] = {
    "rows": asdict,
    "stale_rows": lambda stale_rows: [asdict(stale_row) for stale_row in stale_rows],
    "tokens": asdict,
    "counters": int,
}
LOAD: dict[str, Callable[[Any], Any]] = {
    "rows": row_from,
    "stale_rows": lambda stale_rows: tuple(map(stale_row_from, stale_rows)),
    "tokens": lambda token: ClientToken(**token),
    "counters": int,
}


class StateFileError(Exception):
    """The state file can't be used; the message names it and the reason."""


class Disk:
    """The state file, which only its owner can read, because requests contain secrets. Callers hold the sandbox's lock.

    Raises:
        StateFileError: it is no state of a sandbox, is damaged, or has a later format. It is not changed.

    """

    def __init__(self, path: Path, states: dict[str, RegionState]) -> None:
        self._path, self._states = path, states
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb") as file:
                head = file.read(len(MAGIC))
            if head not in (b"", MAGIC):
                raise sqlite3.DatabaseError("it is no SQLite database")  # SQLite overwrites a short one
            self._open(path)
        except (OSError, sqlite3.Error) as error:
            reason = getattr(error, "strerror", None) or error
            raise StateFileError(f"{path} can't be used as the state of a sandbox: {reason}") from None

    def _open(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=TIMEOUT, isolation_level=None, check_same_thread=False)
        # Closed with the last reference as well: since Python 3.13 an unclosed connection is a ResourceWarning.
        self._close = weakref.finalize(self, self._base.close)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        found = self._checked_format()
        columns = {column[1] for column in self._base.execute("PRAGMA table_info(entry)")}
        if "shelf" in columns:  # a file of a release of November 2026
            self._base.executescript(MIGRATE)
        self._base.executescript(SCHEMA)
        if found != FORMAT:  # else it would wait for other writers
            self._base.execute(f"PRAGMA user_version={FORMAT}")
        self._version = -1
        self._visible_rows = 0
        self.refresh()

    def _checked_format(self) -> int:
        found: int = self._base.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, FORMAT):
            raise StateFileError(
                f"{self._path} has format {found}, and this version of the sandbox reads {FORMAT}: "
                "use the version that wrote it, or a later one"
            )
        return found

    def refresh(self) -> None:
        """Apply what other processes changed."""
        version = self._base.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._take_over()

    def last_instant(self) -> float:
        """Return the latest time of a write."""
        found = self._base.execute("SELECT value FROM meta WHERE name = 'now'").fetchone()
        return float(found[0]) if found else 0.0

    @contextmanager
    def transaction(self, now: float) -> Iterator[None]:
        """Lock the file for writing; the journals of all regions are written at the end, or nothing is."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            self._take_over()
            yield
            self._write(now)
        except BaseException:
            self._base.execute("ROLLBACK")
            for state in self._states.values():
                state.journal.clear()
            raise
        self._base.execute("COMMIT")

    def delete_all(self) -> None:
        """Delete everything."""
        self._base.execute("UPDATE entry SET value = NULL, change = (SELECT max(change) + 1 FROM entry)")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._close()

    def _take_over(self) -> None:
        found = self._base.execute(
            "SELECT region, collection, key, value, change FROM entry WHERE change > ? ORDER BY rowid",
            (self._visible_rows,),
        )
        for region, collection, key, value, change in found:
            try:
                loaded = None if value is None else LOAD[collection](json.loads(value))
                self._states.setdefault(region, RegionState()).take_over(collection, key, loaded)
                self._visible_rows = max(self._visible_rows, change)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
                raise StateFileError(
                    f"{self._path} is damaged: {collection} {key!r} of {region}: {type(error).__name__}"
                ) from None

    def _write(self, now: float) -> None:
        change = self._visible_rows + 1
        for region, state in self._states.items():
            for collection, key in sorted(state.journal):
                value = getattr(state, collection).get(key)
                plain = None if value is None else json.dumps(DUMP[collection](value))
                self._base.execute(WRITE, (region, collection, key, plain, change))
                self._visible_rows = change
            state.journal.clear()
        self._base.execute("INSERT OR REPLACE INTO meta VALUES ('now', ?)", (now,))
