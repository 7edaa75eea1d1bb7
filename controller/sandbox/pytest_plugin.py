"""A pytest fixture: a local SageMaker for each test. ``pytest_plugins = ["controller.sandbox.pytest_plugin"]``."""

from collections.abc import Iterator

import pytest

from controller.sandbox.clock import WallClock
from controller.sandbox.knobs import Knobs
from controller.sandbox.server import serve
from controller.sandbox.service import Sandbox

_PACE = 1000.0  # minutes of AWS take hundredths of a second
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "sandbox",
    "AWS_SECRET_ACCESS_KEY": "sandbox",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture
def sagemaker_sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """An empty sandbox on HTTP; environment variables point all clients of boto3 and ``sagectl`` to it."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=_PACE))
    server = serve(sandbox).start()
    for name, value in {**_ENVIRONMENT, "AWS_ENDPOINT_URL": server.url}.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    try:
        yield sandbox
    finally:
        server.stop()
        sandbox.close()
