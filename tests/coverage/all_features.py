"""All features, run one after the other, with the sandbox's record of the operations of each."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from controller.cli.main import main
from controller.sandbox import Knobs, Sandbox, WallClock, serve
from tests.coverage.features import FEATURES, Feature

_DAY = 86400.0
_RUNS = ("apply", "destroy")  # commands that poll; here minutes are milliseconds


@dataclass(frozen=True)
class Performance:
    """The result of a feature: the exit code, the output, and the operations that AWS answered."""

    feature: Feature
    code: int
    printed: str
    answered: frozenset[str]


def rehearse(folder: Path) -> tuple[Performance, ...]:
    """Run every feature in an account that was empty before the first."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=1000.0, pipeline_step=100 * _DAY))
    server = serve(sandbox).start()
    try:
        with _folder_environment(folder, server.url):
            return tuple(_perform(feature, folder, sandbox) for feature in FEATURES)
    finally:
        server.stop()
        sandbox.close()


def _perform(feature: Feature, folder: Path, sandbox: Sandbox) -> Performance:
    for name, text in feature.files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    parts = shlex.split(feature.command.format(execution=_execution(sandbox)))
    if parts[0] in _RUNS:
        parts += ["--poll", "1s"]
    printed, before = StringIO(), len(sandbox.calls)
    with redirect_stdout(printed), redirect_stderr(printed):
        code = main(parts)
    answered = frozenset(call.operation for call in sandbox.calls[before:] if call.error is None)
    return Performance(feature, code, printed.getvalue(), answered)


def _execution(sandbox: Sandbox) -> str:
    """The ARN of an execution, from the table of ``get``."""
    return next((arn for arn in sandbox.resources() if "/execution/" in arn), "")


@contextmanager
def _folder_environment(folder: Path, url: str) -> Iterator[None]:
    """The environment of that folder, without the machine's own AWS configuration."""
    fields = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    keys = {"AWS_ACCESS_KEY_ID": "sandbox", "AWS_SECRET_ACCESS_KEY": "sandbox", "HOME": str(folder)}
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in {**fields, **keys}.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        yield
