"""What is done again and again, beside the turns."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from controller.operator.context import spread

_log = logging.getLogger("sagectl.periodic")


@dataclass
class Rounds:
    """A thread that does its work, waits, and does it again.

    Attributes:
        name: what the log calls it.
        work: one round; when it breaks, the next may do better.
        every: seconds between rounds, a tenth more or less.
        first: seconds before the first.

    """

    name: str
    work: Callable[[], None]
    every: float
    first: float
    _stop: threading.Event = field(default_factory=threading.Event)
    _requested: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Let the next round be now; if one is under way, let another follow it."""
        self._requested.set()

    def stop(self) -> None:
        """End, after the call that is under way."""
        self._stop.set()
        self._requested.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        pause = self.first
        while not self._over(pause):
            pause = self.every
            try:
                self.work()
            except Exception:  # noqa: BLE001 - no turn needs a round, and the next comes
                _log.exception("the periodic task failed", extra={"fields": {"round": self.name}})

    def _over(self, pause: float) -> bool:
        self._requested.wait(spread(pause))
        self._requested.clear()
        return self._stop.is_set()
