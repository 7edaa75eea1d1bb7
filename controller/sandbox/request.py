"""One request for the rules of a kind: its parameters, the time, and the existing resources."""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from botocore.loaders import Loader

from controller.sandbox.knobs import Knobs
from controller.sandbox.resource import LifecycleStep, Row, StaleRow
from controller.sandbox.rules import Json
from controller.sandbox.storage import RegionState


@dataclass(frozen=True)
class SandboxAccount:
    """Account and region of the sandbox."""

    account: str
    region: str

    def arn(self, resource: str, service: str = "sagemaker") -> str:
        """Return the ARN of a resource of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def caller(self) -> str:
        """The ARN of every caller."""
        return f"arn:{self.partition}:iam::{self.account}:user/sandbox"

    @property
    def partition(self) -> str:
        """The partition of the region: aws, aws-cn, aws-us-gov and others."""
        return _partition_of(self.region)


@cache
def _partition_of(region: str) -> str:
    """Return the partition of a region, by botocore's patterns; aws if none matches."""
    table = Loader().load_data("partitions")["partitions"]
    return next((one["id"] for one in table if re.fullmatch(one["regionRegex"], region)), "aws")


@dataclass(frozen=True)
class FaultEffect:
    """The effects of injected faults on this request, other than a refusal."""

    fails: str | None = None  # the reason of the operation's later failure
    rollback_fails: bool = False  # the rollback of a failed rolling update fails too
    stale: float = 0.0  # seconds for which reads return the previous state


@dataclass(frozen=True)
class OperationRequest:
    """One request, checked against the model."""

    operation: str
    params: Json
    now: float
    account: SandboxAccount
    knobs: Knobs
    state: RegionState
    effect: FaultEffect = FaultEffect()

    @cached_property
    def creator(self) -> Json:
        """The caller as a UserContext."""
        return {"IamIdentity": {"Arn": self.account.caller, "PrincipalId": "AIDASANDBOXSANDBOXSB"}}

    def find(self, arn: str) -> Row | None:
        """Return the resource with this ARN, as a referring request sees it."""
        row = self.state.find(arn, self.now)
        if row is not None and self.now - row.created < self.knobs.consistency_window:
            return None
        return row

    def is_foreign(self, arn: str) -> bool:
        """Whether an ARN is of another account, whose resources are unknown here."""
        return arn.split(":")[4] != self.account.account

    def rows_of(self, kind: str) -> list[Row]:
        """All existing resources of a kind."""
        return self.state.rows_of(kind, self.now)

    def commit(self, before: Row | None, after: Row | None) -> None:
        """Write one change, and keep a stale row for reads that lag behind."""
        lag, search_lag = (one / self.knobs.pace for one in (self.knobs.list_lag, self.knobs.search_lag))
        subject, stale = after or before, self.now + self.effect.stale
        if subject is not None and (self.effect.stale or lag or search_lag):
            until = max(stale, self.now + lag), max(stale, self.now + search_lag)
            self.state.add_stale_read(subject.arn, StaleRow(before, stale, *until), self.now)
        if after is not None:
            self.state.put(after)
        elif before is not None:
            self.state.remove(before)

    def step_after(self, seconds: float, put: Json, drop: tuple[str, ...] = ()) -> LifecycleStep:
        """Return a change `seconds` from now."""
        return LifecycleStep(at=self.time_after(seconds), put=put, drop=drop)

    def time_after(self, seconds: float, since: float | None = None) -> float:
        """Return the time `seconds` after `since` (now) at this pace, in milliseconds as the service has it."""
        return round((self.now if since is None else since) + seconds / self.knobs.pace, 3)
