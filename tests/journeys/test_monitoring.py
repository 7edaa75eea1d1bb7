"""Monitoring: a schedule is updated to the new generation of its definition, and stopped and started as desired."""

from typing import Any

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import Knobs, Sandbox
from tests.journeys.documents import job_definition, schedule_spec
from tests.journeys.stage import Stage, acting_steps, document_text, step_of
from tests.kinds.cases_monitoring import MACHINES

SCHEDULE = "MonitoringSchedule/hourly"


def _definition(machine: str = "ml.m5.large") -> str:
    return document_text(
        "DataQualityJobDefinition", "fraud", job_definition("DataQuality") + MACHINES % machine
    )


def _schedule(state: str = "", expression: str = "cron(0 * ? * * *)") -> str:
    desired = f"\ndesiredState: {state}" if state else ""
    return document_text("MonitoringSchedule", "hourly", schedule_spec(expression) + desired)


def _describe_schedule(stage: Stage) -> dict[str, Any]:
    return dict(stage.client().describe_monitoring_schedule(MonitoringScheduleName="hourly"))


def _definition_names(stage: Stage) -> list[str]:
    listed = stage.client().list_data_quality_job_definitions()["JobDefinitionSummaries"]
    return [each["MonitoringJobDefinitionName"] for each in listed]


def test_a_job_definition_changed_under_a_running_schedule(stage: Stage) -> None:
    """One plan: a new generation, the schedule's update, and the deletion of the old one after that update."""
    stage.apply(_definition(), _schedule())
    (old,) = _definition_names(stage)
    changed = (_definition("ml.m5.xlarge"), _schedule())
    assert acting_steps(stage.plan(*changed)) == {
        "DataQualityJobDefinition/fraud": Action.CREATE_BEFORE_DELETE,
        SCHEDULE: Action.UPDATE,
        f"DataQualityJobDefinition/fraud@{old}": Action.DELETE,
    }
    seen: list[str] = []

    def look(call: Call) -> None:
        if call.operation == "DeleteDataQualityJobDefinition":
            seen.append(_describe_schedule(stage)["MonitoringScheduleStatus"])

    stage.before_call = look
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert stage.mutations() == [
        "CreateDataQualityJobDefinition",
        "UpdateMonitoringSchedule",
        "DeleteDataQualityJobDefinition",
    ]
    assert seen == ["Scheduled"]
    (new,) = _definition_names(stage)
    assert new != old
    assert _describe_schedule(stage)["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"] == new


def test_a_foreign_schedule_keeps_the_old_definition(stage: Stage) -> None:
    """A schedule without a document runs the old generation: the generation stays, and its user is reported."""
    stage.apply(_definition(), _schedule())
    (old,) = _definition_names(stage)
    config = {"MonitoringJobDefinitionName": old, "MonitoringType": "DataQuality"}
    stage.client().create_monitoring_schedule(
        MonitoringScheduleName="stranger", MonitoringScheduleConfig=config
    )
    stage.wait(60)
    report = stage.apply(_definition("ml.m5.xlarge"), _schedule())
    assert report.convergence is Convergence.SETTLED
    assert old in _definition_names(stage)
    assert any("stranger" in str(each.message) for each in report.outcomes)


def test_a_schedule_of_another_sort_uses_no_definition_of_its_name(stage: Stage) -> None:
    """Definitions of two types may have one name: the schedule of one does not keep the other."""
    stage.apply(_definition(), _schedule())
    (old,) = _definition_names(stage)
    aws = stage.client()
    shown = aws.describe_data_quality_job_definition(JobDefinitionName=old)
    aws.create_model_explainability_job_definition(
        JobDefinitionName=old,
        ModelExplainabilityAppSpecification={"ImageUri": "i", "ConfigUri": "s3://b/c"},
        ModelExplainabilityJobInput=shown["DataQualityJobInput"],
        ModelExplainabilityJobOutputConfig=shown["DataQualityJobOutputConfig"],
        JobResources=shown["JobResources"],
        RoleArn=shown["RoleArn"],
    )
    config = {"MonitoringJobDefinitionName": old, "MonitoringType": "ModelExplainability"}
    aws.create_monitoring_schedule(MonitoringScheduleName="other", MonitoringScheduleConfig=config)
    stage.wait(60)
    assert stage.apply(_definition("ml.m5.xlarge"), _schedule()).convergence is Convergence.SETTLED
    assert old not in _definition_names(stage)


