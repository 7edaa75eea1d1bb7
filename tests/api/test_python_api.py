"""The Python API: the examples of its page run, and it refuses, redacts and waits as the command line does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import controller
from controller import KINDS, AwsConnection, DocumentsError, load, plan, reconcile
from controller.core.phase import Action, Convergence
from controller.sandbox import InjectedFault, Knobs, Sandbox, WallClock
from tests.cli.trees import GROUP, SERVING, WORKFORCE
from tests.repo.files import ROOT

_PAGE = (ROOT / "docs" / "python-api.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"^```python\n(.*?)^```$", _PAGE, re.MULTILINE | re.DOTALL)
_SECRET = "canary-9921-do-not-show"


@pytest.fixture
def account() -> AwsConnection:
    """An empty sandbox."""
    return AwsConnection(
        region="us-east-1", attach=Sandbox(clock=WallClock(), knobs=Knobs(pace=1000.0)).attach
    )


def _tree(folder: Path, text: str) -> str:
    path = folder / "tree.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    kept = {
        name: each
        for name, each in os.environ.items()
        if not name.startswith(("AWS_", "COVERAGE_", "PYTEST_"))
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_example_of_the_page_runs(tmp_path: Path) -> None:
    """The first block of the page, as a program in a folder with documents, prints the plan and settles."""
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "group.yaml").write_text(GROUP, encoding="utf-8")
    ran = _python(tmp_path, "-c", _BLOCKS[0])
    assert ran.returncode == 0, ran.stderr
    assert "CREATE ModelPackageGroup/fraud ['CreateModelPackageGroup']" in ran.stdout


def test_the_fixture_of_the_page_runs(tmp_path: Path) -> None:
    """The other blocks are a conftest and a test that passes with the fixture."""
    for block in _BLOCKS[1:]:
        name, _, text = block.removeprefix("# ").partition("\n")
        (tmp_path / name).write_text(text, encoding="utf-8")
    ran = _python(tmp_path, "-m", "pytest", "-q", "-p", "no:cacheprovider", ".")
    assert ran.returncode == 0, ran.stdout
    assert "1 passed" in ran.stdout


def test_every_public_name_is_there_and_on_the_page() -> None:
    """The names are importable, lazily, and described."""
    for name in controller.__all__:
        assert getattr(controller, name) is not None
        assert f"`{name}" in _PAGE
    with pytest.raises(AttributeError):
        controller.__getattr__("nothing")
    assert len(KINDS) > 60


def test_importing_the_package_is_light(tmp_path: Path) -> None:
    """The package alone imports none of its parts, nor typing or dataclasses."""
    heavy = ("typing", "dataclasses", "yaml", "boto3")
    code = f"import controller; print([m for m in {heavy!r} if m in sys.modules])"
    ran = _python(tmp_path, "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}")
    assert ran.stdout == "[]\n"


def test_all_findings_are_in_one_error(tmp_path: Path) -> None:
    """Wrong documents raise once, with every finding and its line."""
    with pytest.raises(DocumentsError) as raised:
        load(
            _tree(tmp_path, SERVING.replace("variantName", "variantNam").replace("executionRoleArn", "role"))
        )
    codes = [each.code.value for each in raised.value.findings]
    assert codes.count("SG020") == 2
    assert "tree.yaml:" in str(raised.value)


def test_a_plan_changes_nothing_and_a_refusal_neither(tmp_path: Path, account: AwsConnection) -> None:
    """Without approval no call changes the account, and the report shows the missing consent."""
    tree, inventory = load(_tree(tmp_path, GROUP)), str(tmp_path / "i.json")
    assert [step.action for step in plan(tree, account, inventory=inventory).acting] == [Action.CREATE]
    report = reconcile(tree, account, approve=lambda _: False, inventory=inventory)
    assert not report.consented
    assert [step.action for step in plan(tree, account, inventory=inventory).acting] == [Action.CREATE]
    done = reconcile(tree, account, approve=lambda _: True, inventory=inventory, poll=0.05, timeout=60)
    assert done.convergence is Convergence.SETTLED
    assert not plan(tree, account, inventory=inventory).acting
    empty = load(_tree(tmp_path, GROUP.replace("fraud", "other")))
    pruned = plan(empty, account, inventory=inventory, prune=True)
    assert {step.action for step in pruned.acting} == {Action.CREATE, Action.DELETE}


def test_secrets_are_read_by_the_caller_and_never_shown(tmp_path: Path, account: AwsConnection) -> None:
    """A reference to a secret needs a function, and its result is in no plan and in no report."""
    tree, inventory = load([_tree(tmp_path, WORKFORCE)]), str(tmp_path / "i.json")
    (blocked,) = plan(tree, account, inventory=inventory).blocked
    assert "no function `secrets` is given" in blocked.detail
    seen = []
    report = reconcile(
        tree,
        account,
        approve=lambda shown: not seen.append(repr(shown)),  # type: ignore[func-returns-value]
        inventory=inventory,
        secrets=lambda _: _SECRET,
        poll=0.01,
        timeout=1.0,
    )
    assert _SECRET not in "".join(seen) + repr(report)
    assert report.outcomes


def test_a_secret_that_aws_repeats_is_not_shown_either(tmp_path: Path) -> None:
    """A refusal of AWS that contains the text of a secret is reported without it."""
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=1000.0))
    sandbox.inject(InjectedFault.INVALID, operation="CreateModel", times=None, reason=f"bad value {_SECRET}")
    value = 'environment: {TOKEN: {valueFrom: {env: TOKEN}}}, image: "'
    report = reconcile(
        load(_tree(tmp_path, SERVING.replace('image: "', value))),
        AwsConnection(region="us-east-1", attach=sandbox.attach),
        approve=lambda _: True,
        inventory=str(tmp_path / "i.json"),
        secrets=lambda _: _SECRET,
        poll=0.05,
        timeout=5,
    )
    messages = " ".join(outcome.message for outcome in report.outcomes)
    assert "bad value" in messages
    assert _SECRET not in repr(report)
