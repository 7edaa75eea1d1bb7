"""Random histories, in a number that ``make test`` has time for, and more of them for ``make soak``."""

from collections import Counter
from itertools import count

import pytest

from tests.simulation.__main__ import tried
from tests.simulation.history import drawn, parsed
from tests.soak import soak


@pytest.mark.parametrize(("first", "histories"), [(0, 15), (1000, 15), *soak((10_000, 2000), (20_000, 2000))])
def test_no_history_breaks_an_invariant(
    first: int, histories: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever happens, nothing foreign is changed, nothing is made twice or lost, and all settles in the end."""
    counts: Counter[str] = Counter()
    broken: dict[int, list[str]] = {}
    for seed in range(first, first + histories):
        outcome = tried(drawn(seed), seed)
        counts.update(outcome.counts)
        if outcome.broken:
            broken[seed] = outcome.broken
    with capsys.disabled():
        print(f"\n{histories} histories from seed {first}: {dict(sorted(counts.items()))}")
    assert not broken, f"replay with: python -m tests.simulation {min(broken)} --trace --shrink\n{broken}"


def test_a_history_is_written_and_read_back() -> None:
    """What is kept of a history replays as the history did."""
    for seed in range(20):
        assert parsed(drawn(seed).text()) == drawn(seed)


def test_the_same_seed_plays_the_same_calls() -> None:
    """A failing seed can be replayed: it makes as many passes, calls and crashes each time."""
    seed = next(seed for seed in count() if any(step.act == "crash" for step in drawn(seed).steps))
    assert tried(drawn(seed), seed) == tried(drawn(seed), seed)
