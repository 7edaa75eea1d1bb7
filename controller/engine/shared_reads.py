"""Reads of an account that the proofs of several deletions share.

The proof that nothing uses a resource reads all possible dependents, which costs deletions x dependents calls if each
deletion repeats it. Here deletions at about the same time share Lists, and a Describe is repeated only if the List
shows a change, or does not show changes. They also share reads of tags, and a List that would otherwise be narrowed to
each of them.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.lookup import STAMPS, describe, every_page, indexed_tags, pages, phase_of_status
from controller.engine.observed import Live, ObservedAccount
from controller.schema.contract import Contract, contract
from controller.schema.shape import Operation, answer_member, shape

Elements: TypeAlias = tuple[Mapping[str, Any], ...]
_Reads: TypeAlias = "dict[tuple[str, ...], _Read]"

# Seconds from the first request of a List for which it is valid. A deletion follows its proof at once; with throttled
# or slow calls as much time may pass without shared reads.
LISTED = 2.0
# Seconds for which the Describe of a kind with an Update is valid if the List shows the same times: a List may lag.
DESCRIBED = 30.0
# ARNs in one request of GetResources: it takes a hundred and no token with them, and a page of it has 50 by default.
_TAGGED = 50
_FEWEST = 10  # deletions at about the same time from which on the index is read
_ONE_BY_ONE = 3  # names of a kind that are described before its List is read for further ones
# Seconds for which a List shows that a name is free. The creation proves that it still is: a taken name is refused.
FREE = 30.0
_PAGES = 5  # of a List that is read for several deletions; a longer one is narrowed to each
_MOST = 20_000  # reads that are kept; then all are dropped


_UNREAD: tuple[float, None] = (float("-inf"), None)


def names_in(of: Contract, summary: Mapping[str, Any]) -> set[str]:
    """The names and ARNs in a List's element by which its resource may be identified, in lower case."""
    called = (str(summary[name]) for name in of.listed_as if summary.get(name))
    return {name.casefold() for name in (*called, of.named_in(summary))}


