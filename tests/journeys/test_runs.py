"""Runs: once for each spec, followed to their end, stopped when they are not desired; records are kept."""

import pytest

from controller.core.phase import Action, Convergence, Phase
from controller.core.reason import Reason
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import model
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.standalone_documents import (
    ALGORITHM,
    COMPILATION_JOB,
    PROCESSING_JOB,
    TRAINING_JOB,
    TRANSFORM_JOB,
)
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

ALONE = TRAINING_JOB.replace("  experimentConfig: {experimentName: churn, trialName: first}\n", "")
DEEPER = ALONE.replace("depth: '6'", "depth: '8'")
SELF_MADE = PROCESSING_JOB.split("  processingOutputConfig")[0]


def job_names(stage: Stage, kind: str = "TrainingJob") -> list[str]:
    """The runs of a kind in the account, oldest first."""
    answer = getattr(stage.client(), f"list_{'_'.join(kind[:-3].lower().split())}_jobs")(
        SortBy="CreationTime"
    )
    return [each[f"{kind}Name"] for each in answer[f"{kind}Summaries"]]


def test_a_run_is_started_once_and_followed_to_its_end(stage: Stage) -> None:
    """Applied until it has completed, and never started again."""
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.SETTLED
    (name,) = job_names(stage)
    assert name.startswith("churn-")
    assert stage.client().describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Completed"
    stage.forget_calls()
    assert acting_steps(stage.plan(ALGORITHM, ALONE)) == {}
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_another_spec_runs_anew_and_keeps_the_record(stage: Stage) -> None:
    """A changed spec is a run with another name; the finished one's entry is removed, and its record stays."""
    stage.apply(ALGORITHM, ALONE)
    plan = stage.plan(ALGORITHM, DEEPER)
    assert step_of(plan, "TrainingJob/churn").action is Action.CREATE_BEFORE_DELETE
    assert [change.path for change in step_of(plan, "TrainingJob/churn").changes] == [
        ("HyperParameters", "depth")
    ]
    assert stage.apply(ALGORITHM, DEEPER).convergence is Convergence.SETTLED
    assert len(job_names(stage)) == 2
    assert acting_steps(stage.plan(ALGORITHM, DEEPER)) == {}
    assert stage.inventory().of(step_of(plan, "TrainingJob/churn").ref).old == ()


def test_the_earlier_run_is_stopped_when_another_takes_over(stage: Stage) -> None:
    """A run in progress whose spec was replaced costs money: it is stopped once the new one has started."""
    stage.reconcile(ALGORITHM, ALONE)
    stage.wait(130)
    stage.reconcile(ALGORITHM, ALONE)
    stage.forget_calls()
    assert stage.apply(ALGORITHM, DEEPER).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateTrainingJob", "StopTrainingJob"]


def test_going_back_to_an_earlier_spec_runs_nothing(stage: Stage) -> None:
    """The record of the earlier run counts as its run: nothing is started."""
    for spec in (ALONE, DEEPER):
        stage.apply(ALGORITHM, spec)
    stage.forget_calls()
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_a_trigger_runs_the_same_spec_anew(stage: Stage) -> None:
    """``trigger`` is never sent, and another text of it is another run."""
    stage.apply(ALGORITHM, ALONE)
    again = ALONE + "  trigger: second time\n"
    stage.forget_calls()
    assert stage.apply(ALGORITHM, again).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateTrainingJob"]
    assert all("Trigger" not in record.params for record in stage.sandbox.calls)
    assert acting_steps(stage.plan(ALGORITHM, again)) == {}


def test_a_deleted_record_is_not_run_again(stage: Stage) -> None:
    """After a foreign deletion of its record a run is not repeated, and the plan shows that."""
    stage.apply(ALGORITHM, ALONE)
    stage.client().delete_training_job(TrainingJobName=job_names(stage)[0])
    stage.wait(60)
    stage.forget_calls()
    report = stage.apply(ALGORITHM, ALONE)
    assert report.convergence is Convergence.SETTLED
    assert step_of(report.plan, "TrainingJob/churn").why is Reason.ALREADY_RAN
    assert stage.mutations() == []


