"""What holds for all tests."""

import pytest


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
