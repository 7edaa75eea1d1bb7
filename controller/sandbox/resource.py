"""A stored resource: the response of Describe, and its scheduled changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.sandbox.rules import Json


@dataclass(frozen=True, slots=True)
class LifecycleStep:
    """A change of a resource at a time, scheduled when the request was accepted."""

    at: float
    put: Json = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One resource. `body` are the members of its Describe; `keep` is internal data."""

    arn: str
    kind: str
    name: str
    serial: int  # the order of creation
    created: float
    body: Json
    due: tuple[LifecycleStep, ...] = ()
    tags: Mapping[str, str] | None = None  # None: never tagged, which GetResources distinguishes
    keep: Json = field(default_factory=dict)

    def state_at(self, now: float) -> "Row | None":
        """Return this resource at the time `now`; None if it is deleted by then."""
        if not self.due or self.due[0].at > now:
            return self
        step, rest = self.due[0], self.due[1:]
        if step.gone:
            return None
        body = {name: value for name, value in self.body.items() if name not in step.drop} | step.put
        return replace(self, body=body, due=rest).state_at(now)


@dataclass(frozen=True, slots=True)
class StaleRow:
    """The state that stale reads return for an ARN."""

    before: Row | None
    describe_until: float
    list_until: float
    search_until: float = 0.0

    @property
    def until(self) -> float:
        """The time after which no read is stale."""
        return max(self.describe_until, self.list_until, self.search_until)


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A used client token: the request, and its result."""

    arn: str
    digest: str


def row_from(plain: Mapping[str, Any]) -> Row:
    """Return a row from the output of `dataclasses.asdict` after JSON."""
    steps = tuple(LifecycleStep(**{**step, "drop": tuple(step["drop"])}) for step in plain["due"])
    return Row(**{**plain, "due": steps})


def stale_row_from(plain: Mapping[str, Any]) -> StaleRow:
    """Return a stale row from the output of `dataclasses.asdict` after JSON."""
    before = plain["before"]
    return StaleRow(**{**plain, "before": row_from(before) if before else None})
