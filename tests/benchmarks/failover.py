"""A leader that is disconnected while AWS throttles it: ``python -m tests.benchmarks.failover [RUNS [FIRST SEED]]``.

Prints a line for each run and a summary; fails where a changing call of it reached AWS after the other replica's lease
began. Three runs at a time, since most of a run is waiting.
"""

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.kubernetes.failover import FailoverResult, repeat_trial
from tests.kubernetes.rig.definitions import establish
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import run_server

_AT_ONCE = 3


def main(runs: int, first: int) -> int:
    """Make the runs."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server(programs(print), Path(folder) / "server") as access,
    ):
        establish(Kubectl(access))

        def run(seed: int) -> FailoverResult:
            path = Path(folder) / f"run-{seed}"
            path.mkdir()
            came = repeat_trial(Kubectl(access), path, seed)
            message = f"{len(came.late)} late of {came.before + len(came.late)} changing calls"
            print(
                f"seed {seed}: {message}; the last one {came.margin:.1f} s before the other's lease",
                flush=True,
            )
            return came

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            all_runs = list(pool.map(run, range(first, first + runs)))
    late = sum(len(each.late) for each in all_runs)
    nearest = min(each.margin for each in all_runs)
    calls = sum(each.before for each in all_runs)
    print(
        f"{runs} runs, {calls} changing calls: {late} late; the nearest {nearest:.1f} s before the other's lease"
    )
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main(*(int(each) for each in [*sys.argv[1:], *("50", "0")[len(sys.argv) - 1 :]])))
