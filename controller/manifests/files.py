"""The files of a list of paths, read within limits."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from controller.core.did_you_mean import did_you_mean
from controller.core.finding import Code, Finding, Origin, Severity


@dataclass(frozen=True)
class Limits:
    """Limits that are checked before anything is built from a file.

    The defaults are similar to those of other GitOps systems (Argo CD: 10 MB of manifests). ``depth`` counts nested
    mappings and lists, ``nodes`` every scalar, mapping and list of a file.
    """

    files: int = 10_000
    bytes_per_file: int = 1024 * 1024
    total_bytes: int = 10 * 1024 * 1024
    documents_per_file: int = 1_000
    depth: int = 64
    nodes: int = 200_000


SETTINGS = "sagectl.yaml"
STDIN = "<stdin>"
ENDINGS = frozenset({".yaml", ".yml", ".json"})


@dataclass
class FileContents:
    """Contents by name, in the order of the paths, sorted within a folder; and findings about unreadable files."""

    sources: list[tuple[str, bytes]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    total: int = 0

    def add(self, name: str, data: bytes) -> None:
        """Add the contents of a file."""
        self.sources.append((name, data))
        self.total += len(data)


def gather(paths: Sequence[str], stdin: BinaryIO | None, limits: Limits) -> FileContents:
    """Read files (whatever their names), folders (``*.yaml``, ``*.yml``, ``*.json``, recursively) and ``-``.

    Hidden files and folders are skipped, as is a folder's own ``sagectl.yaml``. Linked folders are not entered, and
    files linked from elsewhere are not read. A file that several paths name is read once. One byte more than the limit
    is read, to detect a larger file.
    """
    out = FileContents()
    seen: set[str] = set()
    for name in paths:
        if name == "-":
            _stdin(stdin, limits, out)
            continue
        for file in _files(Path(name), out):
            real = os.path.realpath(file)
            if real in seen:
                continue
            seen.add(real)
            if len(out.sources) >= limits.files:
                out.findings.append(_too_many_files(limits))
                return out
            _read(file, limits, out)
            if out.total > limits.total_bytes:
                return out
    return out


def reads(paths: Sequence[str], file: Path) -> bool:
    """Whether a file of that path and name would be read with the folders among the paths."""
    real = file.resolve()
    folders = [Path(path).resolve() for path in paths if path != "-"]
    inside = [real.relative_to(folder).parts for folder in folders if folder in real.parents]
    return file.suffix in ENDINGS and any(not any(p.startswith(".") for p in parts) for parts in inside)


def _stdin(stdin: BinaryIO | None, limits: Limits, out: FileContents) -> None:
    if stdin is None:
        out.findings.append(Finding(Code.UNREADABLE_FILE, "there is no standard input", Origin(STDIN)))
        return
    out.add(STDIN, stdin.read(limits.bytes_per_file + 1))


def _files(path: Path, out: FileContents) -> Iterator[Path]:
    if path.is_dir():
        yield from _folder(path, out)
    else:
        yield path


def _folder(root: Path, out: FileContents) -> Iterator[Path]:
    inside = os.path.realpath(root) + os.sep
    for folder, folders, names in os.walk(root, onerror=lambda error: _report_unreadable(error, out)):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder, name)
            if name.startswith(".") or file.suffix not in ENDINGS or file == root / SETTINGS:
                continue
            if os.path.realpath(file).startswith(inside):
                if file.is_file() or not file.exists():
                    yield file
            else:
                message = "the link leads out of the folder and was not followed"
                out.findings.append(
                    Finding(Code.UNREADABLE_FILE, message, Origin(str(file)), severity=Severity.WARNING)
                )


def _read(file: Path, limits: Limits, out: FileContents) -> None:
    try:
        # reading a FIFO without a writer would block
        with os.fdopen(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            if _is_ours(file) and not stat.S_ISREG(mode):
                message = "it is not a file but a FIFO, socket or device"
                hint = "give - to read standard input"
                out.findings.append(Finding(Code.UNREADABLE_FILE, message, Origin(str(file)), hint=hint))
                return
            os.set_blocking(opened.fileno(), True)
            out.add(str(file), opened.read(limits.bytes_per_file + 1))
    except (OSError, ValueError) as error:
        _report_unreadable(error, out, str(file))


def _is_ours(file: Path) -> bool:
    """Whether it is no file descriptor of the caller, such as ``<(command)`` of a shell."""
    return not str(file).startswith(("/dev/fd/", "/proc/self/fd/", "/dev/stdin"))


def _report_unreadable(error: Exception, out: FileContents, name: str = "") -> None:
    file = name or str(getattr(error, "filename", ""))
    reason = getattr(error, "strerror", None) or "not a file name"
    hint = _similar_name(Path(file)) if isinstance(error, FileNotFoundError) else ""
    out.findings.append(
        Finding(Code.UNREADABLE_FILE, f"it cannot be read: {reason}", Origin(file), hint=hint)
    )


def _similar_name(missing: Path) -> str:
    try:
        return did_you_mean(
            missing.name, (each.name for each in missing.parent.iterdir() if each.name[0] != ".")
        )
    except OSError:
        return ""


def _too_many_files(limits: Limits) -> Finding:
    return Finding(Code.LIMIT, f"more than {limits.files} files (limit files)")
