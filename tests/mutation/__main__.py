"""Try each mutation in a copy of the tree: ``python -m tests.mutation [--only TEXT] [--jobs N] [NAMES]``.

Without a fault all the selected tests pass, or no mutation that names them is tried; with one, at least one of its
tests fails. The exit code is 0 where every mutation was caught, and 1 otherwise. Each runs in a child that was forked
after the libraries were imported. The tests are those of ``make test``: a fault that only ``make soak`` finds is not
caught. With ``--record FILE`` the mutations that were caught, and the files of tests that pass without a fault, are
kept in a file and not tried again.
"""

import argparse
import importlib
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import pytest

from tests.mutation.mutations import MUTATIONS, Mutation
from tests.repo.files import ROOT, files

# Seconds of tests: without a fault, and at least with one, which may make a program wait forever. With one they have
# five times as long as they took without: a machine may have other work.
_SECONDS, _LEAST, _TIMES = 3600, 120, 5
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)
_LIBRARIES = (
    *("aiohttp", "boto3", "botocore.awsrequest", "botocore.endpoint", "deepdiff", "hypothesis.stateful"),
    *("jsonschema", "kopf", "networkx", "prometheus_client", "pydantic"),
    *("rich.live", "ruamel.yaml", "shtab", "urllib3", "yaml"),
)


class MutationResult(Enum):
    """The result of a mutation."""

    CAUGHT = "caught"
    SURVIVED = "survived"
    ENDLESS = "caught (time-out)"
    INVALID = "invalid"  # pytest found no test, or could not read one; or they do not pass without a fault


_CAUGHT = (MutationResult.CAUGHT, MutationResult.ENDLESS)


def copy_tree(folder: Path) -> Path:
    """Copy what is under version control, with uncommitted changes."""
    for path in files():
        target = folder / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
    return folder


def run_tests(tree: Path, tests: Iterable[str], seconds: int = _SECONDS) -> tuple[int, str]:
    """Run tests of a tree in a child process, for so many seconds at most.

    Returns:
        The exit code of pytest, or a negative number after a time-out; and what it printed.

    """
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            try:
                _run_as_child(
                    tree, [f"tests/{each}" for each in dict.fromkeys(tests)], output.fileno(), seconds
                )
            finally:
                os._exit(os.EX_SOFTWARE)  # no object of the parent is finalized in the child
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        output.seek(0)
        return code, output.read().decode(errors="replace")


def _run_as_child(tree: Path, tests: list[str], output: int, seconds: int) -> None:
    """Run pytest on a tree whose modules were not imported yet, and end the process."""
    signal.alarm(seconds)
    for stream in (1, 2):
        os.dup2(output, stream)
    for name in [each for each in sys.modules if each.partition(".")[0] in ("controller", "tests")]:
        del sys.modules[name]
    os.chdir(tree)
    os.environ["PYTHONPATH"] = str(tree)  # of the commands that tests start
    sys.path[:] = [str(tree), *(each for each in sys.path if each not in ("", str(ROOT)))]
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", "--tb=no", "--hypothesis-profile=mutation"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # hypothesis was imported before
    try:
        code: int = pytest.main([*options, *tests])
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


def try_mutation(mutation: Mutation, tree: Path, seconds: int) -> tuple[MutationResult, str]:
    """Apply a fault, run its tests with a time limit, and revert it; also returns the first test that failed."""
    path = mutation.path(tree)
    before = path.read_text(encoding="utf-8")
    path.write_text(mutation.mutated(tree), encoding="utf-8")
    try:
        code, printed = run_tests(tree, mutation.tests, seconds)
    finally:
        path.write_text(before, encoding="utf-8")
        # A compiled module counts as current where the second and the size are the same.
        Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    failed = _FAILED.search(printed)
    if code < 0:
        return MutationResult.ENDLESS, ""
    return {0: MutationResult.SURVIVED, 1: MutationResult.CAUGHT}.get(code, MutationResult.INVALID), failed[
        1
    ] if failed else ""


def select_mutations(names: list[str], only: str) -> list[Mutation]:
    """The mutations of these names, or all, whose file or name has a text in it."""
    unknown = set(names) - {each.name for each in MUTATIONS}
    if unknown:
        raise SystemExit(f"no such mutation: {', '.join(sorted(unknown))}")
    found = [each for each in MUTATIONS if not names or each.name in names]
    return [each for each in found if only in f"{each.file} {each.name}"]


