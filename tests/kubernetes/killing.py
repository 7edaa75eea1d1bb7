"""An account in which an operator dies at one of its calls: before AWS takes it, or before the answer gets back."""

import subprocess
import threading
from dataclasses import dataclass

from controller.sandbox import Knobs
from tests.kubernetes.hooked import Hooked
from tests.kubernetes.operated import READS


@dataclass(frozen=True)
class Moment:
    """The n-th call of all, before it takes effect; or the n-th that changes something, after it did."""

    number: int
    after: bool


class Deadly(Hooked):
    """An account in which an operator dies once; whoever comes after it is answered as ever."""

    def __init__(self, moment: Moment, knobs: Knobs) -> None:
        super().__init__(knobs=knobs)
        self.moment = moment
        self.died = threading.Event()
        self.victim: subprocess.Popen[bytes] | None = None
        self._counting = threading.Lock()
        self._count = 0
        if moment.after:
            self.after = self._after
        else:
            self.before = self._before

    def _before(self, operation: str) -> bool:
        del operation
        return not self._comes()

    def _after(self, operation: str) -> None:
        if operation and not operation.startswith(READS):
            self._comes()

    def _comes(self) -> bool:
        """Count a call; at the moment it is SIGKILL, and the dead is buried before anything else happens."""
        with self._counting:
            self._count += 1
            fatal = self._count == self.moment.number
        if fatal and self.victim is not None:
            self.victim.kill()
            self.victim.wait()
            self.died.set()
        return fatal
