"""Random histories of the operator with two replicas, and with a second cluster on the same account."""

from collections import Counter

import pytest

from tests.simulation.operators import draw_operator_history, play_operator
from tests.simulation.play import try_play
from tests.soak import new_seeds, soak

SHORT = [range(20)]
LONG = new_seeds(3000, 125)


@pytest.mark.parametrize("seeds", [*SHORT, *soak(*LONG)], ids=str)
def test_no_history_of_the_operator_breaks_an_invariant(
    seeds: range, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whichever replica is suspended, killed or disconnected: no late change, none twice, none foreign, none lost."""
    counts: Counter[str] = Counter()
    broken: dict[int, list[str]] = {}
    for seed in seeds:
        outcome = try_play(draw_operator_history(seed), seed, player=play_operator)
        counts.update(outcome.counts)
        if outcome.broken:
            broken[seed] = outcome.broken
    with capsys.disabled():
        print(f"\n{len(seeds)} histories from seed {seeds[0]}: {dict(sorted(counts.items()))}")
    assert min(counts["frozen"], counts["crashes"]) > 0
    assert not broken, (
        f"replay with: python -m tests.simulation {min(broken)} --way operator --trace --shrink\n{broken}"
    )
