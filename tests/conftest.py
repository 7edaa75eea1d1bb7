"""What holds for all tests."""

import pytest
from hypothesis import settings

# A machine under load is slow: no example has a wall-clock deadline. `make test` takes the same examples each time, and
# `make soak` new ones (--hypothesis-profile=soak).
settings.register_profile("suite", deadline=None, derandomize=True, database=None, print_blob=True)
settings.register_profile("soak", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("suite")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Trace no property test: each runs the same lines a hundred times, and tracing doubles their time."""
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True)
def _outside_of_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable CI changes what commands take for an error, and is set where these tests run as well."""
    monkeypatch.delenv("CI", raising=False)


@pytest.fixture(autouse=True)
def _start_unmeasured(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a start imports is looked at without coverage, which imports modules of its own in every process."""
    if request.node.path.stem == "test_startup":
        for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG"):
            monkeypatch.delenv(name, raising=False)
