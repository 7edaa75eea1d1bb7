"""A resource at rest: what Describe would say, and what time alone will do to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.sandbox.rules import Json


@dataclass(frozen=True, slots=True)
class LifecycleStep:
    """What happens to a resource at an instant, decided when the request was accepted."""

    at: float
    put: Json = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One resource. `body` holds the members of its Describe; `keep` what is never shown."""

    arn: str
    kind: str
    name: str
    serial: int  # the order of creation
    created: float
    body: Json
    due: tuple[LifecycleStep, ...] = ()
    tags: Mapping[str, str] | None = None  # None: never tagged, which GetResources distinguishes
    keep: Json = field(default_factory=dict)

    def at(self, now: float) -> "Row | None":
        """Return this resource when its clock says `now`; None when it is gone by then."""
        if not self.due or self.due[0].at > now:
            return self
        step, rest = self.due[0], self.due[1:]
        if step.gone:
            return None
        body = {name: value for name, value in self.body.items() if name not in step.drop} | step.put
        return replace(self, body=body, due=rest).at(now)


@dataclass(frozen=True, slots=True)
class StaleRow:
    """What a stale read still returns for an ARN."""

    before: Row | None
    describe_until: float
    list_until: float
    search_until: float = 0.0

    @property
    def until(self) -> float:
        """When no read is stale any more."""
        return max(self.describe_until, self.list_until, self.search_until)


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A client token that was used: by which request, and what came of it."""

    arn: str
    digest: str


def row_from(plain: Mapping[str, Any]) -> Row:
    """Return a row as `dataclasses.asdict` and JSON left it."""
    steps = tuple(LifecycleStep(**{**step, "drop": tuple(step["drop"])}) for step in plain["due"])
    return Row(**{**plain, "due": steps})


def stale_row_from(plain: Mapping[str, Any]) -> StaleRow:
    """Return a stale row as `dataclasses.asdict` and JSON left it."""
    before = plain["before"]
    return StaleRow(**{**plain, "before": row_from(before) if before else None})
