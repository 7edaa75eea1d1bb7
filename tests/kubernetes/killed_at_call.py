"""An account that kills an operator at one of its calls: before AWS accepts it, or before the response arrives."""

import threading
from dataclasses import dataclass

from controller.sandbox import Knobs
from tests.kubernetes.hooked_sandbox import HookedSandbox
from tests.kubernetes.operator_process import READS
from tests.programs.forked import Process


@dataclass(frozen=True)
class Moment:
    """The n-th call, before it takes effect; or the n-th changing call, after it did.

    ``reads`` tells whether calls that only read count before they take effect.
    """

    number: int
    after: bool
    reads: bool = True


class KillAtCall(HookedSandbox):
    """An account in which an operator is killed once; later operators are served as usual."""

    def __init__(self, moment: Moment, knobs: Knobs) -> None:
        super().__init__(knobs=knobs)
        self.moment = moment
        self.died = threading.Event()
        self._victim: Process | None = None
        self._counting = threading.Lock()
        self._count = 0
        if moment.after:
            self.after = self._after
        else:
            self.before = self._before

    def kill_at_moment(self, victim: Process) -> None:
        """Count from now on, and kill this operator."""
        with self._counting:
            self._count, self._victim = 0, victim

    def _before(self, operation: str) -> bool:
        counts = self.moment.reads or (operation and not operation.startswith(READS))
        return not (counts and self._comes())

    def _after(self, operation: str) -> None:
        if operation and not operation.startswith(READS):
            self._comes()

    def _comes(self) -> bool:
        """Count a call; at the moment send SIGKILL, and reap the process before anything else happens."""
        with self._counting:
            self._count += 1
            process = self._victim if self._count == self.moment.number else None
        if process is None:
            return False
        process.kill()
        process.wait()
        self.died.set()
        return True
