"""``python -m tests.matrices.jumping_clock`` plays scenarios and histories while the machine's clocks jump.

It prints JSON: for each scenario what it left behind, for each history what it did. ``--still`` leaves the clocks as
they are.

Functions of ``time`` are the default arguments of functions, so they are replaced before the product is imported.
"""

import json
import sys
import time
from collections.abc import Callable
from itertools import count
from typing import Any

_JUMP = 45.0  # seconds; longer than a read of an account is valid (controller/engine/shared_reads.py)
_HISTORIES = range(6)  # of each way in


def _jumping(clock: Callable[[], float]) -> Callable[[], float]:
    """A clock that is later by a jump at each read."""
    jumps = count(1)
    return lambda: clock() + _JUMP * next(jumps)


def play_all() -> dict[str, Any]:
    """What scenarios left behind, and what histories did, by their names."""
    from tests.matrices.forks import run_alone
    from tests.matrices.traced_plays import PLAYS
    from tests.simulation.many import WAYS, prepare
    from tests.simulation.play import try_play

    prepare()
    found: dict[str, Any] = {name: run_alone(play)[0] for name, play in PLAYS.items()}
    for name, way in WAYS.items():
        for seed in _HISTORIES:
            lines: list[str] = []
            outcome = try_play(way.draw(seed), seed, lines.append, way.player)
            found[f"history {seed} of {name}"] = [*lines, *outcome.broken, sorted(outcome.counts.items())]
    return found


if __name__ == "__main__":
    if "--still" not in sys.argv:
        time.monotonic, time.time = _jumping(time.monotonic), _jumping(time.time)
    json.dump(play_all(), sys.stdout)
