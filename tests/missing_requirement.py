"""A missing requirement of a test: a skip on a developer's machine, a failure in CI."""

import os
from typing import NoReturn

import pytest


def end_without(what: str) -> NoReturn:
    """End the test because a requirement is missing: a skip, or a failure in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"this must run here: {what}")
    pytest.skip(what)
