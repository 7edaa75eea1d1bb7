"""Plays one cell from the beginning: ``python -m tests.matrices operator change 17 "a list" --lasting 300``.

``--profile`` prints which functions took most of the processor time.
"""

import argparse
import cProfile
import pstats
import sys
import time
from functools import partial

from tests.matrices import controllers, runs
from tests.matrices.call_outcomes import WAYS
from tests.matrices.cells import Cell
from tests.matrices.forks import Play, report_failures_only, run_alone
from tests.simulation.many import prepare

_PLAYS: dict[str, dict[str, Play]] = {
    **{
        name: {scenario: report_failures_only(partial(play, scenario)) for scenario in controllers.SCENARIOS}
        for name, play in controllers.CONTROLLERS.items()
    },
    "run": {name: report_failures_only(partial(runs.check_next_run, name)) for name in runs.SCENARIOS},
}


def main(argv: list[str]) -> int:
    """Run it; a violated invariant is an exception."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrices", description=__doc__)
    parser.add_argument("controller", choices=_PLAYS)
    parser.add_argument("scenario")
    parser.add_argument("at", type=int, help="the number of the request; -1 for none")
    parser.add_argument("way", choices=["", *WAYS], metavar="way")
    parser.add_argument("--lasting", type=float, default=0.0, help="seconds")
    parser.add_argument("--then", default="", choices=["", *WAYS], metavar="WAY")
    parser.add_argument("--profile", action="store_true")
    args = parser.parse_args(argv)
    play = _PLAYS[args.controller][args.scenario]
    prepare()
    run_alone(play)  # caches of modules are not part of the cell
    profile, began = cProfile.Profile(), time.process_time()
    if args.profile:
        profile.enable()
    cell = Cell(args.at, args.way, args.lasting, args.then) if args.at >= 0 else None
    _, interposition = run_alone(play, cell)
    profile.disable()
    spent = time.process_time() - began
    print(f"{interposition.seen} requests, {spent:.2f} s of processor time")
    if args.profile:
        pstats.Stats(profile).sort_stats("cumtime").print_stats(75)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
