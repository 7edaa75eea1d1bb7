"""Cells that share what comes before their request: the process forks there for each of them.

The scenario is played once. At a request that cells are about, a child for each goes on with its end of the request and
reports how the scenario ended; the parent waits for it, puts the files back, and goes on with the true answer.

A fork has the thread that forks and no other. So the scenario's calls are made in the main thread, one at a time. The
other threads of a test process (the receiver of an xdist worker, servers of earlier tests) hold no lock that a cell
takes: those of an account, a client and a cluster are its own, and Python makes those of ``logging``, ``threading`` and
imports anew in a child.
"""

import gc
import json
import os
import select
import signal
import stat
import tempfile
import threading
import time
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from tests.matrices.cells import Cell, Interposition
from tests.simulation.play import MEMORY

Play = Callable[[Path, Interposition], str]  # returns how the scenario ended, or fails
_BOUND = 120.0  # seconds: some hundred times the duration of a cell
_SHOWN = 5


@dataclass(frozen=True)
class CellResults:
    """How cells ended; ``failures`` are the tracebacks of those that failed."""

    ends: dict[Cell, str] = field(default_factory=dict)
    failures: dict[Cell, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The number of failed cells, and some of them."""
        some = [f"{cell}\n{text}" for cell, text in list(self.failures.items())[:_SHOWN]]
        failed = "\n".join([f"failed: {cell}" for cell in self.failures])
        return "\n".join([f"{len(self.failures)} of {len(self.ends)} cells failed", *some, failed])


def report_failures_only(play: Callable[[Path, Interposition], object]) -> Play:
    """A scenario of which only a failure is reported."""

    def played(folder: Path, interposition: Interposition) -> str:
        play(folder, interposition)
        return ""

    return played


def run_alone(play: Play, cell: Cell | None = None) -> tuple[str, Interposition]:
    """Run one cell from the beginning, or the scenario with all true responses."""
    interposition = Interposition(cell)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        return play(Path(folder), interposition), interposition


def run_forked(
    play: Play, cells: Callable[[Interposition], Iterable[Cell]], bound: float = _BOUND
) -> CellResults:
    """Run cells, chosen by the requests of the scenario; none may take more than ``bound`` seconds.

    The scenario is played with true answers first, so that each child begins with what modules cache.
    """
    _, plain = run_alone(play)
    forks = _Forks(bound)
    for cell in cells(plain):
        forks.cells[cell.at].append(cell)
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        forks.folder = Path(folder)
        trunk = Interposition(choose=forks.choose)
        try:
            end = play(forks.folder, trunk)
        except BaseException:
            if forks.report is None:
                raise
            forks.exit({"failure": traceback.format_exc()})
        if forks.report is not None:
            forks.exit({"end": end})
    chosen = {cell for each in forks.cells.values() for cell in each}
    assert forks.found.ends.keys() == chosen, f"not all were played: {chosen - forks.found.ends.keys()}"
    assert (trunk.seen, trunk.changes) == (plain.seen, plain.changes), "the scenario is another each time"
    return forks.found


@dataclass
class _Forks:
    """The forks of one scenario; in a child, ``report`` is the descriptor to which it writes."""

    bound: float
    cells: defaultdict[int, list[Cell]] = field(default_factory=lambda: defaultdict(list))
    folder: Path = Path()
    found: CellResults = field(default_factory=CellResults)
    report: int | None = None

    def choose(self, number: int) -> Cell | None:
        """Fork for each cell of a request; returns the cell in its child, and None in the parent."""
        if self.report is not None:
            return None
        for cell in self.cells.get(number, ()):
            before = _files(self.folder)
            reader, writer = os.pipe()
            if (child := _fork()) == 0:
                gc.disable()
                os.close(reader)
                self.report = writer
                return cell
            os.close(writer)
            self._note(cell, child, reader)
            _restore_files(self.folder, before)
        return None

    def exit(self, found: dict[str, str]) -> None:
        """Report how a cell ended, and end its process without the interpreter's finalization."""
        try:
            with os.fdopen(self.report or 0, "w", encoding="utf-8", errors="replace") as report:
                json.dump(found, report)
        finally:
            os._exit(0)

    def _note(self, cell: Cell, child: int, reader: int) -> None:
        try:
            text = _read_report(reader, self.bound)
        finally:
            os.close(reader)
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
        if text is None:
            found = {"failure": f"it did not end within {self.bound:.0f} s"}
        elif not text:
            found = {"failure": f"its process ended with status {status} and no report"}
        else:
            found = json.loads(text)
        self.found.ends[cell] = found.get("end", "")
        if "failure" in found:
            self.found.failures[cell] = found["failure"]


def _fork() -> int:
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("a call was made in another thread than the main one, and a fork has one thread")
    with warnings.catch_warnings():  # Python 3.12 and later warn where there are other threads
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _read_report(reader: int, bound: float) -> bytes | None:
    """All that a child writes until it closes its end; None if it does not within so many seconds."""
    text, until = b"", time.monotonic() + bound
    while select.select([reader], [], [], max(until - time.monotonic(), 0))[0]:
        part = os.read(reader, 1 << 16)
        if not part:
            return text
        text += part
    return None


Files = dict[Path, tuple[int, bytes]]  # permissions and content


def _files(folder: Path) -> Files:
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {
        path: (stat.S_IMODE(each.st_mode), path.read_bytes())
        for path, each in found.items()
        if stat.S_ISREG(each.st_mode)
    }


def _restore_files(folder: Path, before: Files) -> None:
    now = _files(folder)
    for path in now.keys() - before.keys():
        path.unlink()
    for path, (mode, content) in before.items():
        if now.get(path) != (mode, content):
            path.write_bytes(content)
            path.chmod(mode)
