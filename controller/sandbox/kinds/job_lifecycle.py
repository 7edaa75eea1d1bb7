"""What all jobs have in common: they run once, end in one of three ways, and can be stopped before."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from controller.sandbox.kind import Life, Seconds
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import invalid
from controller.sandbox.transitions import Stage, walked

REASON_LENGTH = 1024


@dataclass(frozen=True)
class JobStates:
    """How a kind spells the states of a job."""

    queued: str = "InProgress"
    active: str = "InProgress"
    completed: str = "Completed"
    failed: str = "Failed"
    stopping: str = "Stopping"
    stopped: str = "Stopped"


def nothing_more(_ask: Ask, _word: str, _at: float, _body: Json) -> Json:
    """The word alone changes."""
    return {}


@dataclass(frozen=True)
class Run:
    """How a job of one kind goes."""

    noun: str  # what refusals call it
    status: str  # the member that holds the word
    course: Callable[["Run", Ask], list[Stage]]  # what is gone through before the end
    halt: Callable[[Ask], float]  # how long it takes to stop
    began: str | None = None  # the members that hold the times of start and end
    ended: str | None = None
    states: JobStates = JobStates()
    marks: Callable[[Ask, str, float, Json], Json] = nothing_more  # what else changes with the word
    good: Callable[["Run", Ask], str] = lambda run, _: run.states.completed  # how it ends if nothing happens
    stops_queued: Callable[[Ask], bool] = lambda _: True  # whether Stop is taken before the work begins
    modified: str | None = "LastModifiedTime"

    @property
    def life(self) -> Life:
        """What the generic life cycle has to know of it."""
        return self.life_until(None)

    def life_until(self, death: Seconds | None) -> Life:
        """Return the life of a job whose deletion takes time."""
        states = self.states
        return Life(
            status=self.status,
            stable=states.completed,
            death=death,
            busy=frozenset({"Deleting"}),
            running=frozenset({states.queued, states.active, states.stopping}),
        )

    def grow(self, ask: Ask, row: Row) -> Row:
        """Let the job run, to its good or bad end."""
        word = self.good(self, ask) if ask.fate.fails is None else self.states.failed
        return walked(ask, row, [*self.course(self, ask), self.stage(ask, word)], self.modified)

    def stop(self, ask: Ask, row: Row) -> Row:
        """Let the job come to a halt, if it runs."""
        stoppable = {self.states.active} | ({self.states.queued} if self.stops_queued(ask) else set())
        word = row.body[self.status]
        if word not in stoppable:
            raise invalid(f"The request was rejected because the {self.noun} is in status {word}.")
        stopping = self.stage(ask, self.states.stopping, self.halt(ask))
        return walked(ask, row, [stopping, self.stage(ask, self.states.stopped)], self.modified)

    def stage(self, ask: Ask, word: str, seconds: float = 0.0) -> Stage:
        """Return the stage that begins with a word."""
        return Stage(put=partial(self._put, ask, word), seconds=seconds)

    def _put(self, ask: Ask, word: str, at: float, body: Json) -> Json:
        made: Json = {self.status: word}
        over = word in {self.states.completed, self.states.failed, self.states.stopped}
        if word == self.states.failed:
            made["FailureReason"] = str(ask.fate.fails)[:REASON_LENGTH]
        if over and self.ended:
            made[self.ended] = at
        return made | self.marks(ask, word, at, body | made)

    def simple(self, ask: Ask, starting: float, working: float) -> list[Stage]:
        """Return the course of a job that waits for its instances and then works."""
        return [self.stage(ask, self.states.queued, starting), self.working(ask, working)]

    def working(self, ask: Ask, seconds: float) -> Stage:
        """Return the stage in which the work begins and is done."""

        def put(at: float, body: Json) -> Json:
            began = {self.began: at} if self.began else {}
            return self._put(ask, self.states.active, at, body | began) | began

        return Stage(put=put, seconds=seconds)