def test_a_schedule_is_created_stopped_in_one_run(stage: Stage) -> None:
    """The plan shows both calls; the Stop is sent once the creation is done, and the next plan is empty."""
    documents = (_definition(), _schedule("Stopped"))
    calls = [call.operation for call in step_of(stage.plan(*documents), SCHEDULE).calls]
    assert calls == ["CreateMonitoringSchedule", "StopMonitoringSchedule"]
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert _describe_schedule(stage)["MonitoringScheduleStatus"] == "Stopped"
    assert stage.mutations()[-2:] == ["CreateMonitoringSchedule", "StopMonitoringSchedule"]
    assert acting_steps(stage.plan(*documents)) == {}


def test_a_change_and_a_start_are_one_step(stage: Stage) -> None:
    """A stopped schedule whose time changes is updated and then started, each call after the one before is done."""
    stage.apply(_definition(), _schedule("Stopped"))
    changed = (_definition(), _schedule("Scheduled", "cron(0 6 ? * * *)"))
    planned = step_of(stage.plan(*changed), SCHEDULE)
    assert [call.operation for call in planned.calls] == [
        "UpdateMonitoringSchedule",
        "StartMonitoringSchedule",
    ]
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert [(each.operation, each.error) for each in stage.sandbox.calls if each.mutating] == [
        ("UpdateMonitoringSchedule", None),
        ("StartMonitoringSchedule", None),
    ]
    assert _describe_schedule(stage)["MonitoringScheduleStatus"] == "Scheduled"


def test_a_stopped_schedule_is_started_only_with_a_desired_state(stage: Stage) -> None:
    """Without desiredState the schedule is left as it is; with it a foreign Stop is drift."""
    stage.apply(_definition(), _schedule("Scheduled"))
    stage.client().stop_monitoring_schedule(MonitoringScheduleName="hourly")
    stage.wait(60)
    assert acting_steps(stage.plan(_definition(), _schedule())) == {}
    planned = step_of(stage.plan(_definition(), _schedule("Scheduled")), SCHEDULE)
    assert (planned.action, planned.why) == (Action.UPDATE, Reason.LIVE_DIFFERS)
    assert stage.apply(_definition(), _schedule()).convergence is Convergence.SETTLED
    assert _describe_schedule(stage)["MonitoringScheduleStatus"] == "Stopped"
    assert stage.apply(_definition(), _schedule("Scheduled")).convergence is Convergence.SETTLED
    assert _describe_schedule(stage)["MonitoringScheduleStatus"] == "Scheduled"


def test_a_stop_of_an_update_that_starts_the_schedule(stage: Stage) -> None:
    """If UpdateMonitoringSchedule starts a stopped schedule, a document with the state Stopped stops it again."""
    stage.sandbox = Sandbox(knobs=Knobs(update_starts_schedule=True))
    stage.apply(_definition(), _schedule("Stopped"))
    changed = (_definition(), _schedule("Stopped", "cron(0 6 ? * * *)"))
    stage.apply(*changed)
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert _describe_schedule(stage)["MonitoringScheduleStatus"] == "Stopped"


def test_a_change_waits_for_the_execution_at_work(stage: Stage) -> None:
    """Update and deletion are refused while an execution runs, and retried until it has ended."""
    stage.sandbox = Sandbox(knobs=Knobs(monitoring_execution=600))
    stage.apply(_definition(), _schedule())
    changed = (_definition(), _schedule(expression="cron(0 6 ? * * *)"))
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert any(each.error for each in stage.sandbox.calls if each.operation == "UpdateMonitoringSchedule")
    assert stage.destroy(*changed).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()
