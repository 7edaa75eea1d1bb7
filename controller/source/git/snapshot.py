"""Reads a source: settings, ref, commit, signature, tree, files; each stage takes the value of the previous one.

A read ends within its limits or when it is stopped, and returns a complete, immutable snapshot, or a failure. An
unreadable source is never an empty one.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Lock

from controller.core.digest import digest
from controller.core.finding import Code, Finding, Origin, in_order
from controller.source.git import objects
from controller.source.git.cache import GitCache, folder_of
from controller.source.git.errors import RefusedError, RetryTrigger, SourceFailure
from controller.source.git.mirror import Mirror, RequestObserver
from controller.source.git.objects import Git
from controller.source.git.program import ProcessLimits
from controller.source.git.remote_refs import ResolvedRevision
from controller.source.git.signature import signed_by
from controller.source.git.source import Source, examine
from controller.source.git.tree_walk import FollowedFolder, find, walk

_REMEMBERED = 4096  # sources; each head of a pull request is one
_REMEMBERED_BYTES = 256 * 1024 * 1024  # of their files
_COMMIT_BYTES = 1024 * 1024
_LFS = b"version https://git-lfs.github.com/spec/"


@dataclass(frozen=True)
class Snapshot:
    """All files of one revision. ``key`` changes with the files and settings, not with other commits."""

    ref: str
    revision: str
    tree: str
    key: str
    files: tuple[tuple[str, bytes], ...]
    signer: str = ""

    def __str__(self) -> str:
        """The ref and its commit: ``refs/heads/main@sha1:1a2b...``."""
        return f"{self.ref}@{objects.algorithm(self.revision)}:{self.revision}".removeprefix("@")


@dataclass(frozen=True)
class _Seen:
    """The last outcome for a source, and its inputs."""

    revision: str
    folder_key: tuple[str, ...]
    outcome: Snapshot | SourceFailure

    @property
    def size(self) -> int:
        """The bytes of its files."""
        files = self.outcome.files if isinstance(self.outcome, Snapshot) else ()
        return sum(len(data) for _, data in files)


class Mirrors:
    """All repositories in use, each listed and fetched once for all its sources. Thread-safe.

    Args:
        cache: the folder of the caches.
        on_request: called after each request to a server.
        now: the clock for the age of servers' answers.

    """

    def __init__(
        self,
        cache: Path,
        on_request: RequestObserver = lambda _op, _result, _seconds: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_request, self._now = on_request, now
        self._cache = cache.absolute()  # git runs in folders of its own
        self._lock = Lock()
        self._mirrors: dict[Path, Mirror] = {}
        self._seen: OrderedDict[Source, _Seen] = OrderedDict()
        self._seen_bytes = 0

    def fetch_snapshot(
        self, source: Source, *, since: float = math.inf, stop: Event | None = None
    ) -> Snapshot | SourceFailure:
        """The snapshot of a source, or the failure.

        Args:
            source: the source.
            since: accept an earlier answer of the server if it was requested at or after this time; by default a
                request is sent.
            stop: set to end the poll early.

        """
        if wrong := examine(source):
            return SourceFailure(wrong)
        bound = ProcessLimits(time.monotonic() + 2 * source.limits.seconds, stop=stop or Event())
        since = min(since, self._now())
        try:
            mirror = self._mirror(source)
            with mirror.store.lock(bound) as private:
                until = time.monotonic() + source.limits.seconds
                bound = replace(bound, until=until, memory=source.limits.memory_bytes)
                return self._outcome(mirror, source, since, private, bound)
        except RefusedError as error:
            return SourceFailure(error.findings)
        except OSError as error:
            return SourceFailure((Finding(Code.UNREACHABLE, f"the cache cannot be used: {error.strerror}"),))

    def last_request_time(self, source: Source) -> float:
        """When the desired refs of a source were last requested from the server; -inf if never."""
        return -math.inf if examine(source) else self._mirror(source).last_request_time(source.selector)

    def _mirror(self, source: Source) -> Mirror:
        with self._lock:
            folder = folder_of(self._cache, source)
            return self._mirrors.setdefault(folder, Mirror(GitCache(folder), self._on_request, self._now))

    def _outcome(
        self, mirror: Mirror, source: Source, since: float, private: Path, bound: ProcessLimits
    ) -> Snapshot | SourceFailure:
        found = mirror.find(source, since, private, bound)
        seen = self._cached_snapshot(source)
        if seen and seen.revision == found.commit:
            return _with_current_name(seen.outcome, found)
        try:
            mirror.fetch(found.commit, source, since, private, bound)
            now = _Reading(mirror.git(private, bound), source, private, bound).read(found, seen)
        except RefusedError as error:
            now = _Seen(found.commit, (), SourceFailure(error.findings, found.ref, found.commit))
        self._remember(mirror, source, now)
        return now.outcome

    def _cached_snapshot(self, source: Source) -> _Seen | None:
        with self._lock:
            return self._seen.get(source)

    def _remember(self, mirror: Mirror, source: Source, now: _Seen) -> None:
        """Keep a reusable outcome; a damaged cache is deleted, to be fetched again."""
        if isinstance(now.outcome, SourceFailure):
            if any(finding.code is Code.BROKEN_OBJECT for finding in now.outcome.findings):
                mirror.store.clear()
            if now.outcome.retry_trigger is not RetryTrigger.COMMIT:
                return
        with self._lock:
            before = self._seen.pop(source, None)
            self._seen_bytes += now.size - (before.size if before else 0)
            self._seen[source] = now
            while len(self._seen) > 1 and (
                len(self._seen) > _REMEMBERED or self._seen_bytes > _REMEMBERED_BYTES
            ):
                self._seen_bytes -= self._seen.popitem(last=False)[1].size


def _with_current_name(
    outcome: Snapshot | SourceFailure, found: ResolvedRevision
) -> Snapshot | SourceFailure:
    """The outcome with the commit's current name, such as that of a higher version."""
    return outcome if outcome.ref == found.ref else replace(outcome, ref=found.ref)


