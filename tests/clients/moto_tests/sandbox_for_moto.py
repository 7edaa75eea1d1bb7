"""A pytest plugin for moto's own tests: what they call is the sandbox over HTTP, and not moto.

It runs in the client's environment, where ``tests`` is moto's package of that name.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ContextDecorator
from typing import Any

import moto
import pytest

from controller.sandbox import Knobs, Sandbox, WallClock, serve

# Moto has no durations: what it creates is there at once. Nor has it a package for every job that compiles one, or an
# endpoint for every job definition.
SANDBOX = Sandbox(
    clock=WallClock(),
    knobs=Knobs(
        pace=1e9,
        model_package_is_checked=False,
        image_needs_ecr=False,
        monitored_endpoint_is_checked=False,
    ),
)
SERVER = serve(SANDBOX).start()
for service in ("SAGEMAKER", "STS", "RESOURCE_GROUPS_TAGGING_API"):
    os.environ[f"AWS_ENDPOINT_URL_{service}"] = SERVER.url


class _NoMock(ContextDecorator):
    """Moto's decorator and context manager, without any effect; a class is decorated as well."""

    def __call__(self, decorated: Any) -> Any:
        return decorated

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None


def _mock_aws(decorated: Callable[..., Any] | None = None, **_: object) -> Any:
    return _NoMock() if decorated is None else decorated


setattr(moto, "mock_aws", _mock_aws)  # noqa: B010 - it has overloads, which this function has not


@pytest.fixture(autouse=True)
def _fresh_account(record_property: Callable[[str, object], None]) -> Iterator[None]:
    SANDBOX.reset()
    yield
    record_property("calls", len(SANDBOX.calls))
