"""A real headless browser: Debian's chromium, controlled over a pipe in its own protocol.

https://chromedevtools.github.io/devtools-protocol/ needs neither a driver of the same version nor a
package: messages are JSON with a zero byte after each, on the descriptors 3 and 4 (--remote-debugging-pipe).
"""

import json
import os
import select
import shutil
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # the tests may run as root, and the page is trusted
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-pipe",
)
_TIMEOUT = 30.0
_CHUNK = 1 << 16
_FREE = 10  # descriptors from here on differ from those that the browser expects


class BrowserError(Exception):
    """The browser returned an error, or did not answer in time."""


def program() -> str | None:
    """The browser of this machine."""
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


class Browser:
    """A running browser; ``events`` are its messages besides responses, by session."""

    def __init__(self, program: str, folder: Path) -> None:
        (to_read, self._to), (self._from, to_write) = _pipe(), _pipe()
        quiet = os.open(os.devnull, os.O_RDWR)
        ends = [
            (os.POSIX_SPAWN_DUP2, old, new)
            for old, new in ((to_read, 3), (to_write, 4), (quiet, 1), (quiet, 2))
        ]
        line = [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"]
        self._process = os.posix_spawn(program, line, os.environ, file_actions=ends, setpgroup=0)
        for each in (to_read, to_write, quiet):
            os.close(each)
        self._number, self._rest = 0, b""
        self.events: dict[str, list[Mapping[str, Any]]] = {}

    def call(self, method: str, session: str = "", **params: Any) -> Any:
        """Send a command, and wait for its answer."""
        self._number += 1
        document = {"id": self._number, "method": method, "params": params}
        os.write(
            self._to, json.dumps(document | ({"sessionId": session} if session else {})).encode() + b"\0"
        )
        until = time.monotonic() + _TIMEOUT
        while True:
            fields = self._next(until)
            if fields.get("id") == self._number:
                break
        if "error" in fields:
            raise BrowserError(f"{method}: {fields['error']}")
        return fields["result"]

    def await_event(self, method: str, session: str) -> None:
        """Wait for an event."""
        until = time.monotonic() + _TIMEOUT
        while not any(each["method"] == method for each in self.events.get(session, ())):
            self._next(until)

    def _next(self, until: float) -> Mapping[str, Any]:
        """Take the next message; events are kept."""
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._from], [], [], max(until - time.monotonic(), 0))
            chunk = os.read(self._from, _CHUNK) if ready else b""
            if not chunk:
                raise BrowserError("the browser does not answer")
            self._rest += chunk
        first, _, self._rest = self._rest.partition(b"\0")
        document: Mapping[str, Any] = json.loads(first)
        if "method" in document:
            self.events.setdefault(document.get("sessionId", ""), []).append(document)
        return document

    def close(self) -> None:
        """End the browser and all its processes."""
        for each in (self._to, self._from):
            os.close(each)
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends leave the low descriptors free."""
    import fcntl

    low = os.pipe()
    high = tuple(fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, _FREE) for each in low)
    for each in low:
        os.close(each)
    return high[0], high[1]
