"""Enumerations: the phases of a resource, the actions of a step, and the state of a document after a pass."""

from enum import Enum


class Phase(Enum):
    """The state of a live resource, to which each status word of SageMaker is mapped."""

    ABSENT = "absent"
    CHANGING = "changing"
    READY = "ready"
    FAILED = "failed"
    DELETING = "deleting"


class Action(Enum):
    """What a step does; the value is the symbol that plans show, Terraform's where Terraform has one."""

    NOOP = " "
    CREATE = "+"
    UPDATE = "~"
    SUCCEED = "+/-"
    REPLACE = "-/+"
    DELETE = "-"
    STOP = "x"
    ADOPT = "="
    FORGET = "#"
    WAIT = "…"
    BLOCKED = "!"

    @property
    def acts(self) -> bool:
        """Whether the step makes calls that change the account."""
        return self in _ACTING


_ACTING = frozenset(
    {Action.CREATE, Action.UPDATE, Action.SUCCEED, Action.REPLACE, Action.DELETE, Action.STOP, Action.ADOPT}
)


class Convergence(Enum):
    """The state of a document at the end of a pass."""

    SETTLED = "settled"
    WAITING = "waiting"
    STUCK = "stuck"
