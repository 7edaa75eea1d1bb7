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
    CREATE_BEFORE_DELETE = "+/-"
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

    @property
    def creates(self) -> bool:
        """Whether the step creates a resource."""
        return self in _CREATING

    @property
    def verb(self) -> str:
        """The verb in messages, statuses and traces; as in Terraform, both orders of a replacement are ``replace``."""
        return _VERBS.get(self, self.name.lower())


_CREATING = frozenset({Action.CREATE, Action.CREATE_BEFORE_DELETE, Action.REPLACE})
_ACTING = _CREATING | {Action.UPDATE, Action.DELETE, Action.STOP, Action.ADOPT}
_VERBS = {Action.CREATE_BEFORE_DELETE: "replace", Action.NOOP: "no-op"}


class Convergence(Enum):
    """The state of a document at the end of a pass."""

    SETTLED = "settled"
    WAITING = "waiting"
    STUCK = "stuck"
