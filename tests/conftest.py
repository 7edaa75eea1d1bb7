"""What holds for all tests."""

import pytest
from hypothesis import settings

from tests.botocore_memo import memoize

memoize()

# A machine under load is slow: no example has a wall-clock deadline. `make test` takes the same examples each time, and
# `make soak` new ones (--hypothesis-profile=soak).
settings.register_profile("suite", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests on an API server first, and trace a test function with its first parameters only.

    Those tests wait more than they compute and some take minutes, so other workers compute beside them and none ends
    alone with them. A property test is not traced either.

    The other parameters run the same lines with other data, and tracing takes 1.5 times as long as the tests themselves
    (CPU seconds, Python 3.11). It can only lower the coverage, whose floor in pyproject.toml holds. The cases of the
    kinds are traced all: each kind has a row and a module of the sandbox of its own.
    """
    items.sort(key=lambda item: item.path.parent.name != "kubernetes")
    traced = set()
    for item in items:
        function = item.nodeid.partition("[")[0]
        again = function in traced and item.path.name != "test_every_kind.py"
        if again or item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")
        traced.add(function)


@pytest.fixture(autouse=True)
def _outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable CI changes what commands take for an error, and is set where these tests run as well."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture(autouse=True)
def _processes_untraced(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test that is not traced starts is not traced either.

    Nor is what ``test_startup`` starts: coverage imports modules of its own in every process.
    """
    if request.node.path.stem == "test_startup" or request.node.get_closest_marker("no_cover"):
        for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
            monkeypatch.delenv(name, raising=False)
