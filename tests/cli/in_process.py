"""``sagectl`` in this process, because starting an interpreter takes a second of CPU time."""

import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from controller.cli.main import main


@dataclass(frozen=True)
class CommandResult:
    """The result of a command."""

    code: int
    out: str
    err: str


def call_sagectl(
    arguments: Sequence[str], folder: Path, env: Mapping[str, str], stdin: str = ""
) -> CommandResult:
    """Call the command line in a folder, with only this environment, and return its output."""
    out, err = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(2))
    with _process_state(), pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(env):
            patch.delenv(name)
        for name, value in env.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["sagectl", *arguments])
        patch.setattr(sys, "stdin", TextIOWrapper(BytesIO(stdin.encode()), encoding="utf-8"))
        with redirect_stdout(out), redirect_stderr(err):
            code = main(arguments)
    return CommandResult(code, _text(out), _text(err))


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextmanager
def _process_state() -> Iterator[None]:
    """Undo what a command sets for its process: handlers of signals and of the log."""
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    log, level = logging.root.handlers[:], logging.root.level
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
        logging.root.handlers[:] = log
        logging.root.setLevel(level)
