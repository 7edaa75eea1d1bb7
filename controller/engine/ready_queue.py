"""The order in which steps start: those with the longest chain of dependents first, none before its dependencies."""

import heapq
from collections.abc import Callable, Iterable, Mapping
from graphlib import TopologicalSorter

from controller.engine.plan import Plan, Step
from controller.kinds import KINDS


class ReadyQueue:
    """The steps that have not started. Not thread-safe.

    Args:
        plan: the plan.
        ended: ids of steps that need not start.
        is_met: whether a step's dependency permits it to start now.

    """

    def __init__(self, plan: Plan, ended: Iterable[str], is_met: Callable[[str, Step], bool]) -> None:
        chains, gone = chain_seconds(plan), set(ended)
        self._lets = is_met
        self._rank = {step.id: (-chains[step.id], index) for index, step in enumerate(plan.steps)}
        self._waiting = {step.id: step for step in plan.steps if step.id not in gone}
        self._users: dict[str, list[str]] = {}
        for step in self._waiting.values():
            for need in step.needs:
                self._users.setdefault(need, []).append(step.id)
        self._ready: list[tuple[float, int, str]] = []
        self._add(list(self._waiting))

    def on_end(self, step: str) -> None:
        """Queue the steps that may start now that one has ended."""
        self._add(self._users.get(step, ()))

    def pop(self) -> Step | None:
        """Remove and return the step to start next; None if none may start."""
        return self._waiting.pop(heapq.heappop(self._ready)[2]) if self._ready else None

    @property
    def not_started(self) -> list[Step]:
        """The steps that have not started, in the order of the queue."""
        return sorted(self._waiting.values(), key=lambda step: self._rank[step.id])

    def _add(self, steps: Iterable[str]) -> None:
        queued = {each for *_, each in self._ready}
        for each in steps:
            step = self._waiting.get(each)
            if step is not None and each not in queued and all(self._lets(need, step) for need in step.needs):
                heapq.heappush(self._ready, (*self._rank[each], each))


def chain_seconds(plan: Plan) -> Mapping[str, float]:
    """For each step, the seconds of the longest chain of it and its dependents.

    A call counts as one second, and an asynchronous change as the usual duration of its kind.
    """
    steps = {step.id: step for step in plan.steps}
    longest = dict.fromkeys(steps, 0.0)  # of its dependents
    graph = {step.id: step.needs & steps.keys() for step in plan.steps}
    for each in reversed([*TopologicalSorter(graph).static_order()]):
        longest[each] += _seconds(steps[each])
        for need in graph[each]:
            longest[need] = max(longest[need], longest[each])
    return longest


def _seconds(step: Step) -> float:
    row = KINDS.get(step.ref.kind)
    return 1.0 + (
        row.lifecycle.usual_seconds if row is not None and step.changes_account and step.gradual else 0.0
    )
