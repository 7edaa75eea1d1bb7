"""What happens to tests where a program that they need is missing: they skip on a desk, and fail in CI."""

import os
from typing import NoReturn

import pytest


def lacking(tests: str, reason: str) -> NoReturn:
    """End a test for want of a program; under ``CI=true`` that is a failure, for there all must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"the {tests} tests must run here: {reason}")
    pytest.skip(reason)
