"""The handling of missing programs in fixtures."""

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.missing_requirement import end_without
from tests.programs.built import MissingError, Report

_Found = TypeVar("_Found")


def require(get: Callable[[Report], _Found], config: pytest.Config) -> _Found:
    """The programs that ``get`` finds or builds; the test ends if it can't."""
    captured = config.pluginmanager.getplugin("capturemanager")
    with captured.global_and_fixture_disabled():  # a build takes minutes: its progress must be visible
        try:
            return get(__report)
        except MissingError as missing:
            end_without(str(missing))


def __report(text: str) -> None:
    os.write(2, f"{text}\n".encode())
