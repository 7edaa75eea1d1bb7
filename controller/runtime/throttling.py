"""Throttled calls of a pass: it waits for short delays, and leaves others to a later pass of the same key."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from controller.core.cloud import Call, CloudError, CloudWrapper, Json


@dataclass(frozen=True)
class CallerPriority:
    """The kind of caller, with the seconds that it waits for throttled calls: for one call, and in total.

    A reconciler waits for less than a second and is requeued after the rest. Work in a thread of its own (the resync,
    plans of pull requests) waits longer, because it would start from the beginning each time.
    """

    caller: str = ""
    once: float = 0.5
    all: float = 1.0


BRIEF = CallerPriority()
LONG = CallerPriority(once=10.0, all=60.0)


@dataclass
class WaitLimit:
    """The time that one pass may wait for throttled operations.

    Attributes:
        once: seconds for one call; with a longer delay the call fails instead.
        left: seconds for all calls of the pass.
        stopping: ends every wait.
        waits: the seconds after which each failed call may be made again.

    """

    once: float = 0.0
    left: float = 0.0
    stopping: threading.Event = field(default_factory=threading.Event)
    waits: list[float] = field(default_factory=list)

    def send(self, send: Callable[[Call], Json], call: Call) -> Json:
        """Make a call with a caller, and retry it if the delay is short enough.

        Raises:
            CloudError: AWS refused it; with ``retry_after`` if its operation is throttled for longer.

        """
        ambiguous = False
        while True:
            try:
                return send(call)
            except CloudError as error:
                error.ambiguous = ambiguous = error.ambiguous or ambiguous
                if error.retry_after is None:
                    raise
                if not self._wait_if_short(error.retry_after):
                    self.waits.append(error.retry_after)
                    raise

    def _wait_if_short(self, seconds: float) -> bool:
        """Wait, if the delay is short enough; returns whether the call may be retried now."""
        if seconds > min(self.once, self.left):
            return False
        self.left -= seconds
        return not self.stopping.wait(seconds)


@dataclass(frozen=True)
class PassCloud(CloudWrapper):
    """A cloud for one pass of one caller, which blocks no thread for a throttled operation beyond ``timeout``."""

    caller: str
    timeout: WaitLimit

    def call(self, call: Call) -> Json:
        """Make one call.

        Raises:
            CloudError: AWS refused it.

        """
        return self.timeout.send(self.cloud.call, replace(call, caller=self.caller))
