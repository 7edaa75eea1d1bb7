"""One repository with one login: listed once and fetched once, however many sources use it."""

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from controller.core.finding import Code, Finding
from controller.source.git import isolated_environment
from controller.source.git import remote_refs as listing
from controller.source.git.cache import GitCache
from controller.source.git.errors import RefusedError, finding_from_git
from controller.source.git.objects import Git, algorithm
from controller.source.git.program import ProcessEnd, ProcessLimits, ProcessResult, run
from controller.source.git.remote_refs import RemoteRefs, ResolvedRevision
from controller.source.git.revision_selector import RevisionForm, RevisionSelector
from controller.source.git.source import Source


@dataclass(frozen=True)
class _Answer:
    """A server's answer to a request, which may be a refusal."""

    at: float
    listing: RemoteRefs
    refusal: RefusedError | None = None

    def listing_or_refusal(self) -> RemoteRefs:
        if self.refusal:
            raise RefusedError(*self.refusal.findings)
        return self.listing


_NOTHING = RemoteRefs({})
_OLDEST = (2, 32)  # GIT_CONFIG_GLOBAL, by its release notes
RequestObserver = Callable[[str, str, float], None]  # the request, its result, its seconds
_Key = TypeVar("_Key", str, tuple[str, ...])


class Mirror:
    """The cached state of a repository. The caller holds its store's lock."""

    def __init__(
        self,
        store: GitCache,
        on_request: RequestObserver = lambda _op, _result, _seconds: None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store, self._on_request, self._now = store, on_request, now
        self._git: _Answer | None = None
        self._listings: dict[tuple[str, ...], _Answer] = {}
        self._fetches: dict[str, _Answer] = {}

    def last_request_time(self, selector: RevisionSelector) -> float:
        """When the desired refs were last requested from the server; -inf if never."""
        known = (
            None if selector.by is RevisionForm.COMMIT else self._listings.get(listing.ref_prefixes(selector))
        )
        return known.at if known else -math.inf

    def find(self, source: Source, since: float, private: Path, bound: ProcessLimits) -> ResolvedRevision:
        """The desired commit, from an answer to a request not older than ``since``.

        Raises:
            RefusedError: the server can't be reached, or has no such revision.

        """
        if self._git is None:
            self._git = self._answer(lambda: _require_git_version(private, bound))
        self._git.listing_or_refusal()
        if source.selector.by is RevisionForm.COMMIT:
            return _NOTHING.find(source.selector)
        prefixes = listing.ref_prefixes(source.selector)
        known = self._listings.get(prefixes)
        if known is None or known.at < since:
            known = self._run_and_log("list", lambda: _list_refs(source, prefixes, private, bound))
            _record_answer(self._listings, prefixes, known, bound)
        return known.listing_or_refusal().find(source.selector)

    def fetch(self, commit: str, source: Source, since: float, private: Path, bound: ProcessLimits) -> None:
        """Fetch a commit into the cache, once for all its sources.

        Raises:
            RefusedError: it can't be fetched.

        """
        self.store.open(algorithm(commit), private, bound)
        if self.store.has(commit):
            return
        known = self._fetches.get(commit)
        if known is None or known.at < since:
            known = self._run_and_log("fetch", lambda: self._fetch_commit(commit, source, private, bound))
            self._fetches.clear()
            _record_answer(self._fetches, commit, known, bound)
        known.listing_or_refusal()

    def _run_and_log(self, op: str, request: Callable[[], RemoteRefs]) -> _Answer:
        """Send a request to the server, and report its result."""
        began = time.monotonic()
        answer = self._answer(request)
        result = "ok" if answer.refusal is None else answer.refusal.findings[0].code.name.lower()
        self._on_request(op, result, time.monotonic() - began)
        return answer

    def _answer(self, request: Callable[[], RemoteRefs]) -> _Answer:
        at = self._now()
        try:
            return _Answer(at, request())
        except RefusedError as error:
            return _Answer(at, _NOTHING, error)

    def _fetch_commit(self, commit: str, source: Source, private: Path, bound: ProcessLimits) -> RemoteRefs:
        most = source.limits.pack_bytes
        before = self.store.packs()
        watched = replace(bound, file=most, watch=lambda: self.store.largest_unfinished_pack() > most)
        arguments = (f"--filter=blob:limit={source.limits.tree.bytes_per_file + 1}", *_SHALLOW)
        ref = f"{commit}:refs/kept/{commit}"
        where = ("git", f"--git-dir={self.store.git}", "fetch", *arguments, "--", source.url, ref)
        ran = run(where, isolated_environment.remote(private, source), private, watched)
        written = sum(size for name, size in self.store.packs().items() if name not in before)
        if max(written, self.store.largest_unfinished_pack() + (not ran.has_succeeded)) > most:
            self.store.clear()
            raise RefusedError(
                Finding(Code.LIMIT, f"the fetch has more than {most} bytes (limit pack_bytes)")
            )
        self.store.remove_leftovers(algorithm(commit))
        _check_result(ran, source)
        return _NOTHING

    def git(self, private: Path, bound: ProcessLimits) -> Git:
        """The git program for reads of the cache."""
        env = isolated_environment.local(private)

        def request(arguments: tuple[str, ...], feed: bytes, most: int) -> ProcessResult:
            where = ("git", f"--git-dir={self.store.git}", *arguments)
            return run(where, env, private, replace(bound, output=most), feed)

        return request


_SHALLOW = (
    "--depth=1",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-gc",
    "--no-recurse-submodules",
    "--no-show-forced-updates",
)


def _record_answer(answers: dict[_Key, _Answer], key: _Key, answer: _Answer, bound: ProcessLimits) -> None:
    """Record an answer for other sources of the repository, unless the poll was interrupted."""
    if not bound.stop.is_set():
        answers[key] = answer


def _require_git_version(private: Path, bound: ProcessLimits) -> RemoteRefs:
    """Check git's version; older versions ignore the variables that isolate the environment.

    Returns:
        No refs: the signature is the one that ``_answer`` requires.

    Raises:
        RefusedError: git is missing or too old.

    """
    ran = run(("git", "version"), isolated_environment.local(private), private, bound)
    if ran.end is ProcessEnd.MISSING:
        raise RefusedError(Finding(Code.SOURCE, "git is not installed"))
    found = re.match(rb"git version (\d+)\.(\d+)", ran.out)
    if not found or (int(found[1]), int(found[2])) < _OLDEST:
        message = found[0].decode() if found else "something else"
        raise RefusedError(
            Finding(Code.SOURCE, f"git {'.'.join(map(str, _OLDEST))} is needed; there is {message}")
        )
    return _NOTHING


def _list_refs(source: Source, arguments: tuple[str, ...], private: Path, bound: ProcessLimits) -> RemoteRefs:
    most = source.limits.refs_bytes
    where = ("git", "ls-remote", "--quiet", *arguments, "--", source.url)
    ran = run(where, isolated_environment.remote(private, source), private, replace(bound, output=most))
    if ran.end is ProcessEnd.FLOOD:
        raise RefusedError(
            Finding(Code.LIMIT, f"the list of refs has more than {most} bytes (limit refs_bytes)")
        )
    _check_result(ran, source)
    return RemoteRefs.parse(ran.out)


def _check_result(ran: ProcessResult, source: Source) -> None:
    if ran.has_succeeded:
        return
    if ran.end is not ProcessEnd.DONE:
        raise RefusedError(Finding(Code.UNREACHABLE, f"the server returned an error: {ran.end.value}"))
    raise RefusedError(finding_from_git(ran.err, source.login.secrets() if source.login else ()))
