"""Subprocesses git, gpgv and ssh-keygen, with limits, each killed with its process group.

No shell is involved, no environment variables are inherited, and the caller can stop it.
"""

import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Event
from typing import IO

_TICK = 0.05
_READ = 256 * 1024
_PIPE = 32 * 1024
_STDERR_LIMIT = 64 * 1024  # of standard error; the rest is read and dropped
_FILES = 256


class ProcessEnd(Enum):
    """How a program ended."""

    DONE = "done"
    TIMEOUT = "it took too long"
    STOPPED = "it was interrupted"
    FLOOD = "it exceeded its output limit"
    WATCHED = "it was stopped by its monitor"
    MISSING = "the program is not installed"


@dataclass(frozen=True)
class ProcessLimits:
    """Limits of a process: its output, its end (``time.monotonic``); ``watch`` returns True once it must stop."""

    until: float
    output: int = 1024 * 1024
    memory: int = 0
    file: int = 0
    stop: Event = field(default_factory=Event)
    watch: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class ProcessResult:
    """The result of a process: how it ended, exit code and output."""

    end: ProcessEnd
    code: int
    out: bytes
    err: bytes

    @property
    def has_succeeded(self) -> bool:
        """Whether it ended by itself with exit code 0."""
        return self.end is ProcessEnd.DONE and self.code == 0


def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, bound: ProcessLimits, feed: bytes = b""
) -> ProcessResult:
    """Run a program until it ends or a limit is reached. It is looked up on PATH."""
    found = shutil.which(argv[0])
    if not found:
        return ProcessResult(ProcessEnd.MISSING, -1, b"", b"")
    child = subprocess.Popen(
        [found, *argv[1:]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "LANGUAGE": "C", **env},
        cwd=cwd,
        bufsize=0,
        start_new_session=True,
    )
    try:
        _limit(child.pid, bound)
        process_io = _ProcessIO(child, feed, bound)
        end = process_io.supervise()
    finally:
        _kill_group(child)
    return ProcessResult(end, child.returncode, bytes(process_io.out), bytes(process_io.err))


def _limit(pid: int, bound: ProcessLimits) -> None:
    """Set the kernel's limits, where that is possible from outside (Linux); elsewhere only ``watch`` applies."""
    import resource

    prlimit = getattr(resource, "prlimit", None)
    if prlimit is None:  # pragma: no cover - not Linux
        return
    caps = {resource.RLIMIT_DATA: bound.memory, resource.RLIMIT_FSIZE: bound.file, resource.RLIMIT_CORE: 0}
    caps[resource.RLIMIT_NOFILE] = _FILES
    for what, most in caps.items():
        if most or what == resource.RLIMIT_CORE:
            try:
                prlimit(pid, what, (most, most))
            except (ProcessLookupError, ValueError, PermissionError):
                continue  # it has ended already, or has a lower limit


def _kill_group(child: "subprocess.Popen[bytes]") -> None:
    """Kill the process group, unless its leader has been reaped: its number might be reused."""
    if child.returncode is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe:
            pipe.close()


class _ProcessIO:
    """Writes a process's input and reads its output, until it ends or a limit is reached."""

    def __init__(self, child: "subprocess.Popen[bytes]", feed: bytes, bound: ProcessLimits) -> None:
        self.out, self.err = bytearray(), bytearray()
        self._child, self._feed, self._bound = child, memoryview(feed), bound

    def supervise(self) -> ProcessEnd:
        """Read until both output streams are closed and the process has ended."""
        with selectors.DefaultSelector() as waiting:
            self._register(waiting)
            while waiting.get_map():
                if (end := self._exceeded_limit()) is not None:
                    return end
                for key, _ in waiting.select(_TICK):
                    key.data(waiting)
        return self._last_moment()

    def _register(self, waiting: selectors.BaseSelector) -> None:
        child = self._child
        if child.stdin is None or child.stdout is None or child.stderr is None:
            raise AssertionError("unreachable: all three are pipes")
        for pipe in (child.stdin, child.stdout, child.stderr):
            os.set_blocking(pipe.fileno(), False)
        out, err, into = child.stdout, child.stderr, child.stdin
        waiting.register(out, selectors.EVENT_READ, lambda w: self._read_pipe(w, out.fileno(), self.out))
        waiting.register(err, selectors.EVENT_READ, lambda w: self._read_pipe(w, err.fileno(), self.err))
        waiting.register(into, selectors.EVENT_WRITE, lambda w: self._write_pipe(w, into))

    def _read_pipe(self, waiting: selectors.BaseSelector, pipe: int, into: bytearray) -> None:
        data = os.read(pipe, _READ)
        if not data:
            waiting.unregister(pipe)
        elif into is self.out or len(into) < _STDERR_LIMIT:
            into += data

    def _write_pipe(self, waiting: selectors.BaseSelector, pipe: IO[bytes]) -> None:
        try:
            self._feed = self._feed[os.write(pipe.fileno(), self._feed[:_PIPE]) :]
        except BrokenPipeError:
            self._feed = self._feed[:0]  # it has closed its input; the exit code shows why
        if not self._feed:
            waiting.unregister(pipe)
            pipe.close()

    def _exceeded_limit(self) -> ProcessEnd | None:
        bound = self._bound
        if len(self.out) > bound.output:
            return ProcessEnd.FLOOD
        if bound.stop.is_set():
            return ProcessEnd.STOPPED
        if time.monotonic() > bound.until:
            return ProcessEnd.TIMEOUT
        return ProcessEnd.WATCHED if bound.watch() else None

    def _last_moment(self) -> ProcessEnd:
        """Wait for the exit after both streams are closed, up to the limits."""
        while True:
            try:
                self._child.wait(_TICK)
            except subprocess.TimeoutExpired:
                if (end := self._exceeded_limit()) is not None:
                    return end
            else:
                return ProcessEnd.FLOOD if len(self.out) > self._bound.output else ProcessEnd.DONE
