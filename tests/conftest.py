"""What holds for all tests."""

import gc
import os
from collections.abc import Generator
from contextlib import suppress

import pytest
import yaml
from hypothesis import Phase, settings

from tests.botocore_memo import leave_unsigned, memoize

memoize()
leave_unsigned()

# A thread that wakes up does not interrupt another (sched(7)), here and in all that the tests start: kube-apiserver and
# operators switch half as often, and take a tenth less CPU time.
if hasattr(os, "SCHED_BATCH"):
    with suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))

# yaml.safe_load and yaml.safe_dump take these two, which are slower than libyaml's by a factor of eight.
yaml.SafeLoader, yaml.SafeDumper = yaml.CSafeLoader, yaml.CSafeDumper  # type: ignore[misc,assignment]

# A machine under load is slow: no example has a wall-clock deadline. `make test` takes the same examples each time, and
# `make soak` new ones (--hypothesis-profile=soak).
settings.register_profile("suite", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=1000, print_blob=True)
# make mutation does not make smaller what fails (--hypothesis-profile=mutation).
_FOUND = (Phase.explicit, Phase.generate)
settings.register_profile("mutation", settings.get_profile("suite"), phases=_FOUND)
settings.load_profile("suite")

# What a killed process wrote is in the kernel, and no test cuts the power: nothing is flushed to the disk. The journeys
# take 5 % less CPU time, and a fifth less of the clock's.
os.fsync = lambda _: None  # type: ignore[assignment]

_OBJECTS = 50_000  # new ones between two runs of the garbage collector: some megabytes


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the garbage collector, leave what was collected out of its later runs, and let it run less often.

    13,000 tests and their modules stay until the end; each full collection would walk them all. Python looks for cycles
    after each 700 new objects; a call of botocore makes thousands, and few cycles. That was 7 % of a test's CPU time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(_OBJECTS, 10, 10)
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin the share of one worker with the tests on an API server, and that of the next with those of Git servers.

    They wait more than they compute and some take minutes, so other workers compute beside them and none ends alone
    with them. Each worker first gets an equal share of the list, in its order (xdist, ``--dist worksteal``), and later
    the end of another's. Those with the marker ``waits`` come first: at the end, one of two minutes left a core without
    work for 50 s.
    """
    on_api_server = [each for each in items if each.path.parent.name == "kubernetes"]
    on_api_server.sort(key=lambda each: each.get_closest_marker("waits") is None)
    on_git_server = [each for each in items if each.path.parent.name in ("gitops", "gitea")]
    waiting = {*on_api_server, *on_git_server}
    others = [each for each in items if each not in waiting]
    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    beside = max(share - len(on_api_server), 0)
    items[:] = [*on_api_server, *others[:beside], *on_git_server, *others[beside:]]


def pytest_unconfigure() -> None:
    """Free what is in cycles, whose warnings pytest shows, and leave all else out of its own two collections.

    Each of them (``_pytest/unraisableexception.py``) would walk all that the tests have made.
    """
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note at a long form that it is one, for the summary: the name of a folder is a keyword of a report as well."""
    if item.get_closest_marker("soak"):
        item.user_properties.append(("soak", True))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the load was, how many cells of the matrices and how many long forms ran, in all workers together.

    Tests give both by ``record_property``: ``load`` is a text, ``cells`` a number.
    """
    reports = [each for ends in ("passed", "failed") for each in terminalreporter.stats.get(ends, ())]
    cells = sum(
        int(str(value)) for each in reports for name, value in each.user_properties if name == "cells"
    )
    for text in (value for each in reports for name, value in each.user_properties if name == "load"):
        terminalreporter.write_line(f"load: {text}")
    if cells:
        terminalreporter.write_line(f"matrices: {cells} cells ran")
    if soaked := sum(name == "soak" for each in reports for name, _ in each.user_properties):
        spent = (
            sum(os.times()[:4]) / 60
        )  # of this process and of those that ended, workers and servers among them
        terminalreporter.write_line(f"soak: {soaked} long forms ran in {spent:.0f} min of processor time")


@pytest.fixture(autouse=True)
def _outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable CI changes what commands take for an error, and is set where these tests run as well."""
    monkeypatch.delenv("CI", raising=False)
