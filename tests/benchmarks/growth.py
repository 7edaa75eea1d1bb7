"""What an object costs, and how that grows with their number: ``python -m tests.benchmarks.growth [SMALL [LARGE]]``.

Runs ``sagectl validate``, ``apply`` and ``plan`` in processes of their own against a sandbox in another, with SMALL
and LARGE documents, and prints the processor time of each object beside what a run with a handful takes. A plan of
what is applied holds both sides: its memory of each object is compared with the object's compact JSON, and its
processor time with parsing the bytes. Fails on the limits, which are what is reached today.
"""

import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from controller.manifests.bundle import bundle
from controller.manifests.load import load_bytes
from tests.benchmarks.calls import stack_documents
from tests.benchmarks.figures import record
from tests.benchmarks.startup import SAGECTL

_FEW = 8  # documents of the run that measures the cost of a start
_IN_A_FILE = 500
_ROUNDS = 5
_COMMANDS = ("validate", "apply", "plan")
# Of noise and of what is reached today.
_LIMITS = {"growth": 1.4, "compile": 4.5, "plan": 25.0, "memory": 90.0}


@dataclass(frozen=True)
class ProcessUsage:
    """What a process took: seconds of processor time, its own and the system's for it, and its peak memory in bytes."""

    cpu: float
    memory: int


@dataclass(frozen=True)
class UsagePerObject:
    """What an object adds to a process: seconds of processor time, and bytes of peak memory."""

    cpu: float
    memory: float


def run_sagectl(command: Sequence[str], folder: Path) -> ProcessUsage:
    """Run a command of sagectl.

    Raises:
        RuntimeError: it failed.

    """
    account = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1"}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [SAGECTL, *command], cwd=folder, env=os.environ | account, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 2):  # 2: the plan has changes
        raise RuntimeError(f"{command}: {(folder / 'output').read_text(encoding='utf-8')[-2000:]}")
    return ProcessUsage(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def measure_commands(count: int) -> dict[str, ProcessUsage]:
    """The cost of validating, applying and planning again for a number of documents."""
    with tempfile.TemporaryDirectory() as name, _serve_sandbox() as address:
        folder = Path(name)
        (folder / "tree").mkdir()
        documents = stack_documents(count)
        for start in range(0, count, _IN_A_FILE):
            text = "---\n".join(documents[start : start + _IN_A_FILE])
            (folder / "tree" / f"{start}.yaml").write_text(text, encoding="utf-8")
        account = ["tree", "--endpoint-url", address, "--inventory", "inventory.json"]
        run_sagectl(["validate", "tree"], folder)  # so that modules are compiled
        return {
            "validate": run_sagectl(["validate", "tree"], folder),
            "apply": run_sagectl(["apply", *account, "--yes"], folder),
            "plan": run_sagectl(["plan", *account], folder),
        }


@contextmanager
def _serve_sandbox() -> Iterator[str]:
    """Serve a sandbox in its own process: a child's peak memory is at least its parent's; yields the address."""
    command = [SAGECTL, "sandbox", "--port", "0", "--pace", "600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://[\d.:]+", process.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            process.terminate()


def _cpu_seconds(work: Callable[[], object]) -> float:
    gc.collect()  # the garbage of the part before is not this part's work
    before = time.process_time()
    work()
    return time.process_time() - before


def parse_and_compile(count: int) -> tuple[float, float]:
    """Seconds of processor time of each document for ``CSafeLoader``, and for compiling it: best rounds."""
    sources = [(f"{number}.yaml", text.encode()) for number, text in enumerate(stack_documents(count))]
    rounds = [
        (
            _cpu_seconds(lambda: [yaml.CSafeLoader(data).get_single_data() for _, data in sources]),
            _cpu_seconds(lambda: bundle(load_bytes(sources).documents)),
        )
        for _ in range(_ROUNDS)
    ]
    return min(parsed for parsed, _ in rounds) / count, min(compiled for _, compiled in rounds) / count


def compact_json_size(count: int) -> float:
    """The bytes of a document as compact JSON."""
    return (
        sum(len(json.dumps(yaml.safe_load(text), separators=(",", ":"))) for text in stack_documents(count))
        / count
    )


def main(small: int = 1000, large: int = 10_000) -> int:
    """Run, print, judge; the exit status."""
    start, few, many = measure_commands(_FEW), measure_commands(small), measure_commands(large)
    print(f"| CPU of an object | N = {small} | N = {large} | growth | goal |\n|---|---|---|---|---|")
    growths: dict[str, UsagePerObject] = {}
    for command in _COMMANDS:
        one, other = (
            _usage_per_object(found[command], start[command], n) for found, n in ((few, small), (many, large))
        )
        growths[command] = UsagePerObject(other.cpu / one.cpu, other.memory / one.memory)
        print(
            f"| {command} | {1000 * one.cpu:.2f} ms | {1000 * other.cpu:.2f} ms | {growths[command].cpu:.2f} | 1.2 |\n"
            f"| its memory | {one.memory:.0f} B | {other.memory:.0f} B | {growths[command].memory:.2f} | 1.2 |"
        )
    parsed, compiled = parse_and_compile(small)
    found = {
        "growth": max(growths["plan"].cpu, growths["plan"].memory),
        "compile": compiled / parsed,
        "plan": _usage_per_object(many["plan"], start["plan"], large).cpu / parsed,
        "memory": _usage_per_object(many["plan"], start["plan"], large).memory / compact_json_size(small),
    }
    print(", ".join(f"{name} {ratio:.2f} (at most {_LIMITS[name]})" for name, ratio in found.items()))
    record(
        {
            "10,000 objects against 1,000: processor time for each, CLI": f"{growths['plan'].cpu:.2f} x (a quiet plan)",
            "10,000 objects against 1,000: memory for each, CLI": f"{growths['plan'].memory:.2f} x (a quiet plan)",
            "plan: processor time over that of parsing the bytes": (
                f"{found['compile']:.1f} x compiling, {found['plan']:.0f} x a quiet plan"
            ),
            "peak memory of an object over its compact JSON": f"{found['memory']:.0f} x (a quiet plan)",
        }
    )
    good = all(ratio <= _LIMITS[name] for name, ratio in found.items())
    print("ok" if good else "FAILED")
    return 0 if good else 1


def _usage_per_object(found: ProcessUsage, start: ProcessUsage, count: int) -> UsagePerObject:
    """What each object adds to the cost of a run."""
    more = count - _FEW
    return UsagePerObject((found.cpu - start.cpu) / more, (found.memory - start.memory) / more)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
