"""The result of a client's run against the sandbox."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

Report = Callable[[str], None]


class State(Enum):
    """The result of one check."""

    PASSED = "passed"
    EXCLUDED = "out of scope"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """One check of a client: a test, a command or a step; ``reason`` is why it is out of scope, or what failed."""

    name: str
    state: State
    reason: str = ""


@dataclass(frozen=True)
class ClientResult:
    """The checks of one client."""

    client: str
    version: str
    checks: tuple[Check, ...]

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.state is State.FAILED)


def table(runs: Sequence[ClientResult]) -> Iterator[str]:
    """Lines: a row for each client, what is out of scope with its reasons, and the failures."""
    yield f"{'client':12} {'version':22} {'ran':>5} {'passed':>7} {'out of scope':>13} {'failed':>7}"
    for run in runs:
        count = Counter(check.state for check in run.checks)
        ran = len(run.checks) - count[State.EXCLUDED]
        yield (
            f"{run.client:12} {run.version:22} {ran:5} {count[State.PASSED]:7} "
            f"{count[State.EXCLUDED]:13} {count[State.FAILED]:7}"
        )
    for run in runs:
        reasons = Counter(check.reason for check in run.checks if check.state is State.EXCLUDED)
        yield from (
            f"  {run.client}: {number:3} out of scope: {why}" for why, number in reasons.most_common()
        )
    for run in runs:
        yield from (f"  {run.client}: FAILED {check.name}: {check.reason}" for check in run.failed)
