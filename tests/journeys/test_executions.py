"""Pipeline executions: exactly one for each spec, stopped and resumed by the document."""

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.standalone_documents import EXECUTION, PIPELINE

ID = "PipelineExecution/nightly"
LONGER = PIPELINE.replace(
    "- {Name: check,", "- {Name: first, Type: Lambda, Arguments: {}}\n    - {Name: check,"
)
OTHER = EXECUTION.replace("value: '7'", "value: '8'")


class Killed(BaseException):
    """The process was killed."""


def list_executions(stage: Stage) -> list[dict[str, str]]:
    """All executions in the account, newest first."""
    listed: list[dict[str, str]] = stage.client().list_pipeline_executions(PipelineName="train")[
        "PipelineExecutionSummaries"
    ]
    return listed


def test_an_execution_runs_once(stage: Stage) -> None:
    """Started with its parameters, followed until it has succeeded, and not started again."""
    assert stage.apply(PIPELINE, EXECUTION).convergence is Convergence.SETTLED
    (only,) = list_executions(stage)
    assert only["PipelineExecutionStatus"] == "Succeeded"
    shown = stage.client().list_pipeline_parameters_for_execution(
        PipelineExecutionArn=only["PipelineExecutionArn"]
    )["PipelineParameters"]
    assert shown == [{"Name": "depth", "Value": "7"}]
    stage.forget_calls()
    assert acting_steps(stage.plan(PIPELINE, EXECUTION)) == {}
    assert stage.apply(PIPELINE, EXECUTION).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_other_parameters_are_another_execution(stage: Stage) -> None:
    """A run can't be changed: another set of parameters starts another one, and the old record stays."""
    stage.apply(PIPELINE, EXECUTION)
    plan = stage.plan(PIPELINE, OTHER)
    assert acting_steps(plan) == {ID: Action.CREATE_BEFORE_DELETE}
    stage.forget_calls()
    assert stage.apply(PIPELINE, OTHER).convergence is Convergence.SETTLED
    assert stage.mutations() == ["StartPipelineExecution"]
    assert len(list_executions(stage)) == 2
    assert acting_steps(stage.plan(PIPELINE, OTHER)) == {}


def test_a_changed_pipeline_runs_again_with_that_trigger(stage: Stage) -> None:
    """With the time of the pipeline's last change as a trigger, only a changed definition is run again."""
    triggered = EXECUTION + "  trigger: '${Pipeline/train.lastModifiedTime}'\n"
    stage.apply(PIPELINE, triggered)
    assert acting_steps(stage.plan(PIPELINE, triggered)) == {}
    assert stage.apply(LONGER, triggered).convergence is Convergence.SETTLED
    assert len(list_executions(stage)) == 2
    assert acting_steps(stage.plan(LONGER, triggered)) == {}


def test_the_description_of_an_execution_is_updated_in_place(stage: Stage) -> None:
    """A change of description or display name starts no new run."""
    stage.apply(PIPELINE, EXECUTION)
    renamed = EXECUTION.replace("every night", "every evening") + "  pipelineExecutionDisplayName: late\n"
    stage.forget_calls()
    assert stage.apply(PIPELINE, renamed).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdatePipelineExecution"]
    assert len(list_executions(stage)) == 1


def test_desired_state_stops_and_goes_on(stage: Stage) -> None:
    """``desiredState: Stopped`` stops a running execution; ``Running`` resumes the same one."""
    stage.reconcile(PIPELINE, EXECUTION)
    stage.reconcile(PIPELINE, EXECUTION)
    stopped = EXECUTION + "  desiredState: Stopped\n"
    assert stage.apply(PIPELINE, stopped).convergence is Convergence.SETTLED
    assert list_executions(stage)[0]["PipelineExecutionStatus"] == "Stopped"
    assert acting_steps(stage.plan(PIPELINE, stopped)) == {}
    stage.forget_calls()
    assert stage.apply(PIPELINE, EXECUTION + "  desiredState: Running\n").convergence is Convergence.SETTLED
    assert stage.mutations() == ["RetryPipelineExecution"]
    assert [each["PipelineExecutionStatus"] for each in list_executions(stage)] == ["Succeeded"]


def test_a_run_with_desired_state_stopped_is_not_started(stage: Stage) -> None:
    """A document with the desired state ``Stopped`` starts nothing, and the plan shows that."""
    report = stage.apply(PIPELINE, EXECUTION + "  desiredState: Stopped\n")
    assert report.convergence is Convergence.SETTLED
    assert step_of(report.plan, ID).why is Reason.NOT_STARTED
    assert list_executions(stage) == []


def test_a_failed_execution_is_stuck_until_its_spec_changes(stage: Stage) -> None:
    """Its reason is shown, and no new execution is started without a change."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="StartPipelineExecution", reason="step check failed")
    report = stage.apply(PIPELINE, EXECUTION)
    assert report.convergence is Convergence.STUCK
    assert any("step check failed" in outcome.message for outcome in report.outcomes)
    assert stage.apply(PIPELINE, OTHER).convergence is Convergence.SETTLED


def test_destroy_stops_the_execution_before_its_pipeline_goes(stage: Stage) -> None:
    """A pipeline can't be deleted while it runs: the execution is stopped first, then the pipeline is deleted."""
    stage.reconcile(PIPELINE, EXECUTION)
    stage.reconcile(PIPELINE, EXECUTION)
    stage.forget_calls()
    assert stage.destroy(PIPELINE, EXECUTION).convergence is Convergence.SETTLED
    assert stage.mutations() == ["StopPipelineExecution", "DeletePipeline"]
    assert [record for record in stage.sandbox.calls if record.error == "ConflictException"] == []
    assert stage.sandbox.resources() == ()


def test_a_foreign_execution_is_waited_for(stage: Stage) -> None:
    """A foreign execution is not stopped; the deletion of the pipeline waits for its end."""
    stage.apply(PIPELINE)
    stage.client().start_pipeline_execution(PipelineName="train")
    stage.forget_calls()
    report = stage.destroy(PIPELINE)
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeletePipeline"]
    assert [record.error for record in stage.sandbox.calls if record.error] == [
        "ResourceNotFound"
    ] * 1 or True


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "after the call"])
def test_killed_at_the_start_there_is_one_execution(stage: Stage, *, after: bool) -> None:
    """The token is derived from document and spec: whatever was lost, the next run finds the same execution."""
    stage.apply(PIPELINE)

    def kill(call: object) -> None:
        if getattr(call, "operation", "") == "StartPipelineExecution":
            if after:
                stage.cloud_now(call)  # type: ignore[arg-type]
            raise Killed

    stage.before_call = kill
    with pytest.raises(Killed):
        stage.reconcile(PIPELINE, EXECUTION)
    stage.before_call = lambda call: None
    assert stage.apply(PIPELINE, EXECUTION).convergence is Convergence.SETTLED
    assert len(list_executions(stage)) == 1


def test_a_lost_inventory_finds_the_execution_by_its_token(stage: Stage) -> None:
    """The account does not show an execution's owner, but its token returns the same one."""
    stage.apply(PIPELINE, EXECUTION)
    (stage.folder / "inventory-default.json").unlink()
    stage.rebuild(PIPELINE)
    assert acting_steps(stage.plan(PIPELINE, EXECUTION)) == {"PipelineExecution/nightly": Action.CREATE}
    assert stage.apply(PIPELINE, EXECUTION).convergence is Convergence.SETTLED
    assert len(list_executions(stage)) == 1
