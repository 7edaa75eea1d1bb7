"""How the work grows with the number of objects: ``python -m tests.benchmarks.growth [N]``.

Compiles, applies and plans N and 4 N documents in process and prints the CPU seconds of each, which hold the
sandbox's share too. Fails only when four times the objects cost more than six times the CPU.
"""

import gc
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.calls import tree
from tests.journeys.stage import Stage, compiled

_TIMES, _MOST = 4, 6.0


def _cpu(work: Callable[[], object]) -> float:
    gc.collect()  # the garbage of the part before is not this part's work
    before = time.process_time()
    work()
    return time.process_time() - before


def measure(count: int) -> dict[str, float]:
    """CPU seconds of each part for so many documents."""
    documents = tree(count)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder))
        return {
            "compile": _cpu(lambda: compiled(*documents)),
            "apply": _cpu(lambda: stage.apply(*documents)),
            "plan again": _cpu(lambda: stage.plan(*documents)),
        }


def main(count: int = 250) -> int:
    """Run, print, judge; the exit status."""
    measure(8)  # what is loaded once must not count
    small, large = measure(count), measure(count * _TIMES)
    print(f"{'CPU seconds':<14}{'N = ' + str(count):>12}{'N = ' + str(count * _TIMES):>12}{'growth':>10}")
    for part, seconds in small.items():
        print(f"{part:<14}{seconds:>12.2f}{large[part]:>12.2f}{large[part] / seconds:>10.1f}")
    good = all(large[part] <= _MOST * seconds for part, seconds in small.items())
    print("ok" if good else f"FAILED: {_TIMES} times the objects may cost {_MOST} times the CPU, no more")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
