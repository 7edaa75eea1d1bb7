"""A cell of a matrix: a scenario in which one request to AWS ends in a way, and what has it end so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from controller.sandbox import Answer, ManualClock, Sandbox
from controller.sandbox.service import is_mutating
from tests.matrices.call_outcomes import CarryOut, end_request

ALL_LATER = float("inf")


@dataclass(frozen=True)
class Cell:
    """Which request ends in which way.

    Fields:
        at: the number of the request, from 0.
        way: one of ``WAYS``.
        lasting: seconds in which later requests end so, too.
        then: the way of the next request, empty for the true answer.
    """

    at: int
    way: str
    lasting: float = 0.0
    then: str = ""


@dataclass
class Interposition:
    """Ends the request of a cell in its way, counted from ``begin``, until ``end``.

    ``choose`` is called at each request with its number, and gives a cell from there on, or None.
    """

    cell: Cell | None = None
    choose: Callable[[int], Cell | None] = lambda _: None
    seen: int = 0  # requests
    changes: list[int] = field(default_factory=list)  # the numbers of the changing ones
    _active: bool = False
    _until: float = 0.0

    def begin(self) -> None:
        """Count requests from now on."""
        self._active = True

    def end(self) -> None:
        """Let the account respond to all requests."""
        self._active = False

    def answer(self, operation: str, seconds: float, carry_out: CarryOut) -> Answer:
        """The response to a request at a time."""
        if not self._active:
            return carry_out()
        number, self.seen = self.seen, self.seen + 1
        if operation and is_mutating(operation):  # without a name it is of STS: the caller's identity
            self.changes.append(number)
        self.cell = self.choose(number) or self.cell
        way = self._way(number, seconds)
        return end_request(way, operation, carry_out) if way else carry_out()

    def _way(self, number: int, seconds: float) -> str:
        if self.cell is None:
            return ""
        if number == self.cell.at:
            self._until = seconds + self.cell.lasting
            return self.cell.way
        if number == self.cell.at + 1 and self.cell.then:
            return self.cell.then
        return self.cell.way if seconds < self._until else ""


class InterposedSandbox(Sandbox):
    """An account of which a request may end otherwise."""

    def __init__(self, interposition: Interposition) -> None:
        super().__init__(clock=ManualClock())
        self._interposition = interposition

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond as the account, or in the chosen way."""
        name = headers.get("X-Amz-Target", "").rpartition(".")[2]
        return self._interposition.answer(
            name, self.clock.now(), lambda: Sandbox.answer(self, method, path, headers, body)
        )
