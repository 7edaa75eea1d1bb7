import random
import threading

from hypothesis import given
from hypothesis import strategies as st

from controller.runtime.clock import Clock
from controller.runtime.workqueue import Queue
from tests.operator.clock import StepClock


def _take_all(queue: Queue[str]) -> list[str]:
    found = []
    while (due := queue.get(0)) is not None:
        found.append(due.key)
    return found


def test_a_key_is_given_once_however_often_it_is_added() -> None:
    """Ten additions of a key that no worker has are delivered once."""
    queue: Queue[str] = Queue(Clock(StepClock()))
    for _ in range(10):
        queue.add("a")
    assert _take_all(queue) == ["a"]


def test_a_key_that_is_worked_on_is_given_again_after_that_and_not_during() -> None:
    """One key never has two workers; what comes during the work is one more piece of work."""
    queue: Queue[str] = Queue(Clock(StepClock()))
    queue.add("a")
    assert queue.get(0)
    for _ in range(10):
        queue.add("a")
    assert queue.get(0) is None
    queue.done("a")
    assert _take_all(queue) == ["a"]


def test_a_delay_is_kept_and_an_addition_ends_it() -> None:
    """A key waits for its time; added meanwhile it is due at once, and not once more when its time comes."""
    clock = StepClock()
    queue: Queue[str] = Queue(Clock(clock))
    queue.add_after("a", 60)
    queue.add_after("b", 60)
    assert _take_all(queue) == []
    queue.add("a")
    assert _take_all(queue) == ["a"]
    queue.done("a")
    clock.at += 60
    assert _take_all(queue) == ["b"]


def test_of_two_delays_the_earlier_counts() -> None:
    """A later delay does not put off an earlier one, and an earlier one replaces a later."""
    clock = StepClock()
    queue: Queue[str] = Queue(Clock(clock))
    queue.add_after("a", 10)
    queue.add_after("a", 20)
    queue.add_after("b", 20)
    queue.add_after("b", 10)
    clock.at += 10
    assert _take_all(queue) == ["a", "b"]
    for key in "ab":
        queue.done(key)
    clock.at += 100
    assert _take_all(queue) == []


def test_a_worker_that_waits_is_woken() -> None:
    """A key that is added while a worker waits for one is given to it at once."""
    queue: Queue[str] = Queue()
    found: list[str] = []
    waiting = threading.Thread(target=lambda: found.append((queue.get(10) or queue.get(0)).key))  # type: ignore[union-attr]
    waiting.start()
    queue.add("a")
    waiting.join(5)
    assert found == ["a"]


def test_a_closed_queue_gives_nothing() -> None:
    """A closed queue delivers no keys, and ends all waits."""
    queue: Queue[str] = Queue(Clock(StepClock()))
    queue.add("a")
    queue.close()
    assert queue.get() is None


def test_it_tells_how_long_the_oldest_waits() -> None:
    """The age of the oldest key that no worker has; zero if there is none."""
    clock = StepClock()
    queue: Queue[str] = Queue(Clock(clock))
    queue.add("a", "event-1")
    clock.at += 7
    assert queue.oldest_age() == 7
    due = queue.get(0)
    assert due
    assert (due.since, due.cause) == (100, "event-1")
    assert queue.oldest_age() == 0


@given(st.lists(st.sampled_from(["add a", "add b", "later a", "get", "done", "tick"]), max_size=60))
def test_no_key_is_lost_or_worked_on_twice(parts: list[str]) -> None:
    """Whatever happens in whatever order: one worker for a key, and every addition leads to work after it."""
    clock = StepClock()
    queue: Queue[str] = Queue(Clock(clock))
    working: list[str] = []
    owed: set[str] = set()
    for word in [*parts, *["done", "tick", "get"] * 10]:
        verb, _, key = word.partition(" ")
        match verb:
            case "add":
                queue.add(key)
                owed.add(key)
            case "later":
                queue.add_after(key, 5)
                owed.add(key)
            case "tick":
                clock.at += 3
            case "done" if working:
                queue.done(working.pop())
            case "get":
                due = queue.get(0)
                if due is not None:
                    assert due.key not in working
                    working.append(due.key)
                    owed.discard(due.key)
    assert owed <= set(working)


def _queue_of_flows(share: int) -> Queue[str]:
    return Queue(Clock(StepClock()), flow=lambda key: key[0], share=share)


def test_flows_take_turns() -> None:
    """A thousand keys of one flow, added first, delay another flow's only key by one."""
    queue = _queue_of_flows(10_000)
    for number in range(1000):
        queue.add(f"a{number}")
    queue.add("b0")
    assert [due.key for due in (queue.get(0), queue.get(0), queue.get(0)) if due] == ["a0", "b0", "a1"]


def test_a_flow_has_no_more_than_its_share_of_workers() -> None:
    """Keys of a flow that uses its share wait, and others' do not; a free worker takes the next key."""
    queue = _queue_of_flows(2)
    for key in ("a0", "a1", "a2", "a3"):
        queue.add(key)
    assert _take_all(queue) == ["a0", "a1"]
    queue.add("b0")
    assert _take_all(queue) == ["b0"]
    queue.done("a0")
    assert _take_all(queue) == ["a2"]
    queue.done("a2")
    queue.done("a2")
    assert _take_all(queue) == ["a3"]


@given(st.lists(st.sampled_from(["add", "get", "done"]), max_size=60), st.randoms(use_true_random=False))
def test_no_key_is_lost_between_flows(steps: list[str], chance: random.Random) -> None:
    """Whatever the order of additions and work, each key that was added is given, within its flow's share."""
    queue, working, added = _queue_of_flows(2), list[str](), set[str]()
    for step in steps:
        if step == "add":
            key = chance.choice(["a0", "a1", "a2", "b0", "b1", "c0"])
            queue.add(key)
            added.add(key)
        elif step == "get" and (due := queue.get(0)):
            added.discard(due.key)
            assert due.key not in working
            working.append(due.key)
            assert sum(each[0] == due.key[0] for each in working) <= 2
        elif step == "done" and working:
            queue.done(working.pop())
    while added:
        while working:
            queue.done(working.pop())
        found = _take_all(queue)
        assert found
        working += found
        added -= set(found)