def test_a_failed_run_is_shown_failed_and_not_retried(stage: Stage) -> None:
    """A failure needs a person: another spec, or trigger, starts it again."""
    stage.sandbox.inject(
        InjectedFault.FAIL, operation="CreateTrainingJob", reason="AlgorithmError: no memory"
    )
    report = stage.apply(ALGORITHM, ALONE)
    assert report.convergence is Convergence.STUCK
    (outcome,) = [each for each in report.outcomes if each.step.ref.kind == "TrainingJob"]
    assert "no memory" in outcome.message
    stage.forget_calls()
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.STUCK
    assert stage.mutations() == []
    assert stage.apply(ALGORITHM, ALONE + "  trigger: more memory\n").convergence is Convergence.SETTLED


def test_a_stopped_run_is_stuck(stage: Stage) -> None:
    """A stopped run has no result, and is not repeated by itself."""
    stage.reconcile(ALGORITHM, ALONE)
    stage.wait(130)
    stage.reconcile(ALGORITHM, ALONE)
    stage.client().stop_training_job(TrainingJobName=job_names(stage)[0])
    report = stage.apply(ALGORITHM, ALONE)
    assert report.convergence is Convergence.STUCK
    assert any("it was stopped" in outcome.message for outcome in report.outcomes)


def test_destroy_stops_a_running_run_and_keeps_its_record(stage: Stage) -> None:
    """Stop, wait, remove the entry: the record of the run stays unless its deletion was requested."""
    stage.reconcile(SELF_MADE)
    plan = stage.plan(SELF_MADE, destroy=True)
    assert step_of(plan, "ProcessingJob/prepare").action is Action.STOP
    stage.forget_calls()
    assert stage.destroy(SELF_MADE).convergence is Convergence.SETTLED
    assert stage.mutations() == ["StopProcessingJob"]
    assert (
        stage.client().list_processing_jobs()["ProcessingJobSummaries"][0]["ProcessingJobStatus"] == "Stopped"
    )
    assert stage.inventory().entries == {}


def test_destroy_deletes_the_record_by_policy(stage: Stage) -> None:
    """``policy.deletion: Delete`` deletes the record too, after the run was stopped."""
    request = SELF_MADE + "policy: {deletion: Delete}\n"
    stage.reconcile(request)
    stage.forget_calls()
    assert stage.destroy(request).convergence is Convergence.SETTLED
    assert stage.mutations() == ["StopProcessingJob", "DeleteProcessingJob"]
    assert stage.sandbox.resources() == ()


def test_pruned_runs_follow_the_last_policy_of_their_document(stage: Stage) -> None:
    """The last policy of a removed document decides what happens to its record."""
    kept, deleted = COMPILATION_JOB, SELF_MADE + "policy: {deletion: Delete}\n"
    stage.apply(kept, deleted)
    stage.forget_calls()
    report = stage.apply(prune=True, confirm_deletes=1)
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteProcessingJob"]
    assert stage.inventory().entries == {}


def test_a_run_with_an_explicit_name_is_not_overwritten(stage: Stage) -> None:
    """A run with an explicit name refuses another spec, and is replaced if the document allows that."""
    pinned = ALONE.replace("spec:\n", "spec:\n  trainingJobName: churn\n")
    assert stage.apply(ALGORITHM, pinned).convergence is Convergence.SETTLED
    changed = pinned.replace("depth: '6'", "depth: '8'")
    refused = stage.apply(ALGORITHM, changed)
    assert refused.convergence is Convergence.STUCK
    assert step_of(refused.plan, "TrainingJob/churn").why is Reason.IMMUTABLE
    stage.forget_calls()
    assert stage.apply(ALGORITHM, changed + "policy: {replace: Allow}\n").convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteTrainingJob", "CreateTrainingJob"]


