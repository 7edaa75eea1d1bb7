"""The log of syncs: lines of the structured log, through whatever prints."""

from collections.abc import Callable

from controller.gitops.status import Record
from controller.gitops.sync_spec import Sync
from controller.output.terminal import clean
from controller.runtime.log import line


class Log:
    """Writes lines: ``ts=... level=info logger=sagectl.sync msg=applied sync=prod run=1a2b revision=...``, or JSON.

    Args:
        write: takes a line.
        wall: seconds since 1970.
        json: whether lines are JSON.

    """

    def __init__(self, write: Callable[[str], None], wall: Callable[[], float], *, json: bool) -> None:
        self._write, self._wall, self._json = write, wall, json

    def log(self, sync: str, event: str, **fields: str) -> None:
        """Write a line; what would control a terminal is made visible."""
        cleaned = {name: clean(value) for name, value in {"sync": sync, **fields}.items()}
        written = line(self._wall(), "info", "sagectl.sync", event, cleaned, as_json=self._json)
        self._write(written + "\n")

    def stands(self, sync: Sync, before: Record, now: Record) -> None:
        """Records speak through their own line."""
