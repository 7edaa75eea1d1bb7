"""The guides: their files and commands work in order, on the sandbox, with the documented exit codes."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from controller.cli.main import main
from controller.sandbox import Knobs, Sandbox, WallClock, serve
from tests.docs.pages import PageFile, steps
from tests.repo.files import ROOT

PACE = ("--sandbox-pace", "5000")
QUICK = {
    "plan": PACE,
    "status": PACE,
    "apply": (*PACE, "--poll", "0.05s"),
    "destroy": (*PACE, "--poll", "0.05s"),
}
INSTALLS = (("git", ["clone"]), ("make", ["venv"]))
DOCS = ROOT / "docs"
ON_THE_SANDBOX = ("autoscaling", "changing-resources", "guarded-updates", "promote-a-model")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def follow_page(page: Path, folder: Path, *, sandbox: bool) -> list[str]:
    """Do what a page instructs, except the installation; returns the commands that were run.

    Raises:
        AssertionError: a command ends otherwise than the page says.

    """
    done: list[str] = []
    for step in steps(page):
        if isinstance(step, PageFile):
            path = folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            local = "sandbox: true\n" if sandbox and path.name == "sagectl.yaml" else ""
            path.write_text(step.text + local, encoding="utf-8")
            continue
        inside = re.fullmatch(r"\(cd (\S+) && (.+)\)", step.line)
        where, line = (folder / inside[1], inside[2]) if inside else (folder, step.line)
        program, *arguments = shlex.split(line, comments=True)
        if (program, arguments[:1]) in INSTALLS:
            continue
        if program == "sagectl":
            quick = QUICK.get(arguments[0], ()) if sandbox else QUICK.get(arguments[0], ())[2:]
            with chdir(where):
                assert main([*arguments, *quick]) == step.code, step.line
        else:
            ran = subprocess.run(
                ["bash", "-ec", step.line],
                cwd=folder,
                env=_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.returncode == step.code, f"{step.line}\n{ran.stdout}{ran.stderr}"
        done.append(step.line)
    return done


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder of the test's own, without AWS settings of this machine."""
    monkeypatch.chdir(tmp_path)
    for variable in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(variable)


@pytest.mark.parametrize("page", ON_THE_SANDBOX)
def test_a_guide_works_on_the_sandbox(page: str, tmp_path: Path) -> None:
    """Its trees are written, and its commands run in order; each ends with the exit code that the page gives."""
    assert follow_page(DOCS / f"{page}.md", tmp_path, sandbox=True)


def test_the_front_page_leads_to_a_first_plan(tmp_path: Path) -> None:
    """The commands of README.md after the installation work: planned, applied, unchanged, destroyed."""
    assert len(follow_page(ROOT / "README.md", tmp_path, sandbox=True)) == 5


def test_the_jobs_of_a_team_show_how_far_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table of a work team's jobs shows how many objects people labeled."""
    follow_page(DOCS / "labeling-project.md", tmp_path, sandbox=True)
    assert re.search(r"labeled (\d+)/\1 by people", capsys.readouterr().out)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """An AWS account behind an endpoint, for ``sagectl`` and the AWS CLI."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=5000))
    server = serve(sandbox).start()
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield sandbox
    server.stop()


def test_what_was_made_by_hand_is_adopted_and_changed(account: Sandbox, tmp_path: Path) -> None:
    """Resources of the AWS CLI are adopted by tags alone; then a changed model updates the endpoint in place."""
    assert len(follow_page(DOCS / "adopt.md", tmp_path, sandbox=False)) >= 12
    calls = [each.operation for each in account.calls]
    assert calls.count("CreateEndpoint") == 1
    assert calls.count("UpdateEndpoint") == 1
    assert calls.index("AddTags") < calls.index("UpdateEndpoint")
    assert calls.count("CreateModel") == 2
    assert "DeleteEndpoint" not in calls


def test_credentials_of_another_account_are_refused(account: Sandbox, tmp_path: Path) -> None:
    """The account in the settings is a guard: with credentials of another one nothing is changed."""
    assert follow_page(DOCS / "several-accounts.md", tmp_path, sandbox=False)
    assert {each.operation for each in account.calls} == {"GetCallerIdentity"}
