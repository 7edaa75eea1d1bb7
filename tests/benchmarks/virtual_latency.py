"""Latency on a virtual clock: calls go to the sandbox at once, and their threads sleep until the clock is advanced."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from controller.core.cloud import Call, Cloud, Identity, Json
from controller.engine.report import Event, Happening

_GRACE = 0.1  # real seconds without a change after which every step that can start has started


@dataclass
class VirtualLatency:
    """A cloud whose calls take time on a clock that advances once every running thread sleeps.

    Other load on the processor makes the run longer, and not the measured time. Steps and threads
    are those of one apply.

    Attributes:
        inner: the cloud that executes the calls.
        seconds: what a call takes.
        threads: the most steps that run at once.
        steps: the number of steps.

    """

    inner: Cloud
    seconds: Callable[[Call], float]
    threads: int
    steps: int
    now: float = 0.0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _asleep: list[float] = field(default_factory=list)
    _started: int = 0
    _ended: int = 0
    _moved: float = 0.0

    @property
    def identity(self) -> Identity:
        """The inner cloud's identity."""
        return self.inner.identity

    def listen(self, event: Event) -> None:
        """Count the steps that run."""
        with self._changed:
            self._started += event.happening is Happening.STARTED
            self._ended += event.happening is Happening.ENDED
            self._note()

    def call(self, call: Call) -> Json:
        """Make the call, then sleep."""
        answer = self.inner.call(call)
        with self._changed:
            end = self.now + self.seconds(call)
            self._asleep.append(end)
            self._note()
            while self.now < end:
                self._changed.wait(_GRACE / 4)
                self._advance()
            self._asleep.remove(end)
            self._note()
        return answer

    def _note(self) -> None:
        self._moved = time.monotonic()
        self._changed.notify_all()

    def _advance(self) -> None:
        """Move the clock to the next end of a sleep, if nothing else can happen before it."""
        running = self._started - self._ended
        later = [end for end in self._asleep if end > self.now]
        if len(later) < running or not later:
            return
        full = running == self.threads or self._started == self.steps
        if full or time.monotonic() - self._moved > _GRACE:
            self.now = min(later)
            self._note()
