"""The assignment of slots, and the share of an operation that does not respond."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from controller.core.cloud import UnsentCallError
from controller.runtime.concurrency_limit import SLOW, Slots
from tests.operator.clock import StepClock


@pytest.mark.parametrize(("number", "busy"), [(1, 1), (2, 1), (5, 3), (12, 6)])
def test_half_of_them_are_kept_for_what_is_waited_for(number: int, busy: int) -> None:
    """Slots are spare until half of them are in use, and again once they are free."""
    slots = Slots(number)
    with ExitStack() as held:
        for _ in range(busy):
            assert slots.has_spare
            held.enter_context(slots.hold_slot("ListModels"))
        assert not slots.has_spare
    assert slots.has_spare


def test_a_call_that_is_not_answered_gives_its_slot_to_another() -> None:
    """A call without a response loses its slot after ``SLOW`` seconds: the next one begins, and a slot is spare."""
    clock = StepClock()
    slots = Slots(1, clock)
    begun = threading.Event()

    def second() -> None:
        with slots.hold_slot("ListModels"):
            begun.set()

    with ThreadPoolExecutor(1) as pool, slots.hold_slot("DescribeModel"):
        pool.submit(second)
        assert not begun.wait(0.1)
        clock.at += SLOW + 1
        assert begun.wait(10)
        assert slots.has_spare


@pytest.mark.parametrize("number", [1, 4])
def test_of_a_silent_operation_so_many_calls_wait_and_no_more(number: int) -> None:
    """Further calls of it are refused at once; those of another operation are made, and it is itself once answered."""
    clock = StepClock()
    slots = Slots(number, clock)
    with ExitStack() as silent:
        for _ in range(number):
            silent.enter_context(slots.hold_slot("DescribeModel"))
        clock.at += SLOW + 1
        with pytest.raises(UnsentCallError, match="does not answer"), slots.hold_slot("DescribeModel"):
            raise AssertionError
        with slots.hold_slot("ListModels"):
            pass
    with slots.hold_slot("DescribeModel"):
        pass
