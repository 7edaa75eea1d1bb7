"""The tutorials: their files and commands work in order, with the documented results."""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from controller.cli.main import main
from controller.sandbox import Knobs, Sandbox, WallClock, serve
from tests.docs.pages import PageFile, steps
from tests.examples.readme import ReadmeCommand
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage
from tests.programs.forked import command_folder
from tests.repo.files import ROOT

QUICK = {"apply": ("--poll", "0.05s"), "destroy": ("--poll", "0.05s")}
IDENTITY = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "A"), ("EMAIL", "a@example.com"))}  # fmt: skip
ACCOUNT, REGION = "123456789012", "us-east-1"
PATTERN_OF_A_VALUE = re.compile(r"--set ([a-z][\w.]*\.\w+)")


def _steps(name: str, folder: Path) -> Iterator[ReadmeCommand]:
    """Yields the commands of a page, and writes its files in between."""
    for step in steps(ROOT / "docs" / f"{name}.md"):
        if isinstance(step, PageFile):
            path = folder / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(step.text, encoding="utf-8")
        else:
            yield step


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """An AWS account behind an endpoint, with credentials in the environment."""
    for variable in [each for each in os.environ if each.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    sandbox = Sandbox(account=ACCOUNT, region=REGION, clock=WallClock(), knobs=Knobs(pace=5000))
    server = serve(sandbox).start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    yield sandbox
    server.stop()


def test_the_tutorial_on_an_account(
    account: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commands for a real account, without ``--sandbox``: applied, changed in place, and destroyed."""
    monkeypatch.chdir(tmp_path)
    run = 0
    for step in _steps("first-account", tmp_path):
        _, command, *rest = shlex.split(step.line, comments=True)
        assert main([command, *rest, *QUICK.get(command, ())]) == step.code, step.line
        run += 1
    assert run >= 12
    calls = [each.operation for each in account.calls]
    assert calls.count("CreateEndpoint") == 1
    assert calls.count("CreateModel") == 1
    assert calls.count("CreateEndpointConfig") == calls.count("DeleteEndpointConfig") == 2
    assert calls.count("UpdateEndpoint") == 1
    assert calls[-1] == "ListEndpoints"


def test_the_tutorial_on_a_repository(tmp_path: Path) -> None:
    """Commits in a folder are applied, an error changes nothing, and a removed document is pruned."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "GIT_"))},
        **IDENTITY,
        "PATH": f"{command_folder()}:{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
    }
    outputs = []
    for step in _steps("first-push", tmp_path):
        done = subprocess.run(
            ["bash", "-ec", step.line], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == step.code, f"$ {step.line}\n{done.stdout}{done.stderr}"
        outputs.append(done.stdout)
    first, wrong, both, last = (text for text in outputs if "msg=" in text)
    assert "operation=CreateModelPackageGroup" in first
    assert "msg=finding" in wrong
    assert "did you mean" in wrong
    assert "called" not in wrong
    assert "step=ModelPackageGroup/churn" in both
    assert "operation=DeleteModelPackageGroup" in last
    assert "fraud" in outputs[-1]
    assert "churn" not in outputs[-1]


def test_the_tutorial_in_a_cluster(cluster: OperatorStage, tmp_path: Path) -> None:
    """``kubectl apply`` creates the endpoint, changes it by a new configuration, and its deletion leaves nothing."""
    cluster.start(kinds=ALL_KINDS)
    names = []
    for step in _steps("first-cluster", tmp_path):
        program, *rest = shlex.split(step.line)
        assert program == "kubectl"
        done = cluster.kubectl.run(
            *(str(tmp_path / each) if each.endswith(".yaml") else each for each in rest)
        )
        assert done.returncode == step.code, f"$ {step.line}\n{done.stdout}{done.stderr}"
        names += re.findall(r"tutorial-\w+", done.stdout)
    assert names
    changes = cluster.changes()
    assert changes.count("CreateEndpointConfig") == changes.count("DeleteEndpointConfig") == 2
    assert changes.count("UpdateEndpoint") == 1
    assert changes.count("DeleteModel") == changes.count("CreateModel") == 1
    warned = {each["reason"] for each in cluster.kubectl.items("events") if each["type"] == "Warning"}
    assert warned <= {"DependencyMissing"}  # of objects that were applied before their dependencies


def test_values_of_the_chart_that_pages_set_exist() -> None:
    """Each ``--set`` of a page names a value of the chart."""
    values = yaml.safe_load((ROOT / "charts/sagemaker-gitops/values.yaml").read_text(encoding="utf-8"))
    found = 0
    for page in (ROOT / "docs").glob("*.md"):
        for name in PATTERN_OF_A_VALUE.findall(page.read_text(encoding="utf-8")):
            here = values
            for part in name.rstrip(".").split("."):
                assert part in here, f"{page.name}: {name}"
                here = here[part]
            found += 1
    assert found >= 4
