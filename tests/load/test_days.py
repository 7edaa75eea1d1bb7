"""Days of an operator: memory, file handles and threads do not grow after the first."""

import gc
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.manifests.envelope import API_VERSION
from tests.benchmarks.stacks import ten_kinds
from tests.load.fleet import Fleet, sync_object
from tests.soak import soak

_HOUR, _STRIDE = 3600.0, 1200.0
# Bytes that a day may leave: the histories of revisions fill for ten days. A share of the whole would depend on what
# tests before this one have loaded, which is not traced.
_DAILY = 20 * 1024
_SPACES = ("team-0", "team-1")


@dataclass(frozen=True)
class Usage:
    """Bytes that Python objects of this process take since tracemalloc traces, open files, and threads."""

    memory: int
    handles: int
    threads: int


def _usage() -> Usage:
    gc.collect()
    memory, _ = tracemalloc.get_traced_memory()
    return Usage(memory, len(list(Path("/proc/self/fd").iterdir())), len(threading.enumerate()))


@pytest.fixture
def start_tracing() -> Iterator[Callable[[], None]]:
    """Yields a function that starts to trace allocations; tracing ends with the test."""
    yield tracemalloc.start
    tracemalloc.stop()


def _run_day(fleet: Fleet, number: int, hours: int) -> Usage:
    """Run a day: an object is edited, one is deleted and another created, a commit is pushed."""
    for space in fleet.namespaces:
        documents = {each["kind"]: each for each in ten_kinds(10, f"{space}-")}
        pipeline, experiment = documents["Pipeline"], documents["Experiment"]
        spec = {**pipeline["spec"], "pipelineDescription": f"day {number:02}"}
        fleet.cluster.change(fleet.path(space, pipeline), spec=spec)
        fresh, gone = (
            {**experiment, "metadata": {"name": f"{space}-day-{each:02}"}} for each in (number, number - 1)
        )
        fleet.create(space, [fresh])
        if fleet.path(space, gone) in fleet.cluster.objects:
            fleet.cluster.delete(fleet.path(space, gone))
    fleet.files = lambda path: _committed_documents(path, number)
    fleet.run(120)
    fleet.settle(hours * _HOUR - 120, _STRIDE)
    fleet.forget()
    return _usage()


def _committed_documents(path: str, number: int) -> tuple[str, ...]:
    head = f"apiVersion: {API_VERSION}\nkind: ModelPackageGroup\nmetadata: {{name: {path}}}\n"
    return (f"{head}spec: {{tags: {{day: '{number:02}'}}}}\n",)


@pytest.mark.parametrize(("days", "hours"), [(3, 1), *soak((10, 24), (30, 24), names=2)])
def test_memory_handles_and_threads_stay_flat(
    start_tracing: Callable[[], None], record_property: Callable[[str, object], None], days: int, hours: int
) -> None:
    """With edits, deletions and commits each day, the last day ends with what the second did."""
    fleet = Fleet({name: number for number, name in enumerate(_SPACES if hours > 1 else _SPACES[:1])})
    start_tracing()  # the clients and their models are not traced, beside which a leak would be small
    for space in fleet.namespaces:
        fleet.create(space, [*ten_kinds(10, f"{space}-"), sync_object("gits", f"{space}-gits")])
    seen = [_run_day(fleet, number, hours) for number in range(days + 1)]
    before, last = seen[1], seen[-1]  # on the first day caches fill that were empty
    daily = (last.memory - before.memory) / (days - 1)
    record_property("load", f"{days} days of {hours} hours: {daily:.0f} bytes a day more, {last}")
    assert fleet.ready() == len(fleet.namespaces) * 12
    assert daily <= _DAILY, (before, last)
    assert (last.handles, last.threads) == (before.handles, before.threads)
