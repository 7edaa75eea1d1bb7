"""What an object costs, and how that grows with their number: ``python -m tests.benchmarks.growth [N]``.

Compiles, applies and plans N and 4 N documents in process and prints the processor time of each, which holds the
sandbox's share too, then what compiling costs beside parsing the same bytes. Fails where four times the objects cost
more than six times the time, or an object more than the limits, which are what is reached today.
"""

import gc
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import yaml

from controller.manifests.bundle import bundle
from controller.manifests.load import load_bytes
from tests.benchmarks.calls import tree
from tests.benchmarks.figures import record
from tests.journeys.stage import Stage, compiled

_TIMES, _MOST = 4, 6.0
_GOALS = {"processor time": (2.5, 6.5), "memory": (12.0, 25.0)}  # the goal, and the most that is accepted
_ROUNDS = 5


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


def compile_over_parse(count: int) -> float:
    """The processor time of compiling documents over that of parsing their bytes with ``CSafeLoader``: best rounds."""
    sources = [(f"{number}.yaml", text.encode()) for number, text in enumerate(tree(count))]
    parsed = min(
        _cpu(lambda: [yaml.CSafeLoader(data).get_single_data() for _, data in sources])
        for _ in range(_ROUNDS)
    )
    return min(_cpu(lambda: bundle(load_bytes(sources).documents)) for _ in range(_ROUNDS)) / parsed


def memory_over_json(count: int) -> float:
    """The peak memory of compiling documents over the size of their compact JSON."""
    sources = [(f"{number}.yaml", text.encode()) for number, text in enumerate(tree(count))]
    size = sum(len(json.dumps(yaml.safe_load(data), separators=(",", ":"))) for _, data in sources)
    tracemalloc.start()
    kept = bundle(load_bytes(sources).documents)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / size if kept.resources else 0.0


def main(count: int = 250) -> int:
    """Run, print, judge; the exit status."""
    measure(8)  # what is loaded once must not count
    small, large = measure(count), measure(count * _TIMES)
    print(f"{'CPU seconds':<14}{'N = ' + str(count):>12}{'N = ' + str(count * _TIMES):>12}{'growth':>10}")
    for part, seconds in small.items():
        print(f"{part:<14}{seconds:>12.2f}{large[part]:>12.2f}{large[part] / seconds:>10.1f}")
    found = {"processor time": compile_over_parse(count), "memory": memory_over_json(count)}
    print("| of an object, compiled | over | ratio | goal |\n|---|---|---|---|")
    for part, over in (("processor time", "parsing with CSafeLoader"), ("memory", "compact JSON")):
        print(f"| {part} | {over} | {found[part]:.1f} | {_GOALS[part][0]} |")
    record(
        {
            "plan: processor time over that of parsing the bytes": f"{found['processor time']:.1f} x (compiling)",
            "peak memory of an object over its compact JSON": f"{found['memory']:.0f} x (compiling)",
        }
    )
    good = all(large[part] <= _MOST * seconds for part, seconds in small.items())
    good &= all(found[part] <= most for part, (_, most) in _GOALS.items())
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
