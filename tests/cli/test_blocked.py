"""A plan with only blocked steps is reported as such by every output, neither as changes nor as no changes."""

import json
from dataclasses import replace

import pytest

from controller.cli.plan import _CODES
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.engine.plan import ConfirmationRequired, PlanResult, Step
from controller.gitops.pull_request_plans import _STATES, summary
from controller.output.html.plan_page import plan_page
from controller.output.markdown import plan_markdown
from controller.output.plan_json import plan_json
from controller.output.plan_text import plan_text
from controller.output.redact import Redactor
from controller.output.terminal import Style
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP, PIPELINE, SERVING
from tests.output import plans
from tests.plan.foreign_edits import foreign_client

STEP = plans.EVERYTHING.steps[0]


def step_of_action(action: Action, *, calls: bool, withheld: str = "") -> Step:
    """A step of an action."""
    made = plans.EVERYTHING.steps[0].calls or next(s.calls for s in plans.EVERYTHING.steps if s.calls)
    return replace(
        STEP, action=action, why=Reason.SPEC_CHANGED, calls=made if calls else (), withheld=withheld
    )


@pytest.mark.parametrize("action", Action)
def test_every_action_has_its_result(action: Action) -> None:
    """NOOP is no change; a blocked step is blocked, unless a part of it is executed; all others are changes."""
    still = action in (Action.NOOP, Action.FORGET)
    for calls in (False, True):
        for withheld in ("", "policy.mode is Plan"):
            plan = replace(
                plans.EVERYTHING,
                steps=(step_of_action(action, calls=calls, withheld=withheld),),
                confirmations=(),
            )
            idle = action is Action.BLOCKED and not calls
            desired = PlanResult.NO_CHANGES if still else PlanResult.BLOCKED if idle else PlanResult.CHANGES
            assert plan.result is desired
            beside = replace(
                plan, steps=(*plan.steps, replace(step_of_action(Action.BLOCKED, calls=False), id="other"))
            )
            assert beside.result is (PlanResult.BLOCKED if still or idle else PlanResult.CHANGES)


def test_every_result_has_a_code_and_a_status() -> None:
    """Each result has an exit code, and a commit status of a pull request."""
    assert set(_CODES) == set(_STATES) == set(PlanResult)
    assert len(set(_CODES.values())) == len(PlanResult)


def test_blocked_deletions_are_changes() -> None:
    """A deletion above the limit waits for a confirmation, and is still a change of the plan."""
    step = step_of_action(Action.DELETE, calls=True)
    plan = replace(
        plans.EVERYTHING, steps=(step,), confirmations=(ConfirmationRequired("held", frozenset({step.id})),)
    )
    assert plan.result is PlanResult.CHANGES


def test_all_forms_say_blocked() -> None:
    """Text, markdown, page, JSON and the status of a pull request show blocked, and none of them shows changes."""
    blocked = replace(
        step_of_action(Action.BLOCKED, calls=False), why=Reason.NOT_OWNED, detail="somebody else's"
    )
    plan = Redactor().plan(
        replace(plans.EVERYTHING, steps=(blocked,), confirmations=(), along={}, notices=())
    )
    message = "Blocked: 1 resource needs manual action, and there is nothing else to do"
    assert message in plan_text(plan, Style())
    assert message in plan_markdown(plan, "1")
    assert message in plan_page(plan, "1", full=False)
    assert plan_json(plan, "1")["result"] == "blocked"
    assert summary(plan) == "blocked 1"


def test_a_command_gives_5_for_what_is_blocked_only(shell: Shell, sandbox: Sandbox) -> None:
    """``plan`` exits with 5 if only steps blocked by foreign resources are left, with 2 if there is a change too."""
    foreign_client(sandbox).create_model_package_group(ModelPackageGroupName="fraud")
    shell.write("ml/group.yaml", GROUP)
    ran = shell.run("plan", "ml")
    assert (ran.code, "Blocked: 1 resource needs manual action" in ran.out) == (5, True), ran
    assert json.loads(shell.run("plan", "ml", "--format", "json").out)["result"] == "blocked"
    assert shell.run("apply", "ml", "--yes").code == 1
    shell.write("ml/pipeline.yaml", PIPELINE)
    assert shell.run("plan", "ml").code == 2


def test_a_preflight_that_finds_an_error_exits_with_1(shell: Shell, sandbox: Sandbox) -> None:
    """Of plan and apply, also if other documents are applied; warnings do not count; `iam` grants the reads."""
    shell.write("serving.yaml", SERVING)
    sandbox.knobs = replace(sandbox.knobs, missing_images=frozenset({"fraud"}))
    planned = shell.run("plan", "serving.yaml", "--preflight", "--out", "saved.plan")
    assert (planned.code, "SG073" in planned.out) == (1, True)
    assert (shell.folder / "saved.plan").is_file()
    assert shell.run("apply", "serving.yaml", "--preflight", "--yes").code == 1
    assert shell.run("plan", "serving.yaml").code == 2
    granted = shell.run("iam", "serving.yaml", "--preflight").out
    assert "ecr:BatchGetImage" in granted
    assert "ecr:BatchGetImage" not in shell.run("iam", "serving.yaml").out
