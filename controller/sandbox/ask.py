"""One request as the rules of a kind see it: its parameters, the time, and what lives already."""

from dataclasses import dataclass
from functools import cached_property

from controller.sandbox.knobs import Knobs
from controller.sandbox.row import Ghost, Row, Step
from controller.sandbox.rules import Json
from controller.sandbox.world import World


@dataclass(frozen=True)
class Place:
    """Where the sandbox pretends to be."""

    account: str
    region: str

    def arn(self, resource: str, service: str = "sagemaker") -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    @property
    def caller(self) -> str:
        """Who every caller is."""
        return f"arn:aws:iam::{self.account}:user/sandbox"


@dataclass(frozen=True)
class Fate:
    """What an injected fault has decided about this request, beyond refusing it."""

    fails: str | None = None  # the reason that the operation will end with
    rollback_fails: bool = False  # a rolling update that fails cannot be taken back either
    stale: float = 0.0  # seconds for which readers see what was before


@dataclass(frozen=True)
class Ask:
    """One request, checked against the model."""

    operation: str
    params: Json
    now: float
    place: Place
    knobs: Knobs
    world: World
    fate: Fate = Fate()

    @cached_property
    def creator(self) -> Json:
        """The caller as a UserContext."""
        return {"IamIdentity": {"Arn": self.place.caller, "PrincipalId": "AIDASANDBOXSANDBOXSB"}}

    def find(self, arn: str) -> Row | None:
        """Return the resource that lives under `arn`, as a referring request sees it."""
        row = self.world.find(arn, self.now)
        if row is not None and self.now - row.created < self.knobs.consistency_window:
            return None
        return row

    def others(self, kind: str) -> list[Row]:
        """All that lives of a kind."""
        return self.world.of(kind, self.now)

    def commit(self, before: Row | None, after: Row | None) -> None:
        """Write one change, and leave a ghost for readers who lag behind."""
        lag, search_lag = (one / self.knobs.pace for one in (self.knobs.list_lag, self.knobs.search_lag))
        subject, stale = after or before, self.now + self.fate.stale
        if subject is not None and (self.fate.stale or lag or search_lag):
            until = max(stale, self.now + lag), max(stale, self.now + search_lag)
            self.world.haunt(subject.arn, Ghost(before, stale, *until), self.now)
        if after is not None:
            self.world.put(after)
        elif before is not None:
            self.world.remove(before)

    def after(self, seconds: float, put: Json, drop: tuple[str, ...] = ()) -> Step:
        """Return a change that happens `seconds` from now."""
        return Step(at=self.now + seconds / self.knobs.pace, put=put, drop=drop)
