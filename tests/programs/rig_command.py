"""What ``python -m`` of a rig does: a server for people to play with, or one for tests.

With a folder as argument it serves until its standard input ends, so that it can't outlive who started it.
"""

import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from tests.programs.built import MissingError, Report

READY = "access.json"


class Access(Protocol):
    """The connection to a running server."""

    def save(self, path: Path) -> None:
        """Write it to the file that tests read."""


_Access = TypeVar("_Access", bound=Access)


def play(
    arguments: list[str],
    serve: Callable[[Path, Report], AbstractContextManager[_Access]],
    shutdown: Callable[[_Access], str],
) -> int:
    """Start the server, print its address, and wait for the signal to stop.

    Args:
        arguments: a folder if a test starts it, none if a user does.
        serve: starts the server in a folder, and reports its progress.
        shutdown: returns the text for a user when it is ready.

    """
    # A shell that starts us in the background has SIGINT ignored.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, _interrupted)
    try:
        if arguments:
            _for_tests(Path(arguments[0]), serve)
        else:
            with (
                tempfile.TemporaryDirectory(prefix="rig-") as folder,
                serve(Path(folder), __report) as access,
            ):
                __report(shutdown(access))
                threading.Event().wait()
    except MissingError as missing:
        __report(f"error: {missing}")
        return 1
    except KeyboardInterrupt:
        __report("stopped")
    return 0


def _for_tests(folder: Path, serve: Callable[[Path, Report], AbstractContextManager[_Access]]) -> None:
    with serve(folder, __report) as access:
        access.save(folder / f"{READY}.part")
        (folder / f"{READY}.part").rename(folder / READY)
        sys.stdin.read()


def __report(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def _interrupted(*_: object) -> NoReturn:
    raise KeyboardInterrupt
