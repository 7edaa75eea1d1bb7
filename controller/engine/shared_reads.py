"""Reads of an account that the proofs of several deletions share.

A proof that nothing uses a resource reads every resource that could. Read anew for each deletion that costs
deletions x users calls. Here deletions that happen together share a List, and a Describe is repeated only where the
List shows a change, or where it could not.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, TypeAlias

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.dataclass import dataclass
from controller.core.phase import Phase
from controller.engine.lookup import STAMPS, describe, every_page, meaning
from controller.engine.observed import Live
from controller.schema.contract import Contract
from controller.schema.shape import Operation

Elements: TypeAlias = tuple[Mapping[str, Any], ...]
_Reads: TypeAlias = "dict[tuple[str, ...], _Read]"

# Seconds from the first request of a List for which it counts as present. A deletion follows its proof at once, and
# between a proof by calls of its own and its deletion lies as much where calls are throttled or slow.
LISTED = 2.0
# Seconds for which the Describe of a kind with an Update counts where the List shows the same times: a List may lag.
DESCRIBED = 30.0
_MOST = 20_000  # reads that are kept; with more all are made again


@dataclass
class _Read:
    """One read and who makes it: the value, when it was begun, and by which stamp it is known to be unchanged."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    begun: float = float("-inf")
    stamp: tuple[str, ...] = ()


class SharedReads:
    """Lists and Describes that were read a moment ago. Thread-safe; refused reads are not kept.

    Args:
        now: seconds that only grow.
        waits: whether a thread waits for the same read of another one. Passes of different objects do not wait for
            each other, so they may make a read twice.

    """

    def __init__(self, now: Callable[[], float] = time.monotonic, *, waits: bool = True) -> None:
        self._now, self._waits = now, waits
        self._lock = threading.Lock()
        self._lists: _Reads = {}
        self._bodies: _Reads = {}

    def begin_changes(self) -> None:
        """Read Lists again from now on, for what was read for a plan is no proof at its apply.

        Passes of different objects share what was read in the last ``LISTED`` seconds all the same.
        """
        if self._waits:
            with self._lock:
                self._lists.clear()

    def listed(self, cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any]) -> Elements:
        """All elements of a List; none where the region does not have the operation.

        Raises:
            CloudError: a page was refused.

        """
        key = (lists.name, *(f"{name}={value}" for name, value in sorted(narrowed.items())))
        found: Elements = self._read(self._lists, key, lambda: _elements(cloud, lists, narrowed), LISTED)
        return found

    def described(self, cloud: Cloud, of: Contract, summaries: Elements) -> Iterator[tuple[str, Live | None]]:
        """The names of the summaries of a List with what Describe shows of them, None for what it does not find.

        What another thread is reading comes last, so that threads with the same summaries share the work.

        Raises:
            CloudError: a Describe was refused.

        """
        busy: list[Mapping[str, Any]] = []
        for summary in summaries:
            if self._is_read_elsewhere(of, summary):
                busy.append(summary)
            else:
                yield self._described(cloud, of, summary)
        for summary in busy:
            yield self._described(cloud, of, summary)

    def _described(self, cloud: Cloud, of: Contract, summary: Mapping[str, Any]) -> tuple[str, Live | None]:
        name, lasts = of.named_in(summary), _lasts(of, summary)
        key, stamp = (of.name, name), _stamp(summary)
        return name, self._read(self._bodies, key, lambda: describe(cloud, of, name), lasts, stamp)

    def _is_read_elsewhere(self, of: Contract, summary: Mapping[str, Any]) -> bool:
        with self._lock:
            held = self._bodies.get((of.name, of.named_in(summary)))
        return self._waits and held is not None and held.lock.locked()

    def _read(
        self,
        reads: _Reads,
        key: tuple[str, ...],
        make: Callable[[], Any],
        lasts: float,
        stamp: tuple[str, ...] = (),
    ) -> Any:
        with self._lock:
            if len(reads) > _MOST:
                reads.clear()
            held = reads.setdefault(key, _Read())
        if not held.lock.acquire(blocking=self._waits):
            return make()
        try:
            begun = self._now()
            if begun - held.begun > lasts or held.stamp != stamp:
                held.begun = float("-inf")  # a refused read leaves nothing
                held.value = make()
                held.begun, held.stamp = begun, stamp
            return held.value
        finally:
            held.lock.release()


def _elements(cloud: Cloud, lists: Operation, narrowed: Mapping[str, Any]) -> Elements:
    try:
        return tuple(each for page in every_page(cloud, lists, narrowed) for each in page)
    except CloudError as error:
        if error.fault is Fault.UNSUPPORTED:
            return ()
        raise


def _stamp(summary: Mapping[str, Any]) -> tuple[str, ...]:
    """What of a summary moves when its resource is made anew or changed, or when a change ends."""
    return tuple(
        str(value)
        for name, value in sorted(summary.items())
        if name in STAMPS or name.endswith(("Arn", "Status"))
    )


def _lasts(of: Contract, summary: Mapping[str, Any]) -> float:
    """For how many seconds a Describe counts while the summary's stamp stays as it is."""
    if of.updates is None and not of.kind.lifecycle.runs and any(name in summary for name in STAMPS):
        return float("inf")  # what has no Update names what it named when it was made
    changes_show = any(name.startswith("Last") for name in STAMPS if name in summary)
    moves = meaning(of, summary.get(of.status_member)) is Phase.CHANGING
    return DESCRIBED if changes_show and not moves else LISTED
