"""``python -m tests.simulation SEED`` replays a history, ``--histories N`` runs many and prints what they came to.

With ``--record FILE`` what was run is kept in a file, and run no more: a long run may be interrupted and started again.
"""

import argparse
import time
from pathlib import Path

from tests.simulation.history import parse_history
from tests.simulation.many import WAYS, RunRecord, Way, prepare, run
from tests.simulation.play import try_play
from tests.simulation.shrink import find_smallest


def main() -> int:
    """Run what the arguments request; 1 if an invariant was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument(
        "seed", nargs="?", default="0", help="the first history, or a file of tests/simulation/kept"
    )
    parser.add_argument("--histories", type=int, default=1, help="how many, from the seed on")
    parser.add_argument(
        "--way",
        choices=sorted(WAYS),
        default="runs",
        help="what makes the runs; directed: events that rarely follow each other by chance",
    )
    parser.add_argument("--jobs", type=int, default=1, help="how many processes run them")
    parser.add_argument("--record", type=Path, help="a file that keeps what was run, outside of the tree")
    parser.add_argument("--trace", action="store_true", help="print what is done in a history")
    parser.add_argument(
        "--shrink", action="store_true", help="make a history that breaks smaller, and print it"
    )
    args = parser.parse_args()
    prepare()
    if args.histories == 1:
        return _play_one(args.seed, WAYS[args.way], trace=args.trace, shrink=args.shrink)
    seeds = range(int(args.seed), int(args.seed) + args.histories)
    began, done = time.monotonic(), RunRecord(args.record)
    for seed, broken in run(seeds, done, args.jobs, args.way):
        print(f"seed {seed}:", *broken[:3], sep="\n   ", flush=True)
    took = time.monotonic() - began
    print(dict(sorted(done.counts.items())))
    print(
        f"{done.new} histories, {len(done.broken)} of all {done.all} broken, {done.new / took * 60:.0f} a minute"
    )
    return int(bool(done.broken))


def _play_one(name: str, way: Way, *, trace: bool, shrink: bool) -> int:
    seed = int(name) if name.isdigit() else 0
    history = way.draw(seed) if name.isdigit() else parse_history(Path(name).read_text(encoding="utf-8"))
    outcome = try_play(history, seed, print if trace and not shrink else lambda _: None, way.player)
    print(dict(sorted(outcome.counts.items())))
    print(*outcome.broken, sep="\n")
    if shrink and outcome.broken:
        small = find_smallest(history, seed, outcome, way.player)
        print(small.text())
        try_play(small, seed, print if trace else lambda _: None, way.player)
    return int(bool(outcome.broken))


if __name__ == "__main__":
    raise SystemExit(main())
