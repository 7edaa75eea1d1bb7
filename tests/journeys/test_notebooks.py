"""A notebook instance is stopped for a change and started again, in one line of the plan."""

from typing import Any

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.engine.plan import Plan
from controller.sandbox import InjectedFault
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

UPDATE = ["StopNotebookInstance", "UpdateNotebookInstance", "StartNotebookInstance"]


def _notebook(type_: str = "ml.t3.medium", more: str = "", policy: str = "") -> str:
    return document_text(
        "NotebookInstance", "desk", f"instanceType: {type_}\nroleArn: {ROLE}\n{more}", policy
    )


def _describe_notebook(stage: Stage) -> Any:
    return stage.client().describe_notebook_instance(NotebookInstanceName="desk")


def _planned_calls(plan: Plan) -> list[str]:
    return [call.operation for call in step_of(plan, "NotebookInstance/desk").calls]


def _live_state(stage: Stage) -> tuple[str, str]:
    shown = _describe_notebook(stage)
    return shown["NotebookInstanceStatus"], shown["InstanceType"]


@pytest.mark.parametrize("state", ["", "desiredState: InService"])
def test_a_notebook_changed_while_in_service(stage: Stage, state: str) -> None:
    """One step with all three calls and the interruption; they are made in their order, and it runs again."""
    stage.apply(_notebook(more=state))
    plan = stage.plan(_notebook("ml.t3.large", state))
    assert _planned_calls(plan) == UPDATE
    assert any(
        "stopped for the change" in each.message for each in step_of(plan, "NotebookInstance/desk").effects
    )
    stage.forget_calls()
    assert stage.apply(_notebook("ml.t3.large", state)).convergence is Convergence.SETTLED
    assert stage.mutations() == UPDATE
    assert _live_state(stage) == ("InService", "ml.t3.large")
    assert acting_steps(stage.plan(_notebook("ml.t3.large", state))) == {}


def test_a_stopped_notebook_stays_stopped(stage: Stage) -> None:
    """Without a desired state the instance keeps its state, also after a change; with one it is started."""
    stage.apply(_notebook())
    stage.client().stop_notebook_instance(NotebookInstanceName="desk")
    stage.wait(100)
    assert acting_steps(stage.plan(_notebook())) == {}
    stage.forget_calls()
    stage.apply(_notebook("ml.t3.large"))
    assert stage.mutations() == ["UpdateNotebookInstance"]
    assert _live_state(stage) == ("Stopped", "ml.t3.large")
    assert _planned_calls(stage.plan(_notebook("ml.t3.xlarge", "desiredState: InService"))) == UPDATE[1:]
    stage.apply(_notebook("ml.t3.xlarge", "desiredState: InService"))
    assert _live_state(stage) == ("InService", "ml.t3.xlarge")


def test_a_notebook_with_desired_state_stopped(stage: Stage) -> None:
    """A change together with the state Stopped leaves it stopped; a removed member is removed by its switch."""
    stage.apply(_notebook(more="defaultCodeRepository: 'https://example.com/n.git'"))
    stage.forget_calls()
    stage.apply(_notebook(more="desiredState: Stopped"))
    assert stage.mutations() == UPDATE[:2]
    assert _describe_notebook(stage)["NotebookInstanceStatus"] == "Stopped"
    assert "DefaultCodeRepository" not in _describe_notebook(stage)


def test_a_dropped_member_is_removed_after_the_stop(stage: Stage) -> None:
    """After the stop the next pass still has the dropped member as owned, and removes it by its switch."""
    stage.apply(_notebook(more="defaultCodeRepository: 'https://example.com/n.git'"))
    stage.forget_calls()
    assert stage.apply(_notebook()).convergence is Convergence.SETTLED
    assert stage.mutations() == UPDATE
    assert "DefaultCodeRepository" not in _describe_notebook(stage)


@pytest.mark.parametrize("number", range(3))
def test_killed_between_the_calls_the_notebook_runs_at_the_end(stage: Stage, number: int) -> None:
    """The pass after a run that ended at any of the three calls starts what was stopped."""
    stage.apply(_notebook())

    def end(call: Call) -> None:
        if call.operation == UPDATE[number]:
            stage.before_call = lambda _: None
            stage.cloud_now(call)
            raise KeyboardInterrupt

    stage.before_call = end
    with pytest.raises(KeyboardInterrupt):
        stage.apply(_notebook("ml.t3.large"))
    stage.wait(600)
    assert stage.apply(_notebook("ml.t3.large")).convergence is Convergence.SETTLED
    assert _live_state(stage) == ("InService", "ml.t3.large")
    assert acting_steps(stage.plan(_notebook("ml.t3.large"))) == {}


def test_a_notebook_is_started_again_after_a_refused_update(stage: Stage) -> None:
    """A volume can't shrink: the refusal is reported, and with the old document the instance is started again."""
    stage.apply(_notebook(more="volumeSizeInGB: 20"))
    report = stage.apply(_notebook(more="volumeSizeInGB: 10"))
    assert report.convergence is Convergence.STUCK
    assert any("decreased" in each.message for each in report.outcomes)
    assert _describe_notebook(stage)["NotebookInstanceStatus"] == "Stopped"
    assert stage.apply(_notebook(more="volumeSizeInGB: 20")).convergence is Convergence.SETTLED
    assert _describe_notebook(stage)["NotebookInstanceStatus"] == "InService"


def test_a_running_notebook_is_stopped_and_deleted(stage: Stage) -> None:
    """Destroy shows both calls, and the volume that is lost; so does a replacement under the same name."""
    document = _notebook(more="subnetId: subnet-1", policy="replace: Allow")
    stage.apply(document)
    changed = document.replace("subnet-1", "subnet-2")
    plan = stage.plan(changed)
    assert step_of(plan, "NotebookInstance/desk").action is Action.REPLACE
    assert _planned_calls(plan) == [
        "StopNotebookInstance",
        "DeleteNotebookInstance",
        "CreateNotebookInstance",
    ]
    assert stage.apply(changed).convergence is Convergence.SETTLED
    assert (_describe_notebook(stage)["SubnetId"], _describe_notebook(stage)["NotebookInstanceStatus"]) == (
        "subnet-2",
        "InService",
    )
    stage.forget_calls()
    assert stage.destroy(changed).convergence is Convergence.SETTLED
    assert stage.mutations() == ["StopNotebookInstance", "DeleteNotebookInstance"]
    assert stage.sandbox.resources() == ()


def test_a_failed_notebook_is_not_recreated(stage: Stage) -> None:
    """An instance that failed to start is updated and started, and never deleted: its volume may have users' files."""
    stage.apply(_notebook())
    stage.sandbox.inject(InjectedFault.FAIL, operation="StartNotebookInstance", reason="no capacity")
    assert stage.apply(_notebook("ml.t3.large")).convergence is Convergence.STUCK
    assert _describe_notebook(stage)["NotebookInstanceStatus"] == "Failed"
    stage.forget_calls()
    assert (
        stage.apply(_notebook("ml.t3.xlarge", "desiredState: InService")).convergence is Convergence.SETTLED
    )
    assert stage.mutations() == UPDATE[1:]
    assert _live_state(stage) == ("InService", "ml.t3.xlarge")
