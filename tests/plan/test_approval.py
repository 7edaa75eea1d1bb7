"""A set that changes nothing without approval: ``mode: Plan`` in its ``sagectl.yaml``."""

import json

import pytest

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.in_process import CommandResult
from tests.cli.trees import PIPELINE, SERVING
from tests.plan.foreign_edits import foreign_client
from tests.plan.test_saved_plan import ARN, changing_calls

FAST = ("--poll", "0.05s")


@pytest.fixture
def approval_shell(shell: Shell) -> Shell:
    """A tree of a set in mode Plan."""
    shell.write("ml/sagectl.yaml", "set: prod\nmode: Plan\n")
    shell.write("ml/pipeline.yaml", PIPELINE)
    return shell


def plan_fingerprint(shell: Shell, *arguments: str) -> str:
    """The fingerprint of the plan."""
    return str(json.loads(shell.run("plan", "ml", "--format", "json", *arguments).out)["fingerprint"])


def apply_approved(shell: Shell, mark: str, *arguments: str) -> CommandResult:
    """Apply with an approval."""
    return shell.run("apply", "ml", "--approve", mark, *FAST, *arguments)


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_is_done_without_approval(approval_shell: Shell, sandbox: Sandbox, form: str) -> None:
    """Row 54: even --yes changes nothing: the plan is shown with the option that approves it, and the code is 1."""
    ran = approval_shell.run("apply", "ml", "--yes", "--format", form, *FAST)
    assert ran.code == 1
    assert "Pipeline/train" in ran.out
    assert "set prod is in mode Plan, so apply needs an approval" in ran.err
    assert f"--approve {plan_fingerprint(approval_shell)}" in ran.err
    assert not changing_calls(sandbox, 0)


def test_an_approval_does_that_plan(approval_shell: Shell, sandbox: Sandbox) -> None:
    """The plan has its fingerprint, which applies it without a question; then no change is left."""
    mark = plan_fingerprint(approval_shell)
    assert f"--approve {mark}" in approval_shell.run("plan", "ml").out
    done = apply_approved(approval_shell, mark)
    assert (done.code, done.err) == (0, "")
    assert changing_calls(sandbox, 0) == ["CreatePipeline"]
    again = approval_shell.run("apply", "ml", *FAST)
    assert (again.code, again.err) == (0, "")


def test_an_approval_is_void_when_a_document_moved(approval_shell: Shell, sandbox: Sandbox) -> None:
    """Row 54: a document changed since then voids the approval: 3, no changes, and the new fingerprint is shown."""
    mark = plan_fingerprint(approval_shell)
    approval_shell.write("ml/pipeline.yaml", PIPELINE.replace("name: train", "name: other"))
    stale = apply_approved(approval_shell, mark)
    assert stale.code == 3
    assert "the approval is stale, and no changes were made" in stale.err
    assert plan_fingerprint(approval_shell) in stale.err
    assert not changing_calls(sandbox, 0)


def test_an_approval_is_void_when_the_account_moved(approval_shell: Shell, sandbox: Sandbox) -> None:
    """A foreign change of a resource voids it, and so does another option; an applied approval can't be used again."""
    first = plan_fingerprint(approval_shell)
    assert apply_approved(approval_shell, first).code == 0
    approval_shell.write(
        "ml/pipeline.yaml", PIPELINE.replace("description", "displayName", 1) + "  # changed\n"
    )
    approval_shell.write("ml/serving.yaml", SERVING)
    mark = plan_fingerprint(approval_shell)
    foreign_client(sandbox).update_pipeline(
        PipelineName=ARN.rpartition("/")[2], PipelineDescription="by hand"
    )
    since = len(sandbox.calls)
    assert apply_approved(approval_shell, mark).code == apply_approved(approval_shell, first).code == 3
    assert apply_approved(approval_shell, plan_fingerprint(approval_shell), "--prune").code == 3
    assert not changing_calls(sandbox, since)
    assert apply_approved(approval_shell, plan_fingerprint(approval_shell)).code == 0


def test_a_saved_plan_is_an_approval(approval_shell: Shell) -> None:
    """A set in mode Plan accepts a saved plan as well; both together contradict each other."""
    approval_shell.run("plan", "ml", "--out", "plan.json")
    both = approval_shell.run("apply", "--plan", "plan.json", "--approve", "a" * 64)
    assert (both.code, "exclude each other" in both.err) == (1, True)
    assert approval_shell.run("apply", "--plan", "plan.json", *FAST).code == 0


def test_a_destruction_needs_approval_too(approval_shell: Shell, sandbox: Sandbox) -> None:
    """Destroy shows its plan and its fingerprint; the approval of another plan is none of a destruction."""
    first = plan_fingerprint(approval_shell)
    apply_approved(approval_shell, first)
    since = len(sandbox.calls)
    shown = approval_shell.run("destroy", "ml", "--yes", *FAST)
    assert (shown.code, "destroy needs an approval" in shown.err) == (1, True)
    assert approval_shell.run("destroy", "ml", "--approve", plan_fingerprint(approval_shell), *FAST).code == 3
    assert not changing_calls(sandbox, since)
    mark = shown.err.partition("--approve ")[2].split()[0]
    assert approval_shell.run("destroy", "ml", "--approve", mark, *FAST).code == 0
    assert changing_calls(sandbox, since) == ["DeletePipeline"]


def test_an_approval_works_where_none_is_needed(shell: Shell) -> None:
    """A fingerprint is consent in any set; an invalid one is refused."""
    shell.write("ml/pipeline.yaml", PIPELINE)
    assert apply_approved(shell, "a" * 64).code == 3
    assert apply_approved(shell, plan_fingerprint(shell)).code == 0
    short = apply_approved(shell, "abc")
    assert (short.code, "is not a fingerprint" in short.err) == (1, True)
