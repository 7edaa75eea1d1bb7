"""Servers as processes on loopback: their start, their readiness, and their end."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOCAL = "127.0.0.1"
_TIMEOUT = 60.0
_GRACE = 10.0
# Go's collector runs when the heap has grown by GOGC percent (100 unless set), and at the limit in any case
# (pkg.go.dev/runtime): with this, kube-apiserver takes a fifth less processor time, and twice the memory. Threads on
# one core do not look for each other's work: that was a twentieth.
GO = {"GOGC": "400", "GOMEMLIMIT": "1GiB", "GOMAXPROCS": "1"}


@contextmanager
def running(command: list[str], log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """A process that runs while the block does; its output is written to the log."""
    with log.open("w") as stream:
        # A session of its own: Ctrl-C reaches us, and we stop it in order.
        process = subprocess.Popen(
            command, stdout=stream, stderr=stream, env={**GO, **os.environ}, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(_GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_ready(process: "subprocess.Popen[bytes]", ready: Callable[[], bool], log: Path) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: it ended, or did not get ready within a minute; the message holds the end of its log.

    """
    end = time.monotonic() + _TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        if ready():
            return
        time.sleep(0.1)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])
    raise RuntimeError(f"{Path(str(process.args[0])).name} did not get ready:\n{tail}")  # type: ignore[index]


def free_port() -> int:
    """A port on which nothing listened just now."""
    with socket.socket() as taken:
        taken.bind((LOCAL, 0))
        port: int = taken.getsockname()[1]
        return port
