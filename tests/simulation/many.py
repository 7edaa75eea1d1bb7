"""Many histories on all processors, with a file that keeps which of them ran and what they came to."""

import gc
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.botocore_memo import memoize
from tests.simulation.history import History, draw_directed_history, draw_history, draw_sync_history
from tests.simulation.operators import draw_operator_history, play_operator
from tests.simulation.play import Outcome, Play, play, try_play

CHUNK = 64  # histories of one job, and of one line of the file
_JOBS = 40  # of one process, whose caches grow


def prepare() -> None:
    """Make histories cheap here: collecting garbage, of which there is little, takes a fifth of their time."""
    memoize()
    logging.getLogger("sagectl").addHandler(logging.NullHandler())
    logging.getLogger("sagectl").propagate = False
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@dataclass
class RunRecord:
    """The results of chunks; the file has a line of JSON for each: ``{"first", "counts", "broken"}``."""

    file: Path | None
    counts: Counter[str] = field(default_factory=Counter)
    broken: dict[int, list[str]] = field(default_factory=dict)
    firsts: set[int] = field(default_factory=set)
    all: int = 0
    new: int = 0

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                self._count(json.loads(line))

    def _count(self, line: dict[str, object]) -> None:
        kept = json.loads(json.dumps(line))
        self.firsts.add(kept["first"])
        self.counts.update(kept["counts"])
        self.all += kept["counts"]["histories"]
        self.broken |= {int(seed): broken for seed, broken in kept["broken"].items()}

    def add(self, first: int, outcomes: dict[int, Outcome]) -> None:
        """Add a finished chunk."""
        counts = Counter({"histories": len(outcomes)})
        for outcome in outcomes.values():
            counts.update(outcome.counts)
        broken = {str(seed): outcome.broken for seed, outcome in outcomes.items() if outcome.broken}
        line = {"first": first, "counts": counts, "broken": broken}
        self._count(line)
        self.new += len(outcomes)
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")


@dataclass(frozen=True)
class Way:
    """An interface of the product: how its histories are drawn and played."""

    draw: Callable[[int], History]
    player: Play


WAYS = {
    "runs": Way(draw_history, play),
    "directed": Way(draw_directed_history, play),
    "sync": Way(draw_sync_history, play),
    "operator": Way(draw_operator_history, play_operator),
}


def run(seeds: range, record: RunRecord, jobs: int, way: str = "runs") -> Iterator[tuple[int, list[str]]]:
    """Play the histories of seeds that the record lacks; yields those that violated something."""
    chunks = [seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)]
    left = [chunk for chunk in chunks if chunk[0] not in record.firsts]
    # All processes begin with what the first chunk loads and compiles.
    here = left if jobs == 1 else left[:1]
    for chunk in here:
        yield from _add_outcomes(record, _play_chunk(way, chunk))
    gc.freeze()
    with get_context("fork").Pool(jobs, maxtasksperchild=_JOBS) as pool:
        for outcomes in pool.imap_unordered(partial(_play_chunk, way), left[len(here) :]):
            yield from _add_outcomes(record, outcomes)


def _play_chunk(way: str, seeds: range) -> dict[int, Outcome]:
    of = WAYS[way]
    return {seed: try_play(of.draw(seed), seed, player=of.player) for seed in seeds}


def _add_outcomes(record: RunRecord, outcomes: dict[int, Outcome]) -> Iterator[tuple[int, list[str]]]:
    record.add(min(outcomes), outcomes)
    yield from ((seed, outcome.broken) for seed, outcome in outcomes.items() if outcome.broken)
