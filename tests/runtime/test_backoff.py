import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import controller
from controller.runtime.backoff import LONGEST, Backoff, jitter

_CHANCES = st.floats(0, 1)
_OWN_RANDOM = {
    "runtime/backoff.py": "the jitter itself",
    "aws/rate_limit.py": "processes that were throttled together come apart; aws knows only core",
}


@given(st.integers(1, 10_000), _CHANCES, st.floats(0.1, 10), st.floats(10, 1000))
def test_a_delay_is_between_half_and_whole_of_a_doubled_bound(
    attempt: int, chance: float, first: float, longest: float
) -> None:
    """The n-th delay is at most first * 2^(n-1) and the longest, and at least half of that."""
    bound = longest if attempt > 40 else min(first * 2 ** (attempt - 1), longest)
    assert bound / 2 <= Backoff(first, longest).delay(attempt, lambda: chance) <= bound


@given(st.integers(1, 100), _CHANCES)
def test_delays_never_shrink_by_the_number_of_attempts(attempt: int, chance: float) -> None:
    """With the same chance a later attempt waits at least as long, and five minutes are the most."""
    delays = [Backoff().delay(each, lambda: chance) for each in (attempt, attempt + 1)]
    assert delays == sorted(delays)
    assert delays[1] <= LONGEST


@given(st.floats(0, 1e6), st.floats(0, 1), _CHANCES)
def test_jitter_stays_within_its_fraction(interval: float, fraction: float, chance: float) -> None:
    """An interval is longer or shorter by its fraction at most."""
    found = jitter(interval, fraction, lambda: chance)
    assert abs(found - interval) <= interval * (fraction + 1e-12)  # of the last digit of a float


def test_no_other_module_computes_a_backoff_or_jitter() -> None:
    """Randomness outside the sandbox is in the modules listed with a reason; each retry uses ``Backoff``."""
    root = Path(controller.__file__).parent
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if "sandbox" not in path.relative_to(root).parts
        and re.search(
            r"\bimport random\b|from random\b|\bSystemRandom\b|2(\.0)? ?\*\* ?[(a-z]", path.read_text()
        )
    }
    assert found == set(_OWN_RANDOM)
