"""What a resource goes through by itself, one stage after the other, as the clock will have it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from controller.sandbox.request import Ask
from controller.sandbox.resource import Row, Step
from controller.sandbox.rules import Json

Put = Callable[[float, Json], Json]  # asked with the instant, and with the body as it is by then


@dataclass(frozen=True)
class Stage:
    """A stage: what is put when it begins, and how long it lasts. The last one lasts for ever."""

    put: Put
    seconds: float = 0.0
    drop: tuple[str, ...] = ()
    gone: bool = False


def says(members: Json) -> Put:
    """Put these members, whenever it is."""
    return lambda _at, _body: members


def walked(ask: Ask, row: Row, stages: Iterable[Stage], modified: str | None) -> Row:
    """Return the row in the first of its stages, with the later ones due."""
    at, body, steps = ask.now, dict(row.body), list[Step]()
    for stage in stages:
        put = stage.put(at, body)
        body = {name: value for name, value in body.items() if name not in stage.drop} | put
        if at <= ask.now:  # stages that take no time are not seen
            row = replace(row, body=body)
        else:
            moved = {modified: at} if modified else {}
            steps.append(Step(at=at, put=put | moved, drop=stage.drop, gone=stage.gone))
        at = ask.at(stage.seconds, at)
    return replace(row, due=tuple(steps))
