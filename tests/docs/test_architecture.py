"""docs/architecture.md names existing packages and modules, and the walks call the listed functions."""

import importlib
import re
from pathlib import Path

import pytest

from controller.cli.main import main
from docs.dev.architecture import HOLDS, WALKS, Walk, contracts, layers, may_import
from tests.docs.traced_walk import Calls, read, record_calls
from tests.gitops.stage import Stage
from tests.journeys.documents import serving
from tests.kubernetes.documents import SERVING
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage
from tests.repo.files import ROOT

MOST_MODULES = 12
BY_NAME = {walk.name: walk for walk in WALKS}


def test_every_package_has_its_row() -> None:
    """Each package of the product is described, and no other."""
    folders = {path.parent.name for path in (ROOT / "controller").glob("*/*.py")}
    folders |= {"source"}
    assert set(HOLDS) == folders == {name for layer in layers() for name in layer} | {"sandbox"}


def test_what_a_package_may_import_follows_from_the_contracts() -> None:
    """A row has lower layers only, without those that a contract forbids or protects; every import follows its row."""
    assert may_import("core") == may_import("sandbox") == ()
    assert may_import("aws") == ("core",)
    assert {"aws", "sandbox"} <= set(may_import("cli"))
    assert "inventory" not in may_import("source")
    assert "aws" not in may_import("engine")
    assert any(contract["type"] == "protected" for contract in contracts())
    for package in HOLDS:
        allowed = set(may_import(package))
        for path in (ROOT / "controller" / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            used = set(re.findall(r"^\s*(?:from|import) controller\.(\w+)", text, re.MULTILINE)) - {package}
            assert used <= allowed, path


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.name)
def test_a_walk_names_few_modules_that_exist(walk: Walk) -> None:
    """A walk names at most 12 modules; each exists and holds the function."""
    assert len({step.module for step in walk.steps}) <= MOST_MODULES
    for step in walk.steps:
        held = importlib.import_module(f"controller.{step.module}")
        for part in step.function.split("."):
            held = getattr(held, part)
        assert callable(held)


def first_missing_step(walk: Walk, calls: Calls) -> str:
    """The first step that was not called after those before it; empty if all were."""
    rest = iter(calls)
    return next(
        (
            f"{step.module}.{step.function}"
            for step in walk.steps
            if (f"controller.{step.module}", step.function) not in rest
        ),
        "",
    )


def test_a_step_that_is_not_called_or_late_is_found() -> None:
    """Calls in another order, or without one of the steps, are reported."""
    walk = BY_NAME["cli"]
    calls = [(f"controller.{step.module}", step.function) for step in walk.steps]
    assert not first_missing_step(walk, [calls[0], *calls])
    for at, step in enumerate(walk.steps[:-1]):
        assert first_missing_step(walk, calls[:at] + calls[at + 1 :]) == f"{step.module}.{step.function}"
        assert first_missing_step(walk, [*calls[:at], calls[at + 1], calls[at], *calls[at + 2 :]])


def test_an_apply_runs_through_the_modules_of_its_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sagectl apply` of an EndpointConfig calls the functions of the table, in its order."""
    (tmp_path / "serving.yaml").write_text("---\n".join(serving()), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with record_calls() as calls:
        code = main(["apply", "serving.yaml", "--sandbox", "--sandbox-pace", "5000", "--yes"])
    assert code == 0
    assert not first_missing_step(BY_NAME["cli"], calls)


def test_a_push_runs_through_the_modules_of_its_walk(git_stage: Stage) -> None:
    """A commit on a Git server is applied by the functions of the table, in its order."""
    with record_calls() as calls:
        git_stage.push({"deploy/serving.yaml": "---\n".join(serving())})
        git_stage.start(git_stage.sync())
        git_stage.wait(1500)
    assert git_stage.record().is_applied
    assert not first_missing_step(BY_NAME["git"], calls)


def test_an_object_runs_through_the_modules_of_its_walk(cluster: OperatorStage, tmp_path: Path) -> None:
    """Objects of `kubectl apply` are applied by the functions of the table, in its order."""
    cluster.forked = False
    cluster.program = ("tests.docs.traced_walk", str(tmp_path / "calls.json"))
    cluster.start(kinds=ALL_KINDS)
    cluster.apply(*SERVING)
    cluster.ready()
    cluster.stop()
    assert not first_missing_step(BY_NAME["kubernetes"], read(tmp_path / "calls.json"))
