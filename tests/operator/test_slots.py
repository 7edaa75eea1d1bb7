"""Slots, and when there are some to spare."""

from contextlib import ExitStack

import pytest

from controller.operator.slots import Slots


@pytest.mark.parametrize(("number", "busy"), [(1, 1), (2, 1), (5, 3), (12, 6)])
def test_half_of_them_are_kept_for_what_is_waited_for(number: int, busy: int) -> None:
    """There are slots to spare until half of them are taken, and again once they are free."""
    slots = Slots(number)
    with ExitStack() as held:
        for _ in range(busy):
            assert slots.spare
            held.enter_context(slots)
        assert not slots.spare
    assert slots.spare
