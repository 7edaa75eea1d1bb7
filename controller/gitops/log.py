"""What happens, as one line each: for people and for programs that collect lines."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from controller.core.instant import iso
from controller.gitops.status import Record
from controller.gitops.sync_spec import Sync
from controller.output.terminal import clean

_SIMPLE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@+,")


class Log:
    """Writes lines: ``time sync=prod event=applied run=1a2b revision=...``, or the same as JSON.

    Args:
        write: takes a line.
        wall: seconds since 1970.
        json: whether lines are JSON.

    """

    def __init__(self, write: Callable[[str], None], wall: Callable[[], float], *, json: bool) -> None:
        self._write, self._wall, self._json = write, wall, json

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Write a line."""
        at = iso(datetime.fromtimestamp(int(self._wall()), UTC))
        by_name = {"sync": sync, "event": event, **fields}
        if self._json:
            self._write(json.dumps({"time": at, **by_name}) + "\n")
        else:
            self._write(
                " ".join([at, *(f"{name}={_quoted(value)}" for name, value in by_name.items())]) + "\n"
            )

    def stands(self, sync: Sync, before: Record, now: Record) -> None:
        """Records speak through their own line."""


def _quoted(value: str) -> str:
    cleaned = clean(value)
    return cleaned if cleaned and set(cleaned) <= _SIMPLE else json.dumps(cleaned, ensure_ascii=False)
