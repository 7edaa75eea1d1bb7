"""Count and time plans and applies of Models and of stacks: ``python -m tests.benchmarks.apply``.

A plan of 1,000 Models and an apply of 100, with 100 ms for each call; an apply of ten stacks whose endpoints take 2 s.

The time is that of the calls, of which as many run at once as there are threads, and the processor time of this
process; other work on the machine does not count. The plan has the observations of an earlier run; pages of the List
and of the tags are read concurrently.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from math import ceil
from pathlib import Path

from controller.core.phase import Convergence
from controller.engine.order import Order
from controller.engine.plan import PlanResult
from controller.inventory.observation_cache import ObservationCache
from controller.sandbox import Knobs, Sandbox
from tests.benchmarks.calls import stack_documents
from tests.benchmarks.figures import record
from tests.journeys.documents import IMAGE, ROLE
from tests.journeys.stage import Stage, document_text

PLANNED, APPLIED, LATENCY = 1000, 100, 0.1
_PLAN_SECONDS, _PLAN_CALLS, _APPLY_SECONDS, _STACK_SECONDS = 2.6, 30, 2.0, 3.5
_PACE = 90.0  # at which an endpoint of the sandbox, which takes three minutes, takes two seconds
_VIRTUAL = "virtual clock and processor time"


def models(count: int) -> list[str]:
    """Documents of a number of models."""
    spec = f"executionRoleArn: {ROLE}\nprimaryContainer: {{image: '{IMAGE}'}}"
    return [document_text("Model", f"m{number}", spec) for number in range(count)]


def plan() -> tuple[float, int]:
    """The seconds and the calls of a quiet plan."""
    with tempfile.TemporaryDirectory() as folder:
        stage, documents, kept = Stage(Path(folder)), models(PLANNED), ObservationCache()
        stage.apply(*documents)
        stage.plan(*documents, observations=kept)
        stage.forget_calls()
        cpu, made = _measure(lambda: stage.plan(*documents, observations=kept).result)
        assert made is PlanResult.NO_CHANGES
        pages = Counter(each.operation for each in stage.sandbox.calls)
        return max(pages.values()) * LATENCY + cpu, pages.total()


def apply() -> tuple[float, int, int]:
    """The seconds, the mutating calls and all calls of an apply to an empty account, with the plan before it."""
    with tempfile.TemporaryDirectory() as folder:
        stage, documents = Stage(Path(folder)), models(APPLIED)
        cpu, made = _measure(lambda: stage.apply(*documents).convergence)
        assert made is Convergence.SETTLED
        changes, calls = len(stage.mutations()), len(stage.sandbox.calls)
        rounds = ceil(changes / Order().threads) + (calls - changes)
        return rounds * LATENCY + cpu, changes, calls


def seconds_to_apply_stacks() -> float:
    """The seconds until ten stacks are applied whose endpoints take two: by the sandbox's clock, and processor time."""
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), Sandbox(knobs=Knobs(pace=_PACE)), poll=None)
        cpu, made = _measure(lambda: stage.apply(*stack_documents(40)[:30]).convergence)
        assert made is Convergence.SETTLED
        return stage.seconds + cpu


def _measure(work: Callable[[], object]) -> tuple[float, object]:
    began = time.process_time()
    made = work()
    return time.process_time() - began, made


def main() -> int:
    """Run, print, judge; the exit status."""
    planned, calls = plan()
    took, changes, all_calls = apply()
    stacked = seconds_to_apply_stacks()
    print(f"quiet plan of {PLANNED} Models: {planned:.1f} s, {calls} calls")
    print(f"apply of {APPLIED} Models: {took:.1f} s, {changes} changes, {all_calls} calls")
    print(f"apply of 10 stacks: {stacked:.1f} s")
    clock = "latency and processor time"
    record(
        {
            "quiet plan of 1,000 Models at 100 ms": f"{planned:.1f} s ({clock}), {calls} calls",
            "10 stacks, the endpoint takes 2 s, by CLI": f"{stacked:.1f} s ({_VIRTUAL})",
            "apply of 100 Models at 100 ms": f"{took:.1f} s ({clock}), {changes / APPLIED:.1f} mutating calls each",
        }
    )
    good = (
        stacked <= _STACK_SECONDS
        and planned <= _PLAN_SECONDS
        and calls <= _PLAN_CALLS
        and took <= _APPLY_SECONDS
        and changes == APPLIED
    )
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