def test_the_updatable_members_of_a_running_job_are_updated(stage: Stage) -> None:
    """The profiler of a running job is updated in place; that of an ended one is not changed."""
    profiled = (
        ALONE + "  profilerConfig: {s3OutputPath: 's3://bucket/p', profilingIntervalInMilliseconds: %d}\n"
    )
    stage.reconcile(ALGORITHM, profiled % 500)
    stage.wait(200)
    stage.reconcile(ALGORITHM, profiled % 500)
    stage.wait(200)
    assert stage.reconcile(ALGORITHM, profiled % 500).observed is not None
    stage.forget_calls()
    report = stage.reconcile(ALGORITHM, profiled % 1000)
    assert stage.mutations() == ["UpdateTrainingJob"], [o.message for o in report.outcomes]
    stage.apply(ALGORITHM, profiled % 1000)
    stage.forget_calls()
    assert stage.apply(ALGORITHM, profiled % 2000).convergence is Convergence.SETTLED
    assert stage.mutations() == []


_LATE = [
    (kind, member)
    for kind, case in CASES.items()
    for member in case.changes
    if contract(kind).kind.write.updatable_in_phase.get(member) is Phase.CHANGING
]


@pytest.mark.parametrize(("kind", "member"), _LATE)
def test_a_plan_names_what_an_ended_run_no_longer_takes(stage: Stage, kind: str, member: str) -> None:
    """Nothing is changed, and it is not silent about the difference, in each plan until the document changes."""
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.changes[member])
    stage.apply(*case.needs, before)
    stage.wait(30 * 86400)
    stage.apply(*case.needs, before)
    assert step_of(stage.plan(*case.needs, before), f"{kind}/{case.name}").detail == ""
    for _ in range(2):
        stage.forget_calls()
        assert stage.apply(*case.needs, after).convergence is Convergence.SETTLED
        assert stage.mutations() == []
        step = step_of(stage.plan(*case.needs, after), f"{kind}/{case.name}")
        assert step.action is Action.NOOP
        assert step.detail.startswith(
            f"{member[0].lower()}{member[1:]} differs, which only a run in progress takes"
        )


def test_the_warm_pool_of_an_ended_job_can_be_released(stage: Stage) -> None:
    """A change of the keep-alive period is an update of the finished job, not another training job."""
    warm = ALONE.replace("volumeSizeInGB: 10}", "volumeSizeInGB: 10, keepAlivePeriodInSeconds: %d}")
    stage.apply(ALGORITHM, warm % 3600)
    plan = stage.plan(ALGORITHM, warm % 60)
    assert acting_steps(plan) == {"TrainingJob/churn": Action.UPDATE}
    stage.forget_calls()
    stage.apply(ALGORITHM, warm % 60)
    assert stage.mutations() == ["UpdateTrainingJob"]
    (update,) = [record for record in stage.sandbox.calls if record.operation == "UpdateTrainingJob"]
    assert update.params["ResourceConfig"] == {"KeepAlivePeriodInSeconds": 60}


def test_the_output_of_a_run_is_used_by_a_model(stage: Stage) -> None:
    """A model uses the artifacts of a training job that has not ended: one apply creates both."""
    made = model("'${TrainingJob/churn.modelArtifacts.s3ModelArtifacts}'")
    report = stage.apply(ALGORITHM, ALONE, made)
    assert report.convergence is Convergence.SETTLED
    (shown,) = stage.client().list_models()["Models"]
    data = stage.client().describe_model(ModelName=shown["ModelName"])["PrimaryContainer"]["ModelDataUrl"]
    assert data.endswith("/output/model.tar.gz")
    assert acting_steps(stage.plan(ALGORITHM, ALONE, made)) == {}


def test_a_model_waits_for_the_transforms_that_read_it(stage: Stage) -> None:
    """A model is not deleted while a batch transform reads it; an ended one does not block."""
    stage.reconcile(model())
    stage.reconcile(model(), TRANSFORM_JOB)
    report = stage.reconcile(prune=True, confirm_deletes=2)
    outcomes = {outcome.step.ref.kind: outcome.result for outcome in report.outcomes}
    assert outcomes["TransformJob"] is Result.STARTED
    assert outcomes["Model"] is Result.WAITING
    stage.wait(300)
    assert stage.apply(prune=True, confirm_deletes=1).convergence is Convergence.SETTLED
    assert stage.client().list_models()["Models"] == []


