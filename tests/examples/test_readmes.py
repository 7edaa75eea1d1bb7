import io
import shlex
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TypeAlias

import pytest

from controller.cli.main import main
from controller.sandbox import Sandbox, WallClock
from tests.examples.readme import ReadmeCommand, readme_commands

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
STATE = Path(".sagectl", "sandbox.sqlite")
STAYS = {
    "apps": [],
    "autoscaling": [],
    "batch": ["better-b3b99f600a", "sizing-a92f0c24a3", "score-49d69abe3e", "score-5ce56f26eb"],
    "experiments": [],
    "feature-store": ["ingest-customers-04085ff1c8", "ingest-customers-3a9ff11a71"],
    "labeling-project": ["receipts-be8b22611c", "receipts-e974f178cb"],
    "governance": [],
    "hub": [],
    "hyperpod": [],
    "mlflow": [],
    "monitoring": [],
    "inference-components": [],
    "notebooks": [],
    "own-algorithm": [],
    "pipeline-runs": [],
    "projects": [],
    "registry-promotion": [],
    "routing": [],
    "studio": [],
    "train-and-serve": [],
    "tuning": [],
}
PACE = ("--sandbox-pace", "5000")

Run: TypeAlias = Callable[[str], tuple[int, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """A shell in a folder beside the examples; ``sagectl`` runs in this process, which saves its start."""
    terminate = signal.getsignal(signal.SIGTERM)
    (tmp_path / "examples").symlink_to(EXAMPLES)
    monkeypatch.chdir(tmp_path)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)

    def command(line: str) -> tuple[int, str]:
        first, *parts = shlex.split(line, comments=True)
        if first != "sagectl":
            return subprocess.run([first, *parts], check=False).returncode, ""
        screen = io.StringIO()
        with redirect_stdout(screen), redirect_stderr(screen):
            paced = "--sandbox" in parts and PACE[0] not in parts
            code = main([*parts, *(PACE if paced else ())])
        return code, screen.getvalue()

    yield command
    signal.signal(signal.SIGTERM, terminate)


def command_positions(lines: tuple[ReadmeCommand, ...], word: str) -> list[int]:
    """The positions of a command of ``sagectl`` in a README."""
    return [at for at, each in enumerate(lines) if each.line.startswith(f"sagectl {word} ")]


@pytest.mark.parametrize("folder", sorted(STAYS))
def test_what_a_readme_tells_happens(folder: str, run: Run) -> None:
    """Each command of a README, in order, has the documented exit code and output."""
    for each in readme_commands(EXAMPLES / folder / "README.md"):
        code, output = run(each.line)
        assert code == each.code, f"$ {each.line}\n{output}"
        missing = each.missing(output)
        assert missing is None, f"$ {each.line}\n{output}\n\nThe README says here: {missing}"
    left = Sandbox(clock=WallClock(), state=STATE)
    assert [arn.split("/")[-1] for arn in left.resources()] == STAYS[folder]
    left.close()


@pytest.mark.parametrize("folder", sorted(STAYS))
def test_a_readme_tells_a_whole_life(folder: str) -> None:
    """A README validates, applies, changes, applies, shows after both that the plan is empty, and destroys last."""
    lines = readme_commands(EXAMPLES / folder / "README.md")
    applied = [at for at in command_positions(lines, "apply") if lines[at].code == 0]
    assert len(applied) > 1
    assert command_positions(lines, "validate")[0] < command_positions(lines, "plan")[0] < applied[0]
    for at in applied:
        assert lines[at + 1].line.startswith("sagectl plan "), f"what follows `{lines[at].line}`"
    for at in (applied[0], applied[-1]):
        assert lines[at + 1].code == 0
        assert any(line.startswith("No changes.") for line in lines[at + 1].output)
    assert command_positions(lines, "destroy") == [len(lines) - 1]
