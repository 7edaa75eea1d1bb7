"""``sagectl`` on a terminal: prompts and progress."""

import os
import pty
import re
import select
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import botocore.session
import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, PIPELINE, SERVING
from tests.programs.forked import Process, start_forked


@dataclass
class Terminal:
    """A process on a terminal of its own."""

    process: Process
    descriptor: int
    seen: str = ""

    def until(self, text: str) -> None:
        """Read until a text appears."""
        deadline = time.monotonic() + 20
        while text not in self.seen and time.monotonic() < deadline:
            self._read()
        assert text in self.seen, self.seen

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self.descriptor, text.encode() + b"\n")

    def end(self) -> int:
        """Read to the end, and return the exit code."""
        deadline = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < deadline:
            self._read()
        self._read()
        os.close(self.descriptor)
        return self.process.wait(timeout=5)

    def _read(self) -> None:
        if select.select([self.descriptor], [], [], 0.1)[0]:
            try:
                self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
            except OSError:  # the other side is closed
                time.sleep(0.05)


def start_on_terminal(
    shell: Shell, *arguments: str, env: Mapping[str, str] | None = None, forked: bool = True
) -> Terminal:
    """Start ``sagectl`` on a terminal, as a fork or with an interpreter of its own."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "r+b", buffering=0) as line:
        environment = {"TERM": "xterm", **shell.environment(), **(env or {})}
        process = start_forked(
            arguments, cwd=shell.folder, env=environment, stdin=line, stdout=line, forked=forked
        )
    return Terminal(process, ours)


def foreign_client(sandbox: Sandbox) -> Any:
    """Somebody else with access to the account."""
    core = botocore.session.Session()
    core.set_credentials("other", "other")
    sandbox.attach(core)
    return boto3.Session(botocore_session=core, region_name="us-east-1").client("sagemaker")


def test_yes_is_a_yes(shell: Shell, sandbox: Sandbox) -> None:
    """The plan is shown, and a typed yes carries it out, with a moving line for what AWS works on."""
    shell.write("serving.yaml", SERVING)
    terminal = start_on_terminal(shell, "apply", "serving.yaml", "--poll", "0.3s", forked=False)
    terminal.until("Type 'yes' to confirm: ")
    assert not [call for call in sandbox.calls if call.mutating]
    terminal.type("yes")
    assert terminal.end() == 0, terminal.seen
    assert "3 created" in terminal.seen
    assert len(sandbox.resources()) == 3


@pytest.mark.parametrize("answer", ["no", "y", "", "YES"])
def test_all_else_is_a_no(shell: Shell, sandbox: Sandbox, answer: str) -> None:
    """Any other answer changes nothing, and gives 1."""
    shell.write("group.yaml", GROUP)
    terminal = start_on_terminal(shell, "apply", "group.yaml")
    terminal.until("Type 'yes' to confirm: ")
    terminal.type(answer)
    assert terminal.end() == 1
    assert "No changes were made." in terminal.seen
    assert sandbox.resources() == ()


def test_a_plan_that_moved_gives_3(shell: Shell, sandbox: Sandbox) -> None:
    """If the account changed during the question, nothing is changed that was not shown, and the exit code is 3."""
    shell.write("pipeline.yaml", PIPELINE)
    assert shell.run("apply", "pipeline.yaml", "--yes", "--poll", "0.05s").code == 0
    shell.write("group.yaml", GROUP)
    terminal = start_on_terminal(shell, "apply", "pipeline.yaml", "group.yaml")
    terminal.until("Type 'yes' to confirm: ")
    foreign_client(sandbox).update_pipeline(
        PipelineName="train", RoleArn="arn:aws:iam::123456789012:role/other"
    )
    terminal.type("yes")
    assert terminal.end() == 3
    assert "Pipeline/train will be updated in place" in terminal.seen
    assert len(sandbox.resources()) == 1


def test_nothing_to_ask(shell: Shell) -> None:
    """Without changes there is no prompt."""
    shell.write("group.yaml", GROUP)
    shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s")
    terminal = start_on_terminal(shell, "apply", "group.yaml")
    assert terminal.end() == 0
    assert "Type 'yes'" not in terminal.seen


@pytest.mark.parametrize(
    ("env", "arguments", "colours"),
    [
        ({}, (), True),
        ({"NO_COLOR": "1"}, (), False),
        ({}, ("--no-color",), False),
        ({"TERM": "dumb"}, (), False),
    ],
)
def test_colours(shell: Shell, env: dict[str, str], arguments: tuple[str, ...], colours: bool) -> None:
    """A terminal gets colours, unless NO_COLOR, --no-color or a dumb terminal disables them."""
    shell.write("group.yaml", GROUP)
    terminal = start_on_terminal(shell, "plan", "group.yaml", *arguments, env=env)
    assert terminal.end() == 2
    assert bool(re.search(r"\x1b\[32m", terminal.seen)) is colours


def test_an_endpoint_is_deleted_by_its_name(shell: Shell, sandbox: Sandbox) -> None:
    """A yes to the plan is none to the endpoint in it: its name is requested, and anything else keeps it."""
    shell.write("tree/group.yaml", GROUP)
    shell.write("tree/serving.yaml", SERVING)
    assert shell.run("apply", "tree", "--yes", "--poll", "0.05s").code == 0
    (shell.folder / "tree/serving.yaml").unlink()
    for answer, code, left in (("yes", 1, 4), ("Endpoint/fraud", 0, 1)):
        terminal = start_on_terminal(shell, "apply", "tree", "--prune", "--poll", "0.3s")
        terminal.until("Type 'yes' to confirm: ")
        terminal.type("yes")
        terminal.until("Type Endpoint/fraud to confirm")
        assert "this endpoint will stop serving requests" in terminal.seen
        terminal.type(answer)
        assert terminal.end() == code, terminal.seen
        assert len(sandbox.resources()) == left


def test_a_whole_set_is_destroyed_by_its_name(shell: Shell, sandbox: Sandbox) -> None:
    """If an outage is possible, the set's name is the confirmation; ``yes`` is none."""
    shell.write("tree/serving.yaml", SERVING)
    assert shell.run("apply", "tree", "--set", "prod", "--yes", "--poll", "0.05s").code == 0
    for answer, code, left in (("yes", 1, 3), ("prod", 0, 0)):
        terminal = start_on_terminal(shell, "destroy", "tree", "--set", "prod", "--poll", "0.3s")
        terminal.until("Type the name of the set, prod, to confirm: ")
        terminal.type(answer)
        assert terminal.end() == code, terminal.seen
        assert len(sandbox.resources()) == left
