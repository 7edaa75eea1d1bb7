"""The GitHub Action and the workflows: their steps are run here, with a command in place of GitHub's own."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.journeys.stage import document_text
from tests.programs.forked import command_folder, run_to_end
from tests.repo.files import ROOT

GROUP = document_text("ModelPackageGroup", "fraud", "modelPackageGroupDescription: versions")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
_GH = '#!/bin/sh\nprintf "%s\\n" "$@" > "$GH_CALLS"\n'  # records its arguments


def _read_action() -> dict[str, Any]:
    action: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    return action


class _Runner:
    """Runs the steps of the action in a folder, as GitHub does."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.folder, self.outputs = folder, folder / "outputs"
        self.inputs = {
            name: each.get("default", "") for name, each in _read_action()["inputs"].items()
        } | inputs
        self.calls = folder / "gh-calls"
        (folder / "bin").mkdir()
        (folder / "bin" / "gh").write_text(_GH, encoding="utf-8")
        (folder / "bin" / "gh").chmod(0o755)

    def step(self, number: int) -> "subprocess.CompletedProcess[str]":
        """Run a step; its ``if`` is not evaluated."""
        step = _read_action()["runs"]["steps"][number]
        own = {name: self._filled(text) for name, text in step.get("env", {}).items()}
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "GITHUB_"))}
        given = {
            "PATH": f"{self.folder / 'bin'}:{command_folder()}:{os.environ['PATH']}",
            "GITHUB_OUTPUT": str(self.outputs),
            "RUNNER_TEMP": str(self.folder),
            "GH_CALLS": str(self.calls),
            "GITHUB_ACTION_PATH": "action path",
        }
        line = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        return subprocess.run(
            line, cwd=self.folder, env={**kept, **given, **own}, capture_output=True, text=True, check=False
        )

    def _filled(self, text: str) -> str:
        known = {f"inputs.{name}": value for name, value in self.inputs.items()}
        known |= {"github.event.pull_request.number": "7", "github.repository": "team/models"}
        if self.outputs.exists():
            pairs = [line.partition("=") for line in self.outputs.read_text(encoding="utf-8").splitlines()]
            known |= {f"steps.plan.outputs.{name}": value for name, _, value in pairs}
        return re.sub(r"\$\{\{ (.+?) \}\}", lambda found: known[found[1]], text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A tree that is planned in the sandbox; its name has characters that a shell would interpret."""
    folder = tmp_path / "my models; touch broken"
    folder.mkdir()
    (folder / "sagectl.yaml").write_text("sandbox: true\n", encoding="utf-8")
    (folder / "fraud.yaml").write_text(GROUP, encoding="utf-8")
    return folder


def test_a_pull_request_gets_the_plan_as_a_comment(tree: Path, tmp_path: Path) -> None:
    """The plan is written, its changes are an output, and the newest comment is edited."""
    runner = _Runner(tmp_path, path=tree.name, arguments="--set\nprod\n")
    done = runner.step(1)
    assert done.returncode == 0, done.stderr
    assert "changes=true" in runner.outputs.read_text(encoding="utf-8")
    assert runner.step(2).returncode == 0
    calls = runner.calls.read_text(encoding="utf-8").splitlines()
    assert calls[:5] == ["pr", "comment", "7", "--repo", "team/models"]
    assert "ModelPackageGroup/fraud" in Path(calls[-1]).read_text(encoding="utf-8")
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize(
    ("install", "installed"), [(None, "action path"), ("sagemaker-gitops==1", "sagemaker-gitops==1")]
)
def test_the_action_installs_its_own_version(install: str | None, installed: str, tmp_path: Path) -> None:
    """Without an input pip installs the checkout of the action itself, which need not be in a package index."""
    runner = _Runner(tmp_path, path=".", **({"install": install} if install else {}))
    python = tmp_path / "bin" / "python3"
    python.write_text(
        '#!/bin/sh\nfor last; do :; done; printf "%s" "$last" > "$GH_CALLS"\n', encoding="utf-8"
    )
    python.chmod(0o755)
    done = runner.step(0)
    assert done.returncode == 0, done.stderr
    assert runner.calls.read_text(encoding="utf-8") == installed


def test_a_plan_without_changes_succeeds(tree: Path, tmp_path: Path) -> None:
    """Exit code 0 of the plan is no failure, and the output is that there are no changes."""
    runner = _Runner(tmp_path, path=tree.name)
    applied = ["apply", tree.name, "--yes", "--sandbox-pace", "5000", "--poll", "0.05s"]
    assert run_to_end(applied, cwd=tmp_path, env=os.environ).returncode == 0
    assert runner.step(1).returncode == 0
    assert "changes=false" in runner.outputs.read_text(encoding="utf-8")


def test_findings_fail_the_step(tree: Path, tmp_path: Path) -> None:
    """A document with an error ends the step with the exit code of the plan."""
    (tree / "fraud.yaml").write_text(GROUP.replace("kind: ", "kind: No"), encoding="utf-8")
    runner = _Runner(tmp_path, path=tree.name)
    assert runner.step(1).returncode == 1


def test_nothing_of_a_pull_request_is_put_into_a_script() -> None:
    """Inputs and the event reach a shell as environment variables, so that no branch name is executed."""
    scripts = [step["run"] for step in _read_action()["runs"]["steps"]]
    for path in WORKFLOWS:
        jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values()
        scripts += [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    trusted = re.compile(r"\$\{\{ matrix\.\w+ \}\}")  # written in the workflow itself
    assert len(scripts) > 10
    assert [each for each in scripts if "${{" in trusted.sub("", each)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_runs_what_exists(path: Path) -> None:
    """Each target of make is in the Makefile, each file exists, and permissions are declared."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert "permissions" in workflow
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            run = step.get("run", "")
            assert set(re.findall(r"\bmake ([a-z-]+)", run)) <= targets
            for name in re.findall(r"(?:^|\s)((?:\.ci|charts|deploy)/\S+)", run):
                assert (ROOT / name).exists(), name


def test_every_supported_python_is_tested() -> None:
    """The matrix of the workflow has each version that pyproject.toml names."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    named = re.findall(r"Python :: (3\.\d+)", project)
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yaml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["test"]["strategy"]["matrix"]["python"] == named
    assert named[0] in re.findall(r'requires-python = ">=(.+)"', project)
