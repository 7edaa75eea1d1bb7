"""Count the calls of deleting N objects in ten kinds, by operation: ``python -m tests.benchmarks.destroy [N ...]``.

They are deleted by ``sagectl destroy``, once with what an earlier run observed and once without, and by an apply of a
tree from which all documents but one were removed. Besides the deletions, pages and what is read of each resource are
counted. The figure of the goal is that of the largest N, with what an earlier run observed.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from controller.core.phase import Convergence
from controller.inventory.observation_cache import ObservationCache
from tests.benchmarks.figures import record, table
from tests.benchmarks.quiet import documents_of_ten_kinds, endpoint_ids
from tests.journeys.documents import GROUP
from tests.journeys.stage import Stage

_GOAL = 1.2  # calls for each object besides pages
_WARM, _COLD, _PRUNED = "destroy", "destroy, nothing observed before", "apply of a tree without them"
_EACH = ("Describe", "ListTags")  # what is read of one resource; all other reads are pages


def count_destroy_calls(count: int, *, warm: bool) -> Counter[str]:
    """The calls of destroying a number of objects; ``warm``: with the observations of a plan before."""
    with tempfile.TemporaryDirectory() as folder:
        stage, documents, kept = Stage(Path(folder)), documents_of_ten_kinds(count), ObservationCache()
        stage.apply(*documents)
        if warm:
            stage.plan(*documents, observations=kept)
        stage.forget_calls()
        report = stage.destroy(*documents, observations=kept, confirm_delete=endpoint_ids(count))
        return _calls_after(stage, report.convergence, left=0)


def count_prune_calls(count: int) -> Counter[str]:
    """The calls of an apply after all documents but one of a number were removed."""
    with tempfile.TemporaryDirectory() as folder:
        stage, documents, kept = Stage(Path(folder)), documents_of_ten_kinds(count), ObservationCache()
        stage.apply(GROUP, *documents)
        stage.plan(GROUP, *documents, observations=kept)
        stage.forget_calls()
        report = stage.apply(
            GROUP, observations=kept, prune=True, confirm_deletes=count, confirm_delete=endpoint_ids(count)
        )
        return _calls_after(stage, report.convergence, left=1)


def _calls_after(stage: Stage, standing: Convergence, *, left: int) -> Counter[str]:
    found = len(stage.sandbox.resources())
    if standing is not Convergence.SETTLED or found != left:
        raise SystemExit(f"{found} resources are there, not {left}: {standing.value}")
    return Counter(record.operation for record in stage.sandbox.calls)


def calls_per_object(calls: Counter[str], count: int) -> float:
    """The calls for each object: its deletion, and the reads of that object alone."""
    deletes = sum(number for name, number in calls.items() if name.startswith("Delete"))
    reads = sum(number for name, number in calls.items() if name.startswith(_EACH))
    return (deletes + reads) / count


def main(*counts: int) -> int:
    """Run, print, judge; the exit status."""
    good, figure, rows = True, "", list[tuple[object, ...]]()
    for count in counts or (100, 1000):
        ways = {
            _WARM: count_destroy_calls(count, warm=True),
            _COLD: count_destroy_calls(count, warm=False),
            _PRUNED: count_prune_calls(count),
        }
        for way, calls in ways.items():
            total, of_each = calls.total(), calls_per_object(calls, count)
            goal = "" if way == _COLD else f"{_GOAL} and pages"
            rows.append((way, count, total, f"{of_each:.2f}", round(total - of_each * count), goal))
        print(f"N = {count}: " + ", ".join(f"{name} {number}" for name, number in ways[_WARM].most_common()))
        good &= all(calls_per_object(ways[way], count) <= _GOAL for way in (_WARM, _PRUNED))
        figure = f"{calls_per_object(ways[_WARM], count):.1f} and pages"
    table("destroy", ("", "N", "calls", "each", "and pages", "goal, each"), rows)
    record({"calls of destroying N, over N": figure})
    print("ok" if good else f"FAILED: a deletion costs {_GOAL} calls besides pages")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
