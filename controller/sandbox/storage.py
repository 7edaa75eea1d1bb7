"""Keeps the worlds in a SQLite file, so that they outlive a process and several can share them.

A process reads only what others changed since it last looked: every change has a number, and SQLite
tells cheaply (`PRAGMA data_version`) whether somebody else wrote at all.
"""

import json
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from controller.sandbox.region import World
from controller.sandbox.resource import Token, ghost_from, row_from

SCHEMA = """
CREATE TABLE IF NOT EXISTS entry (
    region TEXT, shelf TEXT, key TEXT, value TEXT, change INTEGER, PRIMARY KEY (region, shelf, key));
CREATE INDEX IF NOT EXISTS entry_change ON entry (change);
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value REAL);
"""
WRITE = """
INSERT INTO entry VALUES (?, ?, ?, ?, ?)
ON CONFLICT (region, shelf, key) DO UPDATE SET value = excluded.value, change = excluded.change
"""
PATIENCE = 30.0  # seconds that a process waits for another's transaction

DUMP: dict[str, Callable[[Any], Any]] = {
    "rows": asdict,
    "ghosts": lambda ghosts: [asdict(ghost) for ghost in ghosts],
    "tokens": asdict,
    "counters": int,
}
LOAD: dict[str, Callable[[Any], Any]] = {
    "rows": row_from,
    "ghosts": lambda ghosts: tuple(map(ghost_from, ghosts)),
    "tokens": lambda token: Token(**token),
    "counters": int,
}


class Disk:
    """The file. Callers hold the sandbox's lock."""

    def __init__(self, path: Path, worlds: dict[str, World]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._worlds = worlds
        self._base = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        # Closed with the last reference as well: since Python 3.13 an unclosed connection is a ResourceWarning.
        self._close = weakref.finalize(self, self._base.close)
        self._base.execute("PRAGMA journal_mode=WAL")
        self._base.execute("PRAGMA synchronous=NORMAL")
        self._base.executescript(SCHEMA)
        self._version = -1
        self._seen = 0
        self.refresh()

    def refresh(self) -> None:
        """Take over what other processes changed."""
        version = self._base.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._take_over()

    def last_instant(self) -> float:
        """Return the latest time at which anything was written."""
        found = self._base.execute("SELECT value FROM meta WHERE name = 'now'").fetchone()
        return float(found[0]) if found else 0.0

    @contextmanager
    def transaction(self, now: float) -> Iterator[None]:
        """Be the only writer; what the worlds journalled is written at the end, or nothing is."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            self._take_over()
            yield
            self._write(now)
        except BaseException:
            self._base.execute("ROLLBACK")
            for world in self._worlds.values():
                world.journal.clear()
            raise
        self._base.execute("COMMIT")

    def wipe(self) -> None:
        """Forget everything."""
        self._base.execute("UPDATE entry SET value = NULL, change = (SELECT max(change) + 1 FROM entry)")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._close()

    def _take_over(self) -> None:
        found = self._base.execute(
            "SELECT region, shelf, key, value, change FROM entry WHERE change > ? ORDER BY rowid",
            (self._seen,),
        )
        for region, shelf, key, value, change in found:
            world = self._worlds.setdefault(region, World())
            world.take_over(shelf, key, None if value is None else LOAD[shelf](json.loads(value)))
            self._seen = max(self._seen, change)

    def _write(self, now: float) -> None:
        change = self._seen + 1
        for region, world in self._worlds.items():
            for shelf, key in sorted(world.journal):
                value = getattr(world, shelf).get(key)
                plain = None if value is None else json.dumps(DUMP[shelf](value))
                self._base.execute(WRITE, (region, shelf, key, plain, change))
                self._seen = change
            world.journal.clear()
        self._base.execute("INSERT OR REPLACE INTO meta VALUES ('now', ?)", (now,))
