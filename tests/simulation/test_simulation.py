"""Random histories, in a number that ``make test`` has time for, and more of them for ``make soak``."""

from collections import Counter
from itertools import count
from pathlib import Path

import pytest

from tests import botocore_shortcut
from tests.simulation import account
from tests.simulation.history import draw_history, parse_history
from tests.simulation.many import CHUNK, WAYS, RunRecord, run
from tests.simulation.play import Outcome, try_play
from tests.soak import new_seeds, soak

# Those of another interface are in a folder with its name.
KEPT = sorted((Path(__file__).parent / "kept").rglob("*.json"))


SHORT = [("runs", range(60)), ("sync", range(1000, 1028)), ("directed", range(2000, 2032))]
LONG = [
    *(("runs", seeds) for seeds in new_seeds(6000, 250)),
    *(("sync", seeds) for seeds in new_seeds(1000, 250)),
    *(("directed", seeds) for seeds in new_seeds(1000, 250)),
]


@pytest.mark.parametrize("histories", [*SHORT, *soak(*LONG)], ids=str)
def test_no_history_breaks_an_invariant(
    histories: tuple[str, range], capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever happens, nothing foreign is changed, nothing is created twice or lost, and all settles in the end."""
    (way, seeds), counts = histories, Counter[str]()
    broken: dict[int, list[str]] = {}
    for seed in seeds:
        outcome = try_play(WAYS[way].draw(seed), seed)
        counts.update(outcome.counts)
        if outcome.broken:
            broken[seed] = outcome.broken
    with capsys.disabled():
        print(f"\n{len(seeds)} histories of {way} from seed {seeds[0]}: {dict(sorted(counts.items()))}")
    assert not broken, (
        f"replay with: python -m tests.simulation {min(broken)} --way {way} --trace --shrink\n{broken}"
    )


def test_a_history_is_written_and_read_back() -> None:
    """A stored history is replayed as it was."""
    for seed in range(20):
        assert parse_history(draw_history(seed).text()) == draw_history(seed)


def test_the_same_seed_plays_the_same_calls() -> None:
    """A failing seed can be replayed: it makes as many passes, calls and crashes each time."""
    seed = next(seed for seed in count() if any(step.act == "crash" for step in draw_history(seed).steps))
    assert try_play(draw_history(seed), seed) == try_play(draw_history(seed), seed)


def _play_traced(seed: int) -> list[str]:
    lines: list[str] = []
    outcome = try_play(draw_history(seed), seed, lines.append)
    return [*lines, *outcome.broken, str(sorted(outcome.counts.items()))]


@pytest.mark.parametrize("histories", [range(45, 90), *soak(range(360))], ids=str)
def test_the_short_form_of_a_call_is_as_botocores(histories: range, monkeypatch: pytest.MonkeyPatch) -> None:
    """Histories with faults, lost responses and leases have the same calls, plans and results with all of botocore."""
    acts = {"fault", "overtake", "crash"}
    seeds = [seed for seed in histories if acts & {step.act for step in draw_history(seed).steps}]
    short = {seed: _play_traced(seed) for seed in seeds}
    assert any("denied" in line.lower() for lines in short.values() for line in lines)
    with monkeypatch.context() as patch:
        patch.setattr(botocore_shortcut, "SERVICES", frozenset())
        patch.setattr(account._current, "cloud", None)
        assert {seed: _play_traced(seed) for seed in seeds} == short


def test_a_recorded_run_continues_after_an_interruption(tmp_path: Path) -> None:
    """Seeds in a record are not run again; a seed that violated an invariant stays in it."""
    record = RunRecord(tmp_path / "record")
    record.add(0, {seed: Outcome(["broken"] if seed == 3 else [], Counter(calls=2)) for seed in range(CHUNK)})
    again = RunRecord(tmp_path / "record")
    assert list(run(range(CHUNK), again, 1)) == []
    assert (again.all, again.new, again.broken, again.counts["calls"]) == (
        CHUNK,
        0,
        {3: ["broken"]},
        2 * CHUNK,
    )
    assert not dict(run(range(CHUNK, CHUNK + 4), again, 1))
    assert RunRecord(tmp_path / "record").all == CHUNK + 4


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: path.stem)
def test_a_history_that_found_a_fault_stays_mended(kept: Path) -> None:
    """Each history that once violated an invariant, shrunk, violates none any more."""
    way = WAYS.get(kept.parent.name, WAYS["runs"])
    assert not try_play(parse_history(kept.read_text(encoding="utf-8")), 0, player=way.player).broken
