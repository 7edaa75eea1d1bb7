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


def test_six_runs_are_no_way_around_the_limit(stage: Stage) -> None:
    """Twenty resources went to one by six runs, each under max(3, 20 %): four go now, and the rest waits."""
    stage.apply(*_groups(range(20)), at=0.0)
    for run, left in enumerate((16, 13, 10, 7, 4, 1), start=1):
        stage.apply(*_groups(range(left)), prune=True, at=run * HOUR)
    assert stage.mutations().count("DeleteModelPackageGroup") == 4
    (required,) = stage.plan(*_groups(range(13)), prune=True, at=7 * HOUR).confirmations
    assert "3 deletions, after 4 within 24 hours, exceed the limit of 4" in required.message


def test_a_day_later_the_limit_is_new(stage: Stage) -> None:
    """What was deleted a day ago counts no more, and the set's size of now does."""
    stage.apply(*_groups(range(20)), at=0.0)
    stage.apply(*_groups(range(16)), prune=True, at=HOUR)
    held = stage.apply(*_groups(range(13)), prune=True, at=HOUR + WINDOW - 1)
    assert held.convergence is Convergence.STUCK
    done = stage.apply(*_groups(range(13)), prune=True, at=HOUR + WINDOW + 1)
    assert done.convergence is Convergence.SETTLED
    assert len(stage.inventory().pruned) == 3


def test_what_was_confirmed_is_not_counted(stage: Stage) -> None:
    """A person's word is for those deletions: neither are they counted, nor is the count of the others reset."""
    stage.apply(*_groups(range(20)), at=0.0)
    stage.apply(*_groups(range(18)), prune=True, at=HOUR)
    stage.apply(*_groups(range(8)), prune=True, confirm_deletes=10, at=2 * HOUR)
    named = frozenset({"ModelPackageGroup/g7"})
    stage.apply(*_groups(range(7)), prune=True, confirm_delete=named, at=3 * HOUR)
    assert stage.mutations().count("DeleteModelPackageGroup") == 13
    assert len(stage.inventory().pruned) == 2
    assert stage.apply(*_groups(range(5)), prune=True, at=4 * HOUR).convergence is Convergence.SETTLED
    assert stage.apply(*_groups(range(4)), prune=True, at=4 * HOUR).convergence is Convergence.STUCK


def test_without_a_time_all_counts(stage: Stage) -> None:
    """Who gives no time gets no fresh limit."""
    stage.apply(*_groups(range(9)))
    assert stage.apply(*_groups(range(6)), prune=True).convergence is Convergence.SETTLED
    assert stage.apply(*_groups(range(5)), prune=True).convergence is Convergence.STUCK


def test_a_deletion_that_is_tried_again_counts_once(stage: Stage) -> None:
    """A run that dies before its deletions has used nothing up: the next one does them."""
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


def test_a_deletion_that_was_never_begun_counts_as_none(stage: Stage) -> None:
    """What is refused before its call, for its owner can't be read at the last moment, uses nothing up."""
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


def test_what_is_made_again_and_deleted_again_counts_twice(stage: Stage) -> None:
    """One name that comes and goes uses the limit up as three names do."""
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
        """One run: some documents are added and removed, some time passes, at times a person confirms."""
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
    """The law: within any 24 hours at most max(3, 20 %) of the set at their start go without a person's word."""
    runs = Runs(stage, random.Random(seed))
    stage.apply(*_groups(range(16)), at=0.0)
    for _ in range(12):
        runs.go()
    assert runs.log
    for end, _, _ in runs.log:
        window = [(size, gone) for at, size, gone in runs.log if end - WINDOW < at <= end]
        most = max(3, int(0.2 * window[0][0]))
        assert sum(gone for _, gone in window) <= most, runs.log
