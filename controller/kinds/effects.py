"""Columns of a row for what a step brings with it besides the change itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from controller.core.phase import Action
from controller.kinds.columns import Body


class Impact(Enum):
    """What is touched besides the resource."""

    STARTS = "starts_instances"
    STOPS = "stops_instances"
    SHIFTS = "shifts_traffic"
    RESETS = "resets_capacity"
    INTERRUPTS = "interrupts"
    LOSES = "loses_data"


@dataclass(frozen=True)
class Consequence:
    """What follows from certain actions, in words for people.

    With ``members`` it follows only where one of these members of the spec changes; with ``sent`` only where a
    call holds this parameter, whose value stands in the words as ``{sent}``. ``stages`` gives further lines from the
    desired spec, in AWS's words.
    """

    on: frozenset[Action]
    impact: Impact
    text: str
    members: tuple[str, ...] = ()
    sent: str = ""
    stages: Callable[[Body], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Fleet:
    """Machines that a resource runs on: where in the spec their number and type stand.

    ``at`` is the dotted member that holds ``count`` and ``type``. ``through`` is the linked field whose target's
    spec holds them, empty where they are the resource's own. ``named`` is the member that distinguishes one fleet from
    another; ``desired`` the member of the live body's element at ``at`` with the desired number now, where
    somebody else, such as an autoscaler, may have set it.
    """

    type: ClassVar[str] = "InstanceType"
    at: str
    count: str = "InstanceCount"
    through: str = ""
    named: str = ""
    desired: str = ""


ENDS = frozenset({Action.DELETE, Action.REPLACE})
STOPPED = Consequence(
    frozenset({Action.STOP}), Impact.INTERRUPTS, "the run ends early, and cannot go on where it stopped"
)
