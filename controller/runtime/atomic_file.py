"""Atomic writes of files.

A file is written beside its target under another name, flushed to disk and renamed, and the folder is flushed after
that (rename(2), fsync(2)): a reader, a crash or a full disk finds the old content or the new one. Every file that the
product keeps is written here; tests/runtime/test_atomic_file.py names the exceptions, with the reason.
"""

import json
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

OWNER_ONLY = 0o600


class StateError(Exception):
    """One of our files can't be used; the message names it, and the reason."""


def replace_file(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write a file, replacing an existing one.

    A link stays, and its target is replaced. A device or a pipe, such as ``/dev/stdout``, is written to.

    Args:
        path: the file; its folder exists.
        content: a text is written as UTF-8.
        mode: the permissions; None keeps those of an existing file, or leaves them to the umask.

    Raises:
        OSError: it can't be written; an existing file is unchanged.

    """
    target = path.resolve() if path.is_symlink() else path
    if not path.is_file() and path.exists() and not path.is_dir():
        path.write_bytes(_encode(content))
        return
    kept = mode
    if mode is None and target.exists():
        kept = stat.S_IMODE(target.stat().st_mode)
    _write_then(target, _encode(content), kept, os.replace)


def create_file(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write a new file.

    Args:
        path: the file; its folder exists, on a file system with hard links (link(2)).
        content: a text is written as UTF-8.
        mode: the permissions; None leaves them to the umask.

    Raises:
        FileExistsError: the name exists, even as a dangling link; it is unchanged.
        OSError: it can't be written.

    """
    _write_then(path, _encode(content), mode, os.link)


def load(file: Path) -> dict[str, Any] | None:
    """Read a mapping; None if there is no file.

    Raises:
        StateError: it can't be read, or is no mapping.

    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{file} can't be read: {error.strerror}") from error
    except ValueError:
        raise StateError(f"{file} is not JSON") from None
    if not isinstance(document, dict):
        raise StateError(f"{file} is no mapping")
    return document


def save(file: Path, text: str) -> None:
    """Write a file, and create its folders.

    Raises:
        StateError: it can't be written.

    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, text)
    except OSError as error:
        raise StateError(f"{file} can't be written: {error.strerror}") from error


def _encode(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _write_then(
    target: Path, content: bytes, mode: int | None, install: Callable[[Path, Path], None]
) -> None:
    """Write a temporary file and move it to its path by ``install``; it is removed after any failure."""
    import secrets

    part = target.with_name(f".{secrets.token_hex(8)}.part")
    try:
        _write(part, content, mode)
        install(part, target)
        _flush_folder(target.parent)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)  # after a rename it is gone, after a link it remains


def _write(path: Path, content: bytes, mode: int | None) -> None:
    """Write a new file with its permissions from the beginning, and flush it to disk."""
    descriptor = os.open(
        path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else OWNER_ONLY
    )
    with os.fdopen(descriptor, "wb") as file:
        if mode is not None:
            os.fchmod(descriptor, mode)
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    """Flush a folder to disk, so that a rename in it is durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