@dataclass(frozen=True)
class _Reading:
    """Reads a commit of the cache into a snapshot."""

    git: Git
    source: Source
    private: Path
    bound: ProcessLimits

    def read(self, found: ResolvedRevision, seen: _Seen | None) -> _Seen:
        """The snapshot at a commit; unchanged files are not read again."""
        commit = self._commit(found)
        signer = self._signer(commit)
        folder = find(self.git, commit.tree, self.source)
        if seen and seen.folder_key == folder.key and isinstance(seen.outcome, Snapshot):
            files = seen.outcome.files
        else:
            files = self._files(folder)
        key = digest([folder.key, self.source.shape])
        snapshot = Snapshot(found.ref, found.commit, folder.tree, key, files, signer)
        return _Seen(found.commit, folder.key, snapshot)

    def _commit(self, found: ResolvedRevision) -> objects.Commit:
        found_objects = objects.read(self.git, [found.commit], _COMMIT_BYTES, "commit")
        if found.commit not in found_objects:
            raise RefusedError(Finding(Code.BROKEN_OBJECT, f"the commit {found.commit} is not in the cache"))
        object_ = found_objects[found.commit]
        if object_.type != "commit":
            raise RefusedError(
                Finding(Code.NO_REVISION, f"{self.source.selector} is a {object_.type}, no commit")
            )
        return objects.commit(object_.data, found.commit)

    def _signer(self, commit: objects.Commit) -> str:
        signers = self.source.signers
        return signed_by(commit, signers, self.private, self.bound) if signers else ""

    def _files(self, folder: FollowedFolder) -> tuple[tuple[str, bytes], ...]:
        walked = walk(self.git, folder, self.source)
        findings = [*walked.findings, *self._check_sizes(walked.files)]
        if not walked.files and not findings:
            message = (
                f"no file under '{self.source.path or '.'}' is selected by include, exclude and ignore files"
            )
            findings.append(
                Finding(Code.NO_FILES, message, hint="nothing is deleted for a tree that is empty")
            )
        if findings:
            raise RefusedError(*in_order(findings))
        total = self.source.limits.tree.total_bytes
        found_objects = objects.read(self.git, walked.files.values(), total, "total_bytes")
        files = tuple((name, found_objects[oid].data) for name, oid in sorted(walked.files.items()))
        if pointers := [name for name, data in files if data.startswith(_LFS)]:
            raise RefusedError(*(_pointer(name) for name in pointers))
        return files

    def _check_sizes(self, files: dict[str, str]) -> list[Finding]:
        """The findings about the sizes of files, before any is read."""
        limits = self.source.limits.tree
        if len(files) > limits.files:
            return [Finding(Code.LIMIT, f"more than {limits.files} files (limit files)")]
        sizes = objects.sizes(self.git, files.values())
        large = [name for name, oid in files.items() if sizes.get(oid, math.inf) > limits.bytes_per_file]
        message = (
            f"the file has more than {limits.bytes_per_file} bytes (limit bytes_per_file), or was not sent"
        )
        out = [Finding(Code.LIMIT, message, Origin(name)) for name in large]
        if not out and sum(sizes[oid] for oid in files.values()) > limits.total_bytes:
            out.append(
                Finding(Code.LIMIT, f"more than {limits.total_bytes} bytes in all (limit total_bytes)")
            )
        return out


def _pointer(name: str) -> Finding:
    message = "a pointer of Git LFS: the file itself is not in the repository"
    return Finding(Code.LFS_POINTER, message, Origin(name), hint="keep documents out of Git LFS")