def test_an_inventory_that_was_lost_starts_no_second_run(stage: Stage) -> None:
    """The name identifies the spec, and the tags the owner."""
    stage.apply(ALGORITHM, ALONE)
    (stage.folder / "inventory-default.json").unlink()
    stage.forget_calls()
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.STUCK
    assert stage.mutations() == []
    stage.rebuild(ALGORITHM, ALONE)
    assert stage.apply(ALGORITHM, ALONE).convergence is Convergence.SETTLED
    assert stage.mutations() == []


@pytest.mark.parametrize("document", [ALONE, COMPILATION_JOB])
def test_the_statuses_of_every_run_are_read(stage: Stage, document: str) -> None:
    """Whatever the letter case of the status, a run is in progress and then done."""
    stage.reconcile(ALGORITHM, document)
    stage.wait(130)
    stage.reconcile(ALGORITHM, document)
    observed = stage.reconcile(ALGORITHM, document).observed
    assert observed is not None
    assert {live.phase for ref, live in observed.live.items() if ref.kind != "Algorithm"} == {Phase.CHANGING}
    assert stage.apply(ALGORITHM, document).convergence is Convergence.SETTLED


def test_a_foreign_job_is_not_adopted(stage: Stage) -> None:
    """A fixed name that another user has used is reported, and not changed."""
    stage.client().create_processing_job(
        ProcessingJobName="prepare",
        ProcessingResources={
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        AppSpecification={"ImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"},
        RoleArn="arn:aws:iam::123456789012:role/sagemaker",
    )
    mine = SELF_MADE.replace("spec:\n", "spec:\n  processingJobName: prepare\n")
    report = stage.apply(mine)
    assert report.convergence is Convergence.STUCK
    assert step_of(report.plan, "ProcessingJob/prepare").why is Reason.NOT_OWNED


RECORDED = [
    kind
    for kind in CASES
    if (row := KINDS[kind].lifecycle).runs and row.generations is not None and contract(kind).taggable
]


@pytest.mark.parametrize("kind", walk(RECORDED))
def test_the_record_of_a_destroyed_run_is_not_changed_and_what_differs_is_named(
    stage: Stage, kind: str
) -> None:
    """Of every kind of run with tags: destroyed and restored, it is not repeated; other tags are left to a person."""
    case, mine = CASES[kind], f"{kind}/{CASES[kind].name}"
    member = next((each for each in case.changes if each not in case.during), "")
    rest = next(iter(case.changes.values()), case.frozen)[0]
    tags = f"{rest}\ntags: {{team: risk}}", f"{rest}\ntags: {{team: fraud}}"
    before, after = case.changes.get(member, tags)
    stage.apply(*case.needs, case.document(kind, before))
    stage.destroy(*case.needs, case.document(kind, before))
    stage.apply(*case.needs)
    stage.forget_calls()
    again = step_of(stage.plan(*case.needs, case.document(kind, before)), mine)
    assert (again.action, again.why) == (Action.NOOP, Reason.ALREADY_RAN)
    other = step_of(stage.plan(*case.needs, case.document(kind, after)), mine)
    assert (other.action, other.why, other.calls) == (Action.BLOCKED, Reason.NOT_IN_INVENTORY, ())
    assert other.changes
    stage.apply(*case.needs, case.document(kind, after))
    assert stage.mutations() == []
    stage.apply(*case.needs, case.document(kind, after, "adopt: Always"))
    assert f"Create{kind}" not in stage.mutations()
    assert stage.mutations()
    settled = step_of(stage.plan(*case.needs, case.document(kind, after)), mine)
    assert (settled.action, settled.why) == (Action.NOOP, Reason.READY)
