"""A browser for all tests of a process, and tabs that close by themselves."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.browser import Browser, program
from tests.browser.tab import Tab
from tests.missing_requirement import end_without


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser."""
    found = program()
    if not found:
        end_without("there is no chromium (Debian: apt-get install chromium)")
    running = Browser(found, tmp_path_factory.mktemp("browser"))
    yield running
    running.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Open tabs."""
    opened: list[Tab] = []

    def one(**looks: Any) -> Tab:
        opened.append(Tab(browser, **looks))
        return opened[-1]

    yield one
    for each in opened:
        each.close()
