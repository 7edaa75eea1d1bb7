"""Columns of a row for consequences of a step besides the change itself."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from controller.core.phase import Action
from controller.kinds.columns import Body


class Impact(Enum):
    """The kind of consequence."""

    STARTS = "starts_instances"
    STOPS = "stops_instances"
    SHIFTS = "shifts_traffic"
    RESETS = "resets_capacity"
    INTERRUPTS = "interrupts"
    LOSES = "loses_data"


@dataclass(frozen=True)
class Consequence:
    """A consequence of certain actions, as text.

    With ``members`` it follows only if one of these members of the spec changes; with ``sent`` only if a call has this
    parameter, whose value replaces ``{sent}`` in the text. ``stages`` returns further lines from the desired spec.
    """

    on: frozenset[Action]
    impact: Impact
    text: str
    members: tuple[str, ...] = ()
    sent: str = ""
    stages: Callable[[Body], tuple[str, ...]] | None = None


@dataclass(frozen=True)
class Fleet:
    """Instances that a resource runs on: the members of the spec with their number and type.

    ``at`` is the dotted member that holds ``count`` and ``type``. ``through`` is the linked field whose target's spec
    holds them, empty if the resource's own spec does. ``named`` is the member that identifies one fleet; ``desired``
    the member of the live body's element at ``at`` with the current desired number, if an autoscaler may set it.
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
