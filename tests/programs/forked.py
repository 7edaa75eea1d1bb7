"""Commands of the project as processes that a fork server starts; they behave as those that ``subprocess`` starts."""

import atexit
import json
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.repo.files import ROOT

SAGECTL = "controller.cli.main"
_TRACED = "COVERAGE_PROCESS_CONFIG"  # coverage starts with the interpreter, so a fork would not be measured


class ForkedProcess:
    """A process, with the part of ``subprocess.Popen`` that the tests use."""

    def __init__(self, args: Sequence[str], report: socket.socket) -> None:
        self.args = args
        self.returncode: int | None = None
        self._report = report
        self._lines = report.makefile("r", encoding="ascii")
        line = self._lines.readline()
        assert line, "the fork server has ended; its traceback is in the captured standard error"
        self.pid = int(line)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it runs on.

        """
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        self._close()

    def _ended(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._report], [], [], timeout)[0]:
            self.returncode = int(self._lines.readline())
            self._close()
        return self.returncode

    def _close(self) -> None:
        self._lines.close()
        self._report.close()


Process = ForkedProcess | subprocess.Popen[bytes]


def start_forked(
    arguments: Sequence[str],
    *,
    module: str = SAGECTL,
    cwd: Path = ROOT,
    env: Mapping[str, str],
    stdin: IO[Any] | None = None,
    stdout: IO[Any],
    stderr: IO[Any] | None = None,
    forked: bool = True,
) -> Process:
    """Start ``python -m module arguments``; standard error goes to standard output unless it is given."""
    if not forked or _TRACED in env:
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.Popen(
            command, cwd=cwd, env=env, stdin=stdin, stdout=stdout, stderr=stderr or stdout
        )
    request = {"module": module, "arguments": [*arguments], "folder": str(cwd), "environment": dict(env)}
    ours, theirs = socket.socketpair()
    with theirs, Path(os.devnull).open(encoding="ascii") as nothing:
        streams = [(stdin or nothing).fileno(), stdout.fileno(), (stderr or stdout).fileno()]
        socket.send_fds(_server().control, [json.dumps(request).encode()], [*streams, theirs.fileno()])
    return ForkedProcess(
        [module, *arguments], ours
    )  # with the other end closed, so that the fork server's end is seen


def run_to_end(
    arguments: Sequence[str],
    *,
    module: str = SAGECTL,
    cwd: Path = ROOT,
    env: Mapping[str, str],
    stdin: str = "",
    timeout: float = 60,
) -> "subprocess.CompletedProcess[str]":
    """Run ``sagectl``, or another module, to its end, with text on its standard input."""
    with (
        tempfile.TemporaryFile("w+") as read,
        tempfile.TemporaryFile("w+") as out,
        tempfile.TemporaryFile("w+") as err,
    ):
        read.write(stdin)
        read.seek(0)
        process = start_forked(arguments, module=module, cwd=cwd, env=env, stdin=read, stdout=out, stderr=err)
        try:
            code = process.wait(timeout)
        finally:
            process.kill()
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([module, *arguments], code, out.read(), err.read())


def command_folder() -> Path:
    """A folder for ``PATH`` whose ``sagectl`` is a fork, for what shells run; with coverage the installed one's."""
    if _TRACED in os.environ:
        return Path(sys.executable).parent
    return _server().folder


@dataclass(frozen=True)
class _Server:
    """The socket of this worker's fork server, and the folder of the command that shells run."""

    control: socket.socket
    folder: Path


@cache
def _server() -> _Server:
    """Start it. The sockets are of sequenced packets, so that each message is one request."""
    folder = Path(tempfile.mkdtemp(prefix="forked-"))
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(str(folder / "socket"))
    listening.listen()
    with theirs, listening:
        descriptors = [theirs.fileno(), listening.fileno()]
        command = [sys.executable, "-m", "tests.programs.fork_server", *map(str, descriptors)]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=descriptors)
    client = [sys.executable, "-IS", str(Path(__file__).with_name("fork_client.py")), str(folder / "socket")]
    script = folder / "sagectl"
    script.write_text(f'#!/bin/sh\nexec {shlex.join(client)} "$@"\n', encoding="utf-8")
    script.chmod(0o755)
    atexit.register(_end, ours, process, folder)
    return _Server(ours, folder)


def _end(control: socket.socket, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    control.close()
    end = time.monotonic() + 10
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.01)
    process.kill()
    process.wait()
    shutil.rmtree(folder)
