"""A folder with ``sagectl`` in it, alone or beside a sandbox that listens on HTTP."""

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest

from controller.aws.client import share_models
from controller.sandbox import Knobs, Sandbox, Server, WallClock, serve
from controller.sandbox.service import Record
from tests.cli.in_process import CommandResult, call_sagectl
from tests.programs.forked import run_to_end

SAGECTL = Path(sys.executable).with_name("sagectl")
LONG_RUNNING = frozenset({"operator", "sandbox", "sync"})


@dataclass
class Shell:
    """Runs ``sagectl`` in a folder, with a clean environment."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> None:
        """Write a file into the folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """An environment without the machine's own AWS configuration."""
        home = str(self.folder / "home")
        return {"PATH": os.environ["PATH"], "HOME": home, "AWS_EC2_METADATA_DISABLED": "true", **self.env}

    def run(self, command: str, *arguments: str, stdin: str = "") -> CommandResult:
        """Run one command to its end; in this process, if that makes no difference."""
        line = [command, *arguments, *self.options]
        here = threading.current_thread() is threading.main_thread()
        if here and command not in LONG_RUNNING:
            done = call_sagectl(line, self.folder, self.environment(), stdin)
        else:
            done = self._started(line, stdin)
        assert "Traceback" not in done.out + done.err
        return done

    def _started(self, line: list[str], stdin: str) -> CommandResult:
        """Run it in a process with its own working folder, environment and signals."""
        done = run_to_end(line, cwd=self.folder, env=self.environment(), stdin=stdin)
        return CommandResult(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def bare_shell(tmp_path: Path) -> Shell:
    """A shell without credentials, region or sandbox."""
    return Shell(tmp_path)


@pytest.fixture
def local_shell(tmp_path: Path) -> Shell:
    """A shell that uses the embedded sandbox."""
    return Shell(tmp_path, options=("--sandbox", "--sandbox-pace", "1000"))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox where minutes are milliseconds."""
    made = Sandbox(clock=WallClock(), knobs=Knobs(pace=1000.0))
    yield made
    made.close()


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    """That sandbox on HTTP."""
    listening = serve(sandbox).start()
    yield listening
    listening.stop()


@pytest.fixture
def shell(tmp_path: Path, server: Server) -> Shell:
    """A shell whose AWS is the sandbox on HTTP."""
    return _shell_at_server(server, tmp_path)


def _shell_at_server(server: Server, folder: Path) -> Shell:
    env = {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
    }
    return Shell(folder, env)


@dataclass(frozen=True)
class SharedAccount:
    """An account that all tests of a file share and only read."""

    shell: Shell
    sandbox: Sandbox

    def run(self, *arguments: str) -> CommandResult:
        """Run a command, which must not change the account."""
        before = [call for call in self.sandbox.calls if call.mutating]
        ran = call_sagectl(arguments, self.shell.folder, self.shell.environment())
        assert [call for call in self.sandbox.calls if call.mutating] == before
        return ran

    def calls(self, *arguments: str) -> list[Record]:
        """The calls of a command to AWS, except that for the caller's identity."""
        before = len(self.sandbox.calls)
        self.run(*arguments)
        return [call for call in self.sandbox.calls[before:] if call.operation != "GetCallerIdentity"]


@pytest.fixture(scope="module")
def shared_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAccount]:
    """An empty account, for a file's own fixture to fill."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=1000.0))
    server = serve(sandbox).start()
    yield SharedAccount(_shell_at_server(server, tmp_path_factory.mktemp("account")), sandbox)
    server.stop()
    sandbox.close()


def client(sandbox: Sandbox) -> Any:
    """A real boto3 client of that sandbox, to create resources in the account."""
    core = botocore.session.Session()
    share_models(core)
    core.set_credentials("other", "other")
    sandbox.attach(core)
    return boto3.Session(botocore_session=core, region_name="us-east-1").client("sagemaker")
