"""What a resource goes through by itself, one stage after the other, as the clock will have it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from controller.sandbox.ask import Ask
from controller.sandbox.row import Row, Step
from controller.sandbox.rules import Json


@dataclass(frozen=True)
class Stage:
    """A stage: what is put when it begins, and how long it lasts. The last one lasts for ever."""

    put: Callable[[float], Json]  # asked with the instant at which the stage begins
    seconds: float = 0.0
    drop: tuple[str, ...] = ()
    gone: bool = False


def walked(ask: Ask, row: Row, stages: Iterable[Stage], modified: str | None) -> Row:
    """Return the row in the first of its stages, with the later ones due."""
    at, begun, steps = ask.now, row, list[Step]()
    for stage in stages:
        put = stage.put(at)
        if at <= ask.now:  # stages that take no time are not seen
            body = {name: value for name, value in begun.body.items() if name not in stage.drop}
            begun = replace(begun, body=body | put)
        else:
            moved = {modified: at} if modified else {}
            steps.append(Step(at=at, put=put | moved, drop=stage.drop, gone=stage.gone))
        at += stage.seconds / ask.knobs.pace
    return replace(begun, due=tuple(steps))
