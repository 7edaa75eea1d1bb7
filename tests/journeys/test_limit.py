"""The limit of deletions counts over all runs of a day."""

import random
from dataclasses import dataclass, field

import pytest

from controller.core.cloud import Call, CloudError, Fault
from controller.core.phase import Convergence
from controller.engine.deletion_guards import WINDOW
from tests.journeys.documents import GROUP
from tests.journeys.stage import Stage
from tests.soak import soak

HOUR = 3600.0


def _groups(names: range | list[int]) -> list[str]:
    return [GROUP.replace("name: fraud", f"name: g{n}") for n in names]


def test_six_runs_do_not_circumvent_the_limit(stage: Stage) -> None:
    """Six runs, each within max(3, 20 %), reduced twenty resources to one: now four are deleted, the rest waits."""
    stage.apply(*_groups(range(20)), at=0.0)
    for run, left in enumerate((16, 13, 10, 7, 4, 1), start=1):
        stage.apply(*_groups(range(left)), prune=True, at=run * HOUR)
    assert stage.mutations().count("DeleteModelPackageGroup") == 4
    (required,) = stage.plan(*_groups(range(13)), prune=True, at=7 * HOUR).confirmations
    assert "3 deletions, after 4 within 24 hours, exceed the limit of 4" in required.message


def test_the_limit_is_reset_after_a_day(stage: Stage) -> None:
    """A deletion is counted for a day, and the limit is that of the present size."""
    stage.apply(*_groups(range(20)), at=0.0)
    stage.apply(*_groups(range(16)), prune=True, at=HOUR)
    held = stage.apply(*_groups(range(13)), prune=True, at=HOUR + WINDOW - 1)
    assert held.convergence is Convergence.STUCK
    done = stage.apply(*_groups(range(13)), prune=True, at=HOUR + WINDOW + 1)
    assert done.convergence is Convergence.SETTLED
    assert len(stage.inventory().pruned) == 3


def test_confirmed_deletions_are_not_counted(stage: Stage) -> None:
    """Confirmed deletions are not counted, and do not reset the count of the others."""
    stage.apply(*_groups(range(20)), at=0.0)
    stage.apply(*_groups(range(18)), prune=True, at=HOUR)
    stage.apply(*_groups(range(8)), prune=True, confirm_deletes=10, at=2 * HOUR)
    named = frozenset({"ModelPackageGroup/g7"})
    stage.apply(*_groups(range(7)), prune=True, confirm_delete=named, at=3 * HOUR)
    assert stage.mutations().count("DeleteModelPackageGroup") == 13
    assert len(stage.inventory().pruned) == 2
    assert stage.apply(*_groups(range(5)), prune=True, at=4 * HOUR).convergence is Convergence.SETTLED
    assert stage.apply(*_groups(range(4)), prune=True, at=4 * HOUR).convergence is Convergence.STUCK


def test_without_a_clock_all_deletions_count(stage: Stage) -> None:
    """A run without a clock counts all earlier deletions."""
    stage.apply(*_groups(range(9)))
    assert stage.apply(*_groups(range(6)), prune=True).convergence is Convergence.SETTLED
    assert stage.apply(*_groups(range(5)), prune=True).convergence is Convergence.STUCK


def test_a_deletion_that_is_tried_again_counts_once(stage: Stage) -> None:
    """A run that dies before its deletions has not used up the limit: the next one executes them."""
    stage.apply(*_groups(range(9)), at=0.0)

    def dies(call: object) -> None:
        if "Delete" in str(call):
            raise KeyboardInterrupt

    stage.before_call = dies
    with pytest.raises(KeyboardInterrupt):
        stage.apply(*_groups(range(6)), prune=True, at=HOUR)
    stage.before_call = lambda _: None
    assert stage.apply(*_groups(range(6)), prune=True, at=2 * HOUR).convergence is Convergence.SETTLED
    assert len(stage.inventory().pruned) == 3


def test_a_deletion_refused_before_its_call_is_not_counted(stage: Stage) -> None:
    """A deletion refused before its call, because its owner can't be read at the last moment, is not counted."""
    stage.apply(*_groups(range(9)), at=0.0)

    def hide_tags(call: Call) -> None:
        if call.operation == "ListTags":
            raise CloudError(Fault.DENIED, "AccessDeniedException", "no", call.operation)

    seen: list[str] = []

    def before(call: Call) -> None:
        seen.append(call.operation)
        if stage.plans and stage.plans[-1].acting:
            hide_tags(call)

    stage.before_call = before
    stage.apply(*_groups(range(7)), prune=True, at=HOUR)
    stage.before_call = lambda _: None
    assert "DeleteModelPackageGroup" not in seen
    assert stage.inventory().pruned == ()


def test_repeated_deletions_of_one_name_are_all_counted(stage: Stage) -> None:
    """Three deletions of one name count like those of three names."""
    for run in range(4):
        stage.apply(*_groups(range(2)), at=run * HOUR)
        end = stage.apply(*_groups(range(1)), prune=True, at=run * HOUR + 1)
    assert end.convergence is Convergence.STUCK
    assert stage.mutations().count("DeleteModelPackageGroup") == 3


@dataclass
class Runs:
    """A random history of a set, and its deletions without a confirmation."""

    stage: Stage
    chance: random.Random
    time: float = 0.0
    desired: set[int] = field(default_factory=lambda: set(range(16)))
    log: list[tuple[float, int, int]] = field(default_factory=list)

    def go(self) -> None:
        """One run: some documents are added and removed, some time passes, and sometimes a person confirms."""
        self.time += self.chance.choice([60, HOUR, 5 * HOUR, 13 * HOUR, 25 * HOUR])
        lost = min(self.chance.randint(0, 3), len(self.desired) - 1)
        self.desired -= set(self.chance.sample(sorted(self.desired), lost))
        self.desired |= set(range(16)) if self.chance.random() < 0.3 else set()
        size, before = len(self.stage.inventory().entries), self._deleted()
        number = size - len(self.desired) if self.chance.random() < 0.2 else None
        self.stage.apply(*_groups(sorted(self.desired)), prune=True, at=self.time, confirm_deletes=number)
        gone = self._deleted() - before
        if gone and number != gone:
            self.log.append((self.time, size, gone))

    def _deleted(self) -> int:
        return self.stage.mutations().count("DeleteModelPackageGroup")


@pytest.mark.parametrize("seed", [*range(3), *soak(*range(3, 8))])
def test_no_sequence_of_runs_deletes_more_than_the_limit(stage: Stage, seed: int) -> None:
    """Within any 24 hours at most max(3, 20 %) of the set at their start are deleted without a confirmation."""
    runs = Runs(stage, random.Random(seed))
    stage.apply(*_groups(range(16)), at=0.0)
    for _ in range(12):
        runs.go()
    assert runs.log
    for end, _, _ in runs.log:
        window = [(size, gone) for at, size, gone in runs.log if end - WINDOW < at <= end]
        most = max(3, int(0.2 * window[0][0]))
        assert sum(gone for _, gone in window) <= most, runs.log
