"""A sandbox that kills the operator at one of its calls: before AWS takes it, or before the answer gets back."""

import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from controller.sandbox import Answer, Knobs, Sandbox, WallClock
from tests.kubernetes.operated import READS


@dataclass(frozen=True)
class Moment:
    """The n-th call of all, before it takes effect; or the n-th that changes something, after it did."""

    number: int
    after: bool


class Deadly(Sandbox):
    """An account in which an operator dies once; whoever comes after it is answered as ever."""

    def __init__(self, moment: Moment, knobs: Knobs) -> None:
        super().__init__(clock=WallClock(), knobs=knobs)
        self.moment = moment
        self.died = threading.Event()
        self.victim: subprocess.Popen[bytes] | None = None
        self._counting = threading.Lock()
        self._count = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer, unless this is the moment: then nobody is left to answer to."""
        fatal = self._is_fatal({name.lower(): value for name, value in headers.items()})
        if fatal and not self.moment.after:
            self._kill()
            return Answer(503, {}, b"")
        answer = super().answer(method, path, headers, body)
        if fatal:
            self._kill()
        return answer

    def _is_fatal(self, headers: Mapping[str, str]) -> bool:
        operation = headers.get("x-amz-target", "").partition(".")[2]
        if self.moment.after and (not operation or operation.startswith(READS)):
            return False
        with self._counting:
            self._count += 1
            return self._count == self.moment.number

    def _kill(self) -> None:
        """SIGKILL, and the dead is buried before anything else happens."""
        if self.victim is not None:
            self.victim.kill()
            self.victim.wait()
        self.died.set()
