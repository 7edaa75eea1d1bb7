"""Random histories, in a number that ``make test`` has time for, and more of them for ``make soak``."""

from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from tests.simulation.__main__ import tried
from tests.simulation.history import drawn, parsed
from tests.soak import soak

KEPT = sorted((Path(__file__).parent / "kept").glob("*.json"))


SHORT = [range(30), range(1000, 1030)]
LONG = [range(10_000, 14_000), range(20_000, 24_000)]


@pytest.mark.parametrize("seeds", [*SHORT, *soak(*LONG)], ids=str)
def test_no_history_breaks_an_invariant(seeds: range, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever happens, nothing foreign is changed, nothing is made twice or lost, and all settles in the end."""
    counts: Counter[str] = Counter()
    broken: dict[int, list[str]] = {}
    for seed in seeds:
        outcome = tried(drawn(seed), seed)
        counts.update(outcome.counts)
        if outcome.broken:
            broken[seed] = outcome.broken
    with capsys.disabled():
        print(f"\n{len(seeds)} histories from seed {seeds[0]}: {dict(sorted(counts.items()))}")
    assert not broken, f"replay with: python -m tests.simulation {min(broken)} --trace --shrink\n{broken}"


def test_a_history_is_written_and_read_back() -> None:
    """What is kept of a history replays as the history did."""
    for seed in range(20):
        assert parsed(drawn(seed).text()) == drawn(seed)


def test_the_same_seed_plays_the_same_calls() -> None:
    """A failing seed can be replayed: it makes as many passes, calls and crashes each time."""
    seed = next(seed for seed in count() if any(step.act == "crash" for step in drawn(seed).steps))
    assert tried(drawn(seed), seed) == tried(drawn(seed), seed)


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_a_history_that_found_a_fault_stays_mended(kept: Path) -> None:
    """Each history that once broke an invariant, made as small as it goes, breaks none any more."""
    assert not tried(parsed(kept.read_text(encoding="utf-8")), 0).broken