@dataclass
class _Read:
    """One read: its value, its thread, when it was begun, and the stamp that shows it unchanged."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    begun: float = float("-inf")
    stamp: tuple[str, ...] = ()


@dataclass
class _Search:
    """Names of a kind that were looked up shortly after each other: their number, the last time, and the List's names.

    ``least`` is the number after which the List is read.
    """

    last: float
    count: int = 0
    least: int = _ONE_BY_ONE
    names: _Read = field(default_factory=_Read)


class SharedReads:
    """A short-lived cache of Lists and Describes. Thread-safe; refused reads are not kept.

    Args:
        now: a monotonic clock, in seconds.
        waits: whether a thread waits for the same read of another one. Passes of different objects do not wait for
            each other, so they may make a read twice.

    """

    def __init__(self, now: Callable[[], float] = time.monotonic, *, waits: bool = True) -> None:
        self.now, self._waits = now, waits
        self._lock = threading.Lock()
        self._lists: _Reads = {}
        self._bodies: _Reads = {}
        self._whole: _Reads = {}
        self._wide: set[tuple[str, ...]] = set()
        self._tags: dict[str, tuple[float, Mapping[str, str] | None]] = {}
        self._tagging = threading.Lock()
        self._expected: dict[str, str] = {}
        self._leaving: dict[str, str] = {}
        self._left: dict[str, float] = {}
        self._batch: Counter[str] = Counter()
        self._searches: dict[str, _Search] = {}

    def empty(self) -> "SharedReads":
        """Reads with the same clock and nothing in them, for what has to be read anew."""
        return SharedReads(self.now, waits=self._waits)

    def is_free(self, cloud: Cloud, of: Contract, name: str) -> bool:
        """Whether a List shows that no resource of a kind has a name; False if unknown.

        The List is read when more than a few names are looked up shortly after each other, up to half as many pages as
        names; it is valid for ``FREE`` seconds.
        """
        now = self.now()
        with self._lock:
            search = self._searches.setdefault(of.name, _Search(now))
            if now - search.last > LISTED:
                search.count, search.least = 0, _ONE_BY_ONE
            search.last, search.count = now, search.count + 1
            names = search.names
        if not names.lock.acquire(blocking=self._waits):
            return False
        try:
            if now - names.begun > FREE:
                if search.count <= search.least:
                    return False
                names.value = self._all_names(cloud, of, search.count // 2)
                names.begun = now if names.value is not None else names.begun
                search.least = 2 * search.count
            return names.value is not None and name.casefold() not in names.value
        finally:
            names.lock.release()

    def _all_names(self, cloud: Cloud, of: Contract, most: int) -> frozenset[str] | None:
        """The names that the List of a kind shows; None where it has more than ``most`` pages, or is refused."""
        found = set[str]()
        try:
            for count, page in enumerate(pages(cloud, of, of.kind.identity.fixed), start=1):
                if count > most:
                    return None
                for each in page:
                    found |= names_in(of, each)
        except CloudError:
            return None  # the Describe reports the error
        return frozenset(found)

    def expect(self, kind: str, arn: str) -> None:
        """Note a deletion that is about to be made, in the order in which they are likely to be made."""
        with self._lock:
            if arn not in self._expected:
                self._expected[arn] = kind
                self._batch[kind] += 1
            if len(self._expected) > _MOST:
                self._expected.clear()  # of objects that were deleted elsewhere
                self._leaving.clear()
                self._batch.clear()

    def end_deletion(self, arn: str) -> None:
        """Note that an expected deletion was made, or will not be."""
        with self._lock:
            self._expected.pop(arn, None)
            self._leaving.pop(arn, None)
            if not (self._expected or self._leaving):
                self._batch.clear()
                self._wide.clear()

    def note_deletion(self, kind: str, arn: str) -> None:
        """Note that AWS is carrying out a deletion; it is counted for its kind until it has ended."""
        with self._lock:
            self._leaving[arn] = kind
            self._left[kind] = self.now()

    def is_batch(self, kind: str) -> bool:
        """Whether several resources of a kind are deleted at about the same time."""
        return self._batch[kind] > 1

    def tags(self, cloud: Cloud, arn: str) -> Mapping[str, str] | None:
        """The tags of a resource to be deleted, from the tagging index; None if it lacks them.

        None also for few deletions: then ListTags, which does not lag, costs little. The tags of the next expected
        deletions are read with it, and are valid as long as a List is.
        """
        if self._batch.total() < _FEWEST or arn not in self._expected:
            return None
        if not self._tagging.acquire(timeout=-1 if self._waits else LISTED):
            return None
        try:
            if self.now() - self._tags.get(arn, _UNREAD)[0] > LISTED:
                self._read_tags(cloud, arn)
            return self._tags[arn][1]
        finally:
            self._tagging.release()

    def _read_tags(self, cloud: Cloud, arn: str) -> None:
        """Read the tags of a resource, and of the next that are expected."""
        begun = self.now()
        self._tags = {each: seen for each, seen in self._tags.items() if begun - seen[0] <= LISTED}
        with self._lock:
            others = [each for each in self._expected if each not in ("", arn, *self._tags)]
        batch = [arn, *others[: _TAGGED - 1]]
        try:
            found = indexed_tags(cloud, batch)
        except CloudError:
            found = {}  # ListTags reports the error
        self._tags |= {each: (begun, found.get(each)) for each in batch}

    def list_unless_large(
        self, cloud: Cloud, lists: Operation, given: Mapping[str, Any], *, deleted_since: str = ""
    ) -> Elements | None:
        """All elements of a List that is not narrowed; None where it has too many pages, takes long, or is refused.

        Args:
            cloud: where to read.
            lists: the operation.
            given: its parameters.
            deleted_since: a kind; the List is then no older than the last deletion of it that AWS began.

        """
        since = self._left.get(deleted_since, float("-inf"))
        key = (lists.name, *(f"{name}={value}" for name, value in sorted(given.items())))
        if key in self._wide:
            return None
        found: Elements | None = self._read(
            self._whole, key, lambda: self._few_pages(cloud, lists, given), LISTED, since=since
        )
        if found is None:
            self._wide.add(key)
        return found

    def _few_pages(self, cloud: Cloud, lists: Operation, given: Mapping[str, Any]) -> Elements | None:
        found, begun = list[Mapping[str, Any]](), self.now()
        try:
            for count, page in enumerate(every_page(cloud, lists, given), start=1):
                if count > _PAGES or self.now() - begun > LISTED / 2:
                    return None
                found += page
        except CloudError:
            return None  # the narrowed List reports the error
        return tuple(found)

    def begin_changes(self) -> None:
        """Read Lists again from now on, because reads for the plan are no proof for its apply.

        Passes of different objects still share the reads of the last ``LISTED`` seconds.
        """
        if self._waits:
            with self._lock:
                self._lists.clear()
                self._whole.clear()

    def list_elements(self, cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any]) -> Elements:
        """All elements of a List; none where the region lacks the operation.

        Raises:
            CloudError: a page was refused.

        """
        key = (lists.name, *(f"{name}={value}" for name, value in sorted(narrowed.items())))
        found: Elements = self._read(self._lists, key, lambda: _elements(cloud, lists, narrowed), LISTED)
        return found

    def describe_each(
        self, cloud: Cloud, of: Contract, summaries: Elements
    ) -> Iterator[tuple[str, Live | None]]:
        """The names in a List's elements with their described bodies, None for those not found.

        Bodies that another thread is reading come last, so that threads with the same List share the work.

        Raises:
            CloudError: a Describe was refused.

        """
        busy: list[Mapping[str, Any]] = []
        for summary in summaries:
            if self._is_read_elsewhere(of, summary):
                busy.append(summary)
            else:
                yield self._describe_listed(cloud, of, summary)
        for summary in busy:
            yield self._describe_listed(cloud, of, summary)

    def note(self, observed: ObservedAccount, known: Collection[Ref], begun: float) -> None:
        """Add the Describes of a pass since ``begun``, except those that it had ``known``; a List proves them later."""
        for ref, live in observed.live.items():
            of = contract(ref.kind)
            if ref in known or of.lists is None:
                continue
            element = shape(shape(answer_member(of.lists, of.page_member)).element)
            summary = {name: value for name, value in live.body.items() if name in element.members}
            with self._lock:
                shared = self._bodies.setdefault((of.name, live.name), _Read())
            if shared.lock.acquire(blocking=False):
                shared.value, shared.begun, shared.stamp = live, begun, _stamp(summary)
                shared.lock.release()

    def _describe_listed(
        self, cloud: Cloud, of: Contract, summary: Mapping[str, Any]
    ) -> tuple[str, Live | None]:
        name, lasts = of.named_in(summary), _validity(of, summary)
        key, stamp = (of.name, name), _stamp(summary)
        return name, self._read(self._bodies, key, lambda: describe(cloud, of, name), lasts, stamp)

    def _is_read_elsewhere(self, of: Contract, summary: Mapping[str, Any]) -> bool:
        with self._lock:
            shared = self._bodies.get((of.name, of.named_in(summary)))
        return self._waits and shared is not None and shared.lock.locked()

    def _read(
        self,
        reads: _Reads,
        key: tuple[str, ...],
        make: Callable[[], Any],
        lasts: float,
        stamp: tuple[str, ...] = (),
        *,
        since: float = float("-inf"),
    ) -> Any:
        with self._lock:
            if len(reads) > _MOST:
                reads.clear()
            shared = reads.setdefault(key, _Read())
        if not shared.lock.acquire(blocking=self._waits):
            return make()
        try:
            begun = self.now()
            if begun - shared.begun > lasts or shared.begun <= since or shared.stamp != stamp:
                shared.begun = float("-inf")  # a failed read is not kept
                shared.value = make()
                shared.begun, shared.stamp = begun, stamp
            return shared.value
        finally:
            shared.lock.release()


def _elements(cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any]) -> Elements:
    try:
        return tuple(each for page in every_page(cloud, lists, narrowed) for each in page)
    except CloudError as error:
        if error.fault is Fault.UNSUPPORTED:
            return ()
        raise


def _stamp(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """The members of a List's element that change when its resource is recreated or changed, or when a change ends."""
    return tuple(
        str(value)
        for name, value in sorted(summary.items())
        if name in STAMPS or name.endswith(("Arn", "Status"))
    )


def _validity(of: Contract, summary: Mapping[str, Any]) -> float:
    """The seconds for which a Describe is valid while the stamp of the List's element is unchanged."""
    if of.updates is None and not of.kind.lifecycle.runs and any(name in summary for name in STAMPS):
        return float("inf")  # without Update its links never change
    changes_show = any(name.startswith("Last") for name in STAMPS if name in summary)
    moves = phase_of_status(of, summary.get(of.status_member)) is Phase.CHANGING
    return DESCRIBED if changes_show and not moves else LISTED
