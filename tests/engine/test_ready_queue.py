"""The order in which steps start: laws over random graphs."""

import random
from dataclasses import replace

import pytest

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Step
from controller.engine.ready_queue import ReadyQueue, chain_seconds
from controller.kinds import KINDS
from tests.output import plans

SLOW = max(KINDS, key=lambda kind: KINDS[kind].lifecycle.usual_seconds)
QUICK = min(KINDS, key=lambda kind: KINDS[kind].lifecycle.usual_seconds)


def step(name: str, *needs: str, kind: str = QUICK) -> Step:
    """A creation that continues in AWS after its call."""
    found = Step(name, Ref(kind, name), Action.CREATE, Reason.ABSENT, needs=frozenset(needs))
    return replace(found, gradual=True)


@pytest.mark.parametrize("seed", range(20))
def test_each_step_starts_once_and_after_its_dependencies(seed: int) -> None:
    """Whatever the graph and the order in which steps end, none is lost, and none precedes its dependencies."""
    chance = random.Random(seed)
    steps = [
        step(f"s{n}", *(f"s{m}" for m in chance.sample(range(n), chance.randint(0, min(n, 4)))))
        for n in range(40)
    ]
    chance.shuffle(steps)
    done: set[str] = set()
    queue = ReadyQueue(plans.plan(*steps), (), lambda need, _: need in done)
    running: list[Step] = []
    started: list[str] = []
    while True:
        while len(running) < 5 and (each := queue.pop()) is not None:
            assert each.needs <= done
            running.append(each)
            started.append(each.id)
        if not running:
            break
        ended = running.pop(chance.randrange(len(running)))
        done.add(ended.id)
        queue.on_end(ended.id)
    assert sorted(started) == sorted(each.id for each in steps)
    assert queue.not_started == []


@pytest.mark.parametrize("seed", range(20))
def test_the_longest_chain_goes_first(seed: int) -> None:
    """Of the steps that are ready, each has a chain of dependents at least as long as any that follows."""
    chance = random.Random(seed)
    steps = [step("root")]
    for chain in range(8):
        before = "root"
        for number in range(chance.randint(1, 6)):
            steps.append(step(f"c{chain}-{number}", before))
            before = f"c{chain}-{number}"
    chance.shuffle(steps)
    plan = plans.plan(*steps)
    chains = chain_seconds(plan)
    queue = ReadyQueue(plan, ["root"], lambda need, _: need == "root")
    order = [each.id for each in iter(queue.pop, None)]
    assert len(order) == 8
    assert [chains[each] for each in order] == sorted((chains[each] for each in order), reverse=True)


def test_slow_kinds_start_before_a_longer_chain_of_quick_calls() -> None:
    """A kind whose creation usually takes long starts first, and so do its dependencies."""
    steps = [
        *(step(f"q{n}", *([f"q{n - 1}"] if n else [])) for n in range(10)),
        step("before"),
        step("slow", "before", kind=SLOW),
    ]
    queue = ReadyQueue(plans.plan(*steps), (), lambda _need, _step: False)
    assert [each.id for each in iter(queue.pop, None)] == ["before", "q0"]
    assert KINDS[SLOW].lifecycle.usual_seconds > KINDS[QUICK].lifecycle.usual_seconds == 0


def test_a_chain_of_ten_thousand_is_ordered() -> None:
    """The depth of a graph is unlimited."""
    count = 10_000
    steps = [step(f"s{n}", *([f"s{n - 1}"] if n else [])) for n in range(count)]
    assert chain_seconds(plans.plan(*steps))["s0"] == count


def test_dependents_of_a_failed_step_do_not_start() -> None:
    """The dependents of a failed step remain, in the order in which they would have started."""
    steps = [step("a"), step("b", "a"), step("c", "b")]
    queue = ReadyQueue(plans.plan(*steps), (), lambda _need, _step: False)
    first = queue.pop()
    assert first is not None
    queue.on_end(first.id)
    assert queue.pop() is None
    assert [each.id for each in queue.not_started] == ["b", "c"]
