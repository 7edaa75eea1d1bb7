"""``python -m tests.simulation SEED`` replays a history, ``--histories N`` runs many and prints what they came to."""

import argparse
import time
import traceback
from collections import Counter
from collections.abc import Callable

from tests.botocore_memo import memoize
from tests.simulation.history import History, drawn
from tests.simulation.play import Outcome, play
from tests.simulation.shrink import shrunk, sort_of


def main() -> int:
    """Run what the arguments say; 1 where an invariant was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="the history to replay")
    parser.add_argument("--histories", type=int, default=1, help="how many, from the seed on")
    parser.add_argument("--trace", action="store_true", help="print what is done in each")
    parser.add_argument("--shrink", action="store_true", help="make each that breaks smaller, and print it")
    args = parser.parse_args()
    memoize()
    counts: Counter[str] = Counter()
    began, bad = time.monotonic(), 0
    first = args.seed or 0
    for seed in range(first, first + args.histories):
        history = drawn(seed)
        outcome = tried(history, seed, print if args.trace and not args.shrink else lambda _: None)
        counts.update(outcome.counts)
        counts["histories"] += 1
        if outcome.broken:
            bad += 1
            print(f"seed {seed}:", *outcome.broken[:3], sep="\n   ", flush=True)
            if args.shrink:
                small = smallest(history, seed, outcome)
                print(small.text(), flush=True)
                if args.trace:
                    tried(small, seed, print)
    took = time.monotonic() - began
    print(dict(sorted(counts.items())))
    print(
        f"{args.histories} histories, {bad} of them broken, in {took:.0f} s: {args.histories / took * 60:.0f} a minute"
    )
    return int(bad > 0)


def smallest(history: History, seed: int, outcome: Outcome) -> History:
    """A smaller history that breaks the same invariant."""
    sorts = {sort_of(each) for each in outcome.broken}
    return shrunk(history, lambda each: bool(sorts & {sort_of(b) for b in tried(each, seed).broken}))


def tried(history: History, seed: int, trace: Callable[[str], None] = lambda _: None) -> Outcome:
    """Play a history; an exception breaks it as an invariant does."""
    try:
        return play(history, seed, trace)
    except Exception as error:  # noqa: BLE001 - whatever it is, the history broke something
        return Outcome([f"{type(error).__name__}: {error}\n{traceback.format_exc()[-900:]}"])


if __name__ == "__main__":
    raise SystemExit(main())
