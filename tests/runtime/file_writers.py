"""All files that the product stores, by writer; as a program it ends the writer at each of its system calls."""

import os
import resource
import signal
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from controller.cli.crds import write_definitions
from controller.cli.main import main
from controller.cli.saved_plan import write_plan
from controller.core.ref import Ref
from controller.gitops.status import SyncRecord
from controller.gitops.status_store import write_record
from controller.inventory.file_store import FileInventoryStore, with_recovery
from controller.inventory.model import Entry, Inventory, UnrecordedError
from controller.runtime.atomic_file import create_file, replace_file, save
from controller.source.git.cache import GitCache

_EVENTS = {"open", "os.rename", "os.link", "os.remove", "os.chmod", "os.truncate"}
_OLD = Inventory("default", "123456789012", "us-east-1", "k" * 64)


@dataclass(frozen=True)
class Writer:
    """A file that is kept.

    Fields:
        file: its path below a folder.
        write: writes it below that folder.
        before: its content before; None where there is no file.
        replaces: whether it takes the place of another.
    """

    file: str
    write: Callable[[Path], object]
    before: bytes | None = b"old"
    replaces: bool = True


def _inventory(folder: Path) -> None:
    ref = Ref("Model", "a")
    FileInventoryStore(folder / "inventory.json", "default").save(
        replace(_OLD, entries={ref: Entry(ref, "a")})
    )


def _recovery(folder: Path) -> None:
    store = FileInventoryStore(folder / "inventory.json", "default")
    kept = with_recovery(store, "inventory.json", folder / "inventory.json", folder)
    kept.keep_elsewhere(UnrecordedError("it failed", _OLD, _OLD, ()))


def _settle(folder: Path) -> None:
    store = GitCache(folder)
    store.git.mkdir(exist_ok=True)
    store.remove_leftovers("sha256")


WRITERS = {
    "inventory": Writer("inventory.json", _inventory),
    "recovery file": Writer("inventory.json.recovery", _recovery),
    "saved plan": Writer("plan.json", lambda folder: write_plan(str(folder / "plan.json"), "{}" * 9999)),
    "status of a sync": Writer("s.json", lambda folder: write_record(folder / "s.json", SyncRecord("s"))),
    "any state": Writer("deep/state.json", lambda folder: save(folder / "deep" / "state.json", "{}"), None),
    "roles": Writer("rbac.yaml", lambda folder: main(["rbac", "--write", str(folder / "rbac.yaml")])),
    "definitions": Writer("a.yaml", lambda folder: write_definitions(folder, {"a.yaml": "new"})),
    "health checks": Writer("a.yaml", lambda folder: main(["crds", "--argocd", str(folder / "a.yaml")])),
    "cache of git": Writer("git/config", _settle),
    "edited documents": Writer("a.yaml", lambda folder: replace_file(folder / "a.yaml", "new")),
    "exported documents": Writer("b.yaml", lambda folder: create_file(folder / "b.yaml", "new"), None, False),
}


class _StepLimit:
    """Counts the system calls that change a folder, and ends the process before a given one."""

    def __init__(self, folder: Path, last: int) -> None:
        self.names = list[str]()
        self._folder, self._last = str(folder), last

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """An audit hook (``sys.addaudithook``)."""
        if event not in _EVENTS or not any(str(each).startswith(self._folder) for each in args[:2]):
            return
        self.names.append(event)
        if len(self.names) == self._last:
            os._exit(9)


def _prepare(writer: Writer, folder: Path) -> Path:
    file = folder / writer.file
    if writer.before is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(writer.before)
    return file


def _write_interrupted(writer: Writer, folder: Path, last: int) -> int:
    """Write in a process of its own that ends before its ``last``-th step; returns its exit code."""
    child = os.fork()
    if child == 0:
        steps = _StepLimit(folder, last)
        sys.addaudithook(steps)
        sys.stdout = sys.stderr
        try:
            writer.write(folder)
        except FileExistsError:
            os._exit(1)
        if last == 0:
            os.write(1, " ".join(dict.fromkeys(steps.names)).encode())
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _write_torn(writer: Writer, folder: Path, size: int) -> None:
    """Write in a process that the system kills at the first write beyond so many bytes of any file (SIGXFSZ)."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        writer.write(folder)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGXFSZ:
        sys.exit("it was not killed while it wrote")


def _play(writer: Writer, folder: Path) -> None:
    (folder / "imported").mkdir()
    _prepare(writer, folder / "imported")
    with redirect_stdout(sys.stderr):
        writer.write(folder / "imported")  # imports and compiles once what each process below needs
    (folder / "whole").mkdir()
    whole = _prepare(writer, folder / "whole")
    if _write_interrupted(writer, folder / "whole", 0) != 0:
        sys.exit("it can't be written")
    new = whole.read_bytes()
    if new == writer.before:
        sys.exit("nothing was written")
    (folder / "torn").mkdir()
    torn = _prepare(writer, folder / "torn")
    _write_torn(writer, folder / "torn", len(new) // 2)
    if (torn.read_bytes() if torn.exists() else None) != writer.before:
        sys.exit("half of it was written")
    for last in range(1, 500):
        within = folder / str(last)
        within.mkdir()
        file = _prepare(writer, within)
        code = _write_interrupted(writer, within, last)
        found = file.read_bytes() if file.exists() else None
        if found not in (writer.before, new):
            sys.exit(f"step {last}: {found!r:.200}")
        if code == 0:
            return
        if _write_interrupted(writer, within, 0) not in (0, 1) or (
            writer.replaces and file.read_bytes() != new
        ):
            sys.exit(f"step {last}: the next run does not write it")
    sys.exit("it has no end")


if __name__ == "__main__":
    _play(WRITERS[sys.argv[1]], Path(sys.argv[2]))
