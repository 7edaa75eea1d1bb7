"""One server for all workers of a test run.

The worker that comes first starts it and stops it when the others have left; it holds the server's standard
input open, so that the server ends even when that worker is killed.
"""

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from tests.programs.rig_command import READY
from tests.repo.files import ROOT

_TIMEOUT = 240.0  # a machine under load is slow
_TICK = 0.05


@contextmanager
def shared_access(rig: str, base: pytest.TempPathFactory) -> Iterator[Path]:
    """The access file of a server that all workers share; the rig is the package that starts it."""
    temporary = base.getbasetemp()
    folder = (temporary.parent if "PYTEST_XDIST_WORKER" in os.environ else temporary) / rig
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder) as users:
        running = None if _has_users(users) else _start(rig, folder)
        _add_user(users, [*_has_users(users), os.getpid()])
    try:
        yield folder / READY
    finally:
        _remove_user(folder)
        if running is not None:
            _stop(running, folder)


@contextmanager
def _lock(folder: Path) -> Iterator[TextIO]:
    with (folder / "users.json").open("a+", encoding="utf-8") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        yield users


def _has_users(users: TextIO) -> list[int]:
    users.seek(0)
    return [pid for pid in json.loads(users.read() or "[]") if _exists(pid)]


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 is sent to no process: it only checks
    except ProcessLookupError:
        return False
    return True


def _add_user(users: TextIO, pids: list[int]) -> None:
    users.seek(0)
    users.truncate()
    users.write(json.dumps(pids))
    users.flush()


def _remove_user(folder: Path) -> None:
    with _lock(folder) as users:
        _add_user(users, [pid for pid in _has_users(users) if pid != os.getpid()])


def _start(rig: str, folder: Path) -> "subprocess.Popen[bytes]":
    (folder / READY).unlink(missing_ok=True)
    command = [sys.executable, "-m", rig, str(folder)]
    with (folder / "rig.log").open("w") as log:
        running = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log)
    end = time.monotonic() + _TIMEOUT
    while not (folder / READY).exists():
        if running.poll() is not None or time.monotonic() > end:
            _close(running)
            raise RuntimeError((folder / "rig.log").read_text(encoding="utf-8"))
        time.sleep(_TICK)
    return running


def _stop(running: "subprocess.Popen[bytes]", folder: Path) -> None:
    """Wait for the other workers, then stop it under the lock, so that no other starts to use it."""
    end = time.monotonic() + 10 * _TIMEOUT
    while time.monotonic() < end:
        with _lock(folder) as users:
            if not _has_users(users):
                _close(running)
                return
        time.sleep(_TICK)
    _close(running)


def _close(running: "subprocess.Popen[bytes]") -> None:
    if running.stdin is not None:
        running.stdin.close()
    running.wait(_TIMEOUT)
