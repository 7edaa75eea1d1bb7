"""A missing requirement of a test: a skip on a developer's machine, a failure in CI."""

import os
from typing import NoReturn

import pytest


def lacking(what: str) -> NoReturn:
    """End the test for want of something."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"this must run here: {what}")
    pytest.skip(what)
