"""Many objects of the operator, without servers: ``python -m tests.benchmarks.objects [N]``.

Ten stacks, deletions of forty objects, and the processor time and memory of each of N objects and of ten times as many.
It runs on a virtual clock; see ``virtual_operator`` for what is left out. tests/benchmarks/operator.py does the same
with a real API server; its times need a machine that nothing else uses.
"""

import gc
import sys
import time
import tracemalloc
from math import ceil

from controller.operator.run import Setup
from controller.sandbox import Knobs
from tests.benchmarks.destroy import calls_per_object
from tests.benchmarks.figures import record
from tests.benchmarks.stacks import configs_of, endpoints_of, models, ten_kinds
from tests.benchmarks.virtual_operator import VirtualOperator

_LATENCY, _DELETED = 0.1, 40
_PACE = 90.0  # at which an endpoint of the sandbox, which takes three minutes, takes two seconds
_STACK_SECONDS, _EACH, _GROWTH = 3.5, 1.2, 1.2


def seconds_to_ready_stacks() -> float:
    """The seconds until ten stacks, created in the worst order, are Ready: latency of calls and processor time."""
    operator = VirtualOperator(Knobs(pace=_PACE), step=0.02)
    documents = [*endpoints_of(10), *configs_of(10), *models(10)]
    operator.create(documents)
    began = time.process_time()
    waited = operator.ready(documents)
    cpu, calls = time.process_time() - began, operator.calls().total()
    print(f"10 stacks: {waited:.2f} s of the clock, {calls} calls, {cpu:.2f} s of the processor")
    return waited + ceil(calls / Setup.workers) * _LATENCY + cpu


def measure_deletions() -> tuple[float, int]:
    """The calls for each of forty deleted objects without pages, and the number of pages."""
    operator, documents = VirtualOperator(Knobs(pace=200)), ten_kinds(_DELETED)
    operator.create(documents)
    operator.ready(documents)
    operator.calls()
    operator.delete(documents)
    operator.gone(documents)
    calls = operator.calls()
    of_each = calls_per_object(calls, _DELETED)
    return of_each, round(calls.total() - of_each * _DELETED)


def processor_time(count: int) -> float:
    """The seconds of processor time for each of a number of objects, from creation to Ready."""
    operator, documents = VirtualOperator(Knobs(pace=600)), ten_kinds(count)
    operator.create(documents)
    began = time.process_time()
    operator.ready(documents)
    return (time.process_time() - began) / count


def bytes_per_object(count: int) -> float:
    """The bytes of memory for each of a number of Ready objects, those of cluster and account included."""
    tracemalloc.start()
    try:
        operator, documents = VirtualOperator(Knobs(pace=600)), ten_kinds(count)
        operator.create(documents)
        operator.ready(documents)
        operator.calls()
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / count
    finally:
        tracemalloc.stop()


def main(count: int = 1000) -> int:
    """Run, print, judge; the exit status."""
    processor_time(10)  # modules are loaded, and the model is read
    # The least of three, because other processes use the processor as well.
    seconds, (of_each, pages) = min(seconds_to_ready_stacks() for _ in range(3)), measure_deletions()
    spent, held = (
        [measure(size) for size in (count, 10 * count)] for measure in (processor_time, bytes_per_object)
    )
    cpu, memory_ratio = spent[1] / spent[0], held[1] / held[0]
    print(f"10 stacks: {seconds:.1f} s; deletion of {_DELETED}: {of_each:.2f} calls each, and {pages} pages")
    for at, size in enumerate((count, 10 * count)):
        print(f"{size:,} objects: {1000 * spent[at]:.1f} ms and {held[at] / 1024:.0f} KiB each")
    clock = "virtual clock, latency and processor time"
    sizes = f"{10 * count:,} against {count:,}, without HTTP"
    record(
        {
            "10 stacks, the endpoint takes 2 s, by kubectl": f"{seconds:.1f} s ({clock})",
            "operator, deletion of 40 objects by kubectl: calls of each": f"{of_each:.1f} and {pages} pages",
            "10,000 objects against 1,000: processor time for each, operator": f"{cpu:.2f} x ({sizes})",
            "10,000 objects against 1,000: memory for each, operator": f"{memory_ratio:.2f} x ({sizes})",
        }
    )
    good = seconds <= _STACK_SECONDS and of_each <= _EACH and max(cpu, memory_ratio) <= _GROWTH
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
