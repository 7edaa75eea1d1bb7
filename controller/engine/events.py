"""The event stream of a turn: what happens while it happens, for people and logs."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from controller.core.cloud import Call
from controller.engine.plan import Step


class Happening(Enum):
    """What happened to a step."""

    OBSERVING = "observing"
    STARTED = "started"
    CALLED = "called"
    ENDED = "ended"


@dataclass(frozen=True)
class Event:
    """One happening; ``message`` is already free of secrets."""

    happening: Happening
    step: Step | None = None
    call: Call | None = None
    message: str = ""


Listener: TypeAlias = Callable[[Event], None]