@contextmanager
def start_workers(jobs: int, folder: Path) -> Iterator[Pool]:
    """A number of processes, each with its own copy of the tree."""
    for number in range(jobs):
        copy_tree(folder / str(number))
    context = get_context("fork")
    numbers = context.Queue()
    for number in range(jobs):
        numbers.put(number)
    with context.Pool(jobs, _take_tree, (folder, numbers)) as pool:
        yield pool


_tree = ROOT  # of this worker


def _take_tree(folder: Path, numbers: Any) -> None:
    global _tree  # noqa: PLW0603 - a worker of a pool has no other place
    _tree = folder / str(numbers.get())


def _run_file(tests: tuple[str, ...]) -> tuple[str, float, str]:
    """A file, the seconds of its tests, and their output if they do not pass without a fault."""
    began = time.monotonic()
    code, printed = run_tests(_tree, tests)
    return tests[0].partition("::")[0], time.monotonic() - began, f"{code}: {printed[-3000:]}" if code else ""


def _time_mutation(of: tuple[Mutation, int]) -> tuple[Mutation, MutationResult, str, float]:
    began = time.monotonic()
    end, failed = try_mutation(of[0], _tree, of[1])
    return of[0], end, failed, time.monotonic() - began


def _tests_by_file(mutations: Iterable[Mutation]) -> list[tuple[str, ...]]:
    """All tests of mutations, those of a file together."""
    found: dict[str, dict[str, None]] = {}
    for test in (test for each in mutations for test in each.tests):
        found.setdefault(test.partition("::")[0], {})[test] = None
    return [tuple(tests) for tests in found.values()]


def _time_limit(mutation: Mutation, took: Mapping[str, float]) -> int:
    """The seconds for which the tests of a mutation may run, by the duration of its files without it."""
    return int(max(_LEAST, _TIMES * sum(took[each] for each in _files_of(mutation))))


def _files_of(mutation: Mutation) -> set[str]:
    return {test.partition("::")[0] for test in mutation.tests}


@dataclass(frozen=True)
class Record:
    """The results of earlier runs, as lines of a file: ``caught NAME``, and ``passed FILE SECONDS`` without a fault."""

    path: Path | None

    def caught(self) -> set[str]:
        """The mutations that were caught."""
        return {line[1] for line in self._lines() if line[0] == "caught"}

    def passed(self) -> dict[str, float]:
        """The files whose tests pass, and how many seconds they took."""
        return {line[1]: float(line[2]) for line in self._lines() if line[0] == "passed"}

    def add(self, *columns: object) -> None:
        """Add a line."""
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as out:
                out.write(" ".join(map(str, columns)) + "\n")

    def _lines(self) -> list[list[str]]:
        if self.path is None or not self.path.exists():
            return []
        return [line.split() for line in self.path.read_text(encoding="utf-8").splitlines() if line]


def _try_all(chosen: list[Mutation], record: Record, jobs: int) -> list[MutationResult]:
    for name in _LIBRARIES:
        importlib.import_module(name)
    ends: list[MutationResult] = []
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder, start_workers(jobs, Path(folder)) as pool:
        took = record.passed()
        every = [each for each in _tests_by_file(chosen) if each[0].partition("::")[0] not in took]
        done = len(took)
        for file, seconds, printed in pool.imap_unordered(_run_file, every):
            if printed:
                print(f"{printed}\n{file} does not pass without a fault: no mutation that names it is tried")
                continue
            took[file] = seconds
            record.add("passed", file, round(seconds, 1))
            print(
                f"[{len(took) - done}/{len(every)}] {seconds:5.1f} s  {file} passes without a fault",
                flush=True,
            )
        passing = [each for each in chosen if _files_of(each) <= took.keys()]
        ends += [MutationResult.INVALID] * (len(chosen) - len(passing))
        limited = [(each, _time_limit(each, took)) for each in passing]
        for mutation, end, failed, seconds in pool.imap_unordered(_time_mutation, limited):
            ends.append(end)
            head = f"[{len(ends)}/{len(chosen)}] {end.value:17} {seconds:5.1f} s"
            print(f"{head}  {mutation.file:29} {mutation.name:33} {failed}".rstrip(), flush=True)
            if end in _CAUGHT:
                record.add("caught", mutation.name)
    return ends


def main() -> int:
    """Try the mutations and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--only", default="", metavar="TEXT", help="those with this text in file or name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at once")
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="keeps what was tried, outside of the tree"
    )
    options = parser.parse_args()
    record = Record(options.record)
    before = record.caught()
    chosen = select_mutations(options.names, options.only)
    ends = _try_all([each for each in chosen if each.name not in before], record, options.jobs)
    missed = sum(end not in _CAUGHT for end in ends)
    print(f"{len(chosen)} mutations: {len(chosen) - missed} caught, {missed} not")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
