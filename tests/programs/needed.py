"""What a fixture does about programs that a test can't do without."""

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from tests.programs.built import MissingError, Tell

_Found = TypeVar("_Found")


def needed(get: Callable[[Tell], _Found], what: str, config: pytest.Config) -> _Found:
    """What ``get`` finds or builds. Where it can't be had, that is a skip on a desk and a failure in CI."""
    captured = config.pluginmanager.getplugin("capturemanager")
    with captured.global_and_fixture_disabled():  # a build takes minutes: its progress must be seen
        try:
            return get(_tell)
        except MissingError as missing:
            if os.environ.get("CI") == "true":
                pytest.fail(f"{what} must run here: {missing}")
            pytest.skip(str(missing))


def _tell(text: str) -> None:
    os.write(2, f"{text}\n".encode())
