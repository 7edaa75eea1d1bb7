"""The cache of one repository with one login: a bare, shallow repository, locked by one user at a time."""

import fcntl
import hashlib
import hmac
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from controller.core.finding import Code, Finding
from controller.runtime.atomic_file import OWNER_ONLY, create_file, replace_file
from controller.source.git import isolated_environment
from controller.source.git.errors import RefusedError
from controller.source.git.program import ProcessLimits, run
from controller.source.git.source import Source

_FOLDER_MODE = 0o700
_WAIT = 0.02
_MOST_PACKS = 50
# Rewritten after each fetch: a fetch without large files records the server here, and then git would connect to it to
# read a missing file.
_CONFIG = "[core]\n    repositoryformatversion = {version}\n    bare = true\n"
_SHA256 = "[extensions]\n    objectFormat = sha256\n"


def folder_of(cache: Path, source: Source) -> Path:
    """The cache folder of a source. Another login has another folder, because it may not see the same objects.

    The name is a keyed digest, because a plain digest would reveal a weak password.
    """
    login = source.login.secrets() if source.login else ()
    most = f"{source.limits.pack_bytes} {source.limits.tree.bytes_per_file}"  # what a fetch leaves out hangs on these
    message = "\0".join((source.url, source.ca, most, type(source.login).__name__, *login))
    return cache / hmac.new(_salt(cache), message.encode(), hashlib.sha256).hexdigest()[:32]


def _salt(cache: Path) -> bytes:
    cache.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
    file = cache / "salt"
    with suppress(FileExistsError):
        create_file(file, secrets.token_bytes(32), mode=OWNER_ONLY)
    salt = file.read_bytes()
    if not salt:
        raise RefusedError(
            Finding(Code.UNREACHABLE, f"{file.name} in the cache is empty", hint="remove the file")
        )
    return salt


class GitCache:
    """Objects of one repository on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git = folder / "git"
        self._lock = threading.Lock()

    @contextmanager
    def lock(self, bound: ProcessLimits) -> Iterator[Path]:
        """Lock the cache against other threads and processes; yields a private folder.

        Raises:
            RefusedError: others hold it for too long, or the poll was stopped.

        """
        while not self._lock.acquire(timeout=_WAIT):
            _read_timeout(bound)
        try:
            self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            with self._file_lock(bound), isolated_environment.folder(self.folder) as private:
                yield private
        finally:
            self._lock.release()

    @contextmanager
    def _file_lock(self, bound: ProcessLimits) -> Iterator[None]:
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _try_lock(descriptor):
                _read_timeout(bound)
                bound.stop.wait(_WAIT)
            yield
        finally:
            os.close(descriptor)

    def open(self, algorithm: str, private: Path, bound: ProcessLimits) -> None:
        """Prepare the repository; one that is too large, or has the other object format, is recreated.

        Raises:
            RefusedError: it can't be created.

        """
        kind = self.folder / "algorithm"
        known = kind.read_text(encoding="ascii", errors="replace") if kind.exists() else ""
        if known != algorithm or len(self.packs()) > _MOST_PACKS:
            self.clear()
            command = ("git", "init", "--quiet", "--bare", "--template=", f"--object-format={algorithm}")
            ran = run((*command, "--", str(self.git)), isolated_environment.local(private), private, bound)
            if not ran.has_succeeded:
                raise RefusedError(Finding(Code.UNREACHABLE, f"the cache cannot be made: {ran.end.value}"))
            replace_file(kind, algorithm)
        for left in self.git.rglob("*.lock"):
            left.unlink()  # of a killed run: no other process uses it
        self.remove_leftovers(algorithm)

    def remove_leftovers(self, algorithm: str) -> None:
        """Remove the server that a fetch recorded, and its unfinished files."""
        sha256 = algorithm == "sha256"
        text = _CONFIG.format(version=int(sha256)) + (_SHA256 if sha256 else "")
        replace_file(self.git / "config", text)
        for left in self._files("tmp_*"):
            left.unlink(missing_ok=True)

    def has(self, commit: str) -> bool:
        """Whether a commit was fetched, with all needed objects."""
        return (self.git / "refs" / "kept" / commit).exists()

    def clear(self) -> None:
        """Delete everything that was fetched."""
        (self.folder / "algorithm").unlink(missing_ok=True)
        shutil.rmtree(self.git, ignore_errors=True)

    def largest_unfinished_pack(self) -> int:
        """The size in bytes of the largest pack that is being written."""
        return max((_size(each) for each in self._files("tmp_pack_*")), default=0)

    def packs(self) -> dict[str, int]:
        """The complete packs, and their sizes."""
        return {each.name: _size(each) for each in self._files("*.pack")}

    def _files(self, pattern: str) -> list[Path]:
        return list((self.git / "objects" / "pack").glob(pattern))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_timeout(bound: ProcessLimits) -> None:
    if bound.stop.is_set():
        raise RefusedError(Finding(Code.UNREACHABLE, "it was interrupted"))
    if time.monotonic() > bound.until:
        raise RefusedError(Finding(Code.UNREACHABLE, "others held the cache for too long"))
