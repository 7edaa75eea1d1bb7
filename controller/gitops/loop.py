"""The loop: it owns the clock and the threads, and hands out what is due."""

import math
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event, Lock

from controller.gitops.reconciler import Follower
from controller.gitops.registry import SyncRegistry
from controller.gitops.schedule import NEVER
from controller.gitops.status import SyncState
from controller.runtime.atomic_file import StateError
from controller.runtime.clock import Clock

Start = Callable[[Callable[[], None]], None]
_LONGEST_QUIET = 60.0
_LONGEST_WAIT = 1.0  # how long a word or a signal may lie unread


class Loop:
    """Lets each sync go when it is due; one thread at a time is in one sync.

    Args:
        fleet: the syncs.
        clock: the time.
        start: runs a pass of a sync, in a thread or at once.

    """

    def __init__(self, fleet: SyncRegistry, clock: Clock, start: Start) -> None:
        self._fleet, self._clock, self._start = fleet, clock, start
        self._busy: set[str] = set()
        self._damaged: dict[str, str] = {}
        self.ended = Event()
        self.beat: float | None = None

    def run_once(self) -> float:
        """Start all that is due; gives the seconds until something else is."""
        self.beat = self._clock.now()
        for follower in self._fleet.followers.values():
            free = follower.sync.name not in self._busy and self._heeds(follower)
            if free and follower.due <= self._clock.now():
                self._busy.add(follower.sync.name)
                self._start(partial(self._pass, follower))
        return max(self._next() - self._clock.now(), 0.0)

    def _pass(self, follower: Follower) -> None:
        pulse = follower.pulse
        try:
            follower.go()
        finally:
            self._busy.discard(follower.sync.name)
            if follower.pulse != pulse:
                self._fleet.wake(follower)
            self.ended.set()

    def _heeds(self, follower: Follower) -> bool:
        """Whether what people said of a sync can be read; a damaged word may be a rollback, so nothing is done."""
        name = follower.sync.name
        try:
            follower.heed()
        except StateError as error:
            if self._damaged.get(name) != str(error):
                self._damaged[name] = str(error)
                follower.trouble(str(error))
            return False
        self._damaged.pop(name, None)
        return True

    def _next(self) -> float:
        idle = [f for f in self._fleet.followers.values() if f.sync.name not in self._busy]
        return min((f.due for f in idle if f.sync.name not in self._damaged), default=NEVER)

    def is_busy(self, name: str) -> bool:
        """Whether a sync is being worked on."""
        return name in self._busy

    def trouble(self) -> str:
        """Why this loop should be started anew, in words; it beats at least once a second while it runs."""
        quiet = self._clock.now() - self.beat if self.beat is not None else 0.0
        return f"the loop has not run for {quiet:.0f} s" if quiet > _LONGEST_QUIET else ""

    @property
    def busy(self) -> bool:
        """Whether any sync is being worked on."""
        return bool(self._busy)

    @property
    def resting(self) -> bool:
        """Whether all came to an end; who waits for one that ended badly has ended too."""
        followers = self._fleet.followers.values()
        moving = [f for f in followers if not f.resting and f.sync.name not in self._damaged]
        return not self._busy and all(
            f.record.state is SyncState.NEEDS
            and any(
                self._fleet.followers[need].resting and not self._fleet.followers[need].settled
                for need in f.sync.needs
            )
            for f in moving
        )


def run(
    loop: Loop, *, wait: Callable[[float], None], stop: Event, done: Callable[[], bool] = lambda: False
) -> None:
    """Go on until told to stop, or until ``done``; what is under way ends first.

    Args:
        loop: the loop.
        wait: sleeps so many seconds, or less where something comes up.
        stop: set to end.
        done: asked after each turn.

    """
    while not stop.is_set():
        left = loop.run_once()
        if done():
            return
        wait(min(left, _LONGEST_WAIT))


class Threads:
    """Passes in threads of their own, so that a slow server holds up no other sync.

    Args:
        most: how many threads there are.
        share: how many of them the passes of one flow have at once; the others of it wait, and other flows' do not.

    """

    def __init__(self, most: int, share: float = math.inf) -> None:
        self._pool = ThreadPoolExecutor(max_workers=most, thread_name_prefix="sync")
        self._share = share
        self._lock = Lock()
        self._busy: Counter[str] = Counter()
        self._waiting: dict[str, deque[Callable[[], None]]] = {}

    def __call__(self, work: Callable[[], None]) -> None:
        """Start a pass."""
        self._start("", work)

    def of(self, flow: str) -> Start:
        """What starts the passes of a flow."""
        return partial(self._start, flow)

    def close(self) -> None:
        """Wait until what is under way has ended; what waits is not begun."""
        with self._lock:
            self._waiting.clear()
        self._pool.shutdown(wait=True)

    def _start(self, flow: str, work: Callable[[], None]) -> None:
        with self._lock:
            if self._busy[flow] >= self._share:
                self._waiting.setdefault(flow, deque()).append(work)
                return
            self._busy[flow] += 1
        future: Future[None] = self._pool.submit(self._run, flow, work)
        del future

    def _run(self, flow: str, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            with self._lock:
                self._busy[flow] -= 1
                waiting = self._waiting.get(flow)
                then = waiting.popleft() if waiting else None
            if then is not None:
                self._start(flow, then)
