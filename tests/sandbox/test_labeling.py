import hashlib
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal
from tests.sandbox.newcomers import LABELING, S3, VENDOR, make, status, wait_until_idle

COGNITO = {"ClientId": "client", "UserPool": "us-east-1_pool"}
TEAM = [{"CognitoMemberDefinition": {"UserPool": "us-east-1_pool", "UserGroup": "g", "ClientId": "client"}}]
HERE = "arn:aws:sagemaker:us-east-1:123456789012"
MINE = f"{HERE}:workteam/private-crowd/cats"
LAMBDA = "arn:aws:lambda:us-east-1:432418664414:function:"
PRICE = {"AmountInUsd": {"Dollars": 0, "Cents": 3, "TenthFractionsOfACent": 6}}
PUBLIC = "arn:aws:sagemaker:us-east-1:394669845002:workteam/public-crowd/default"


def task_config(**more: Any) -> dict[str, Any]:
    """Return the task configuration of a labeling job."""
    return {**LABELING["HumanTaskConfig"], **more}


@pytest.fixture
def work_team(sandbox: Sandbox, aws: Any) -> Any:
    """Make a private work team."""
    aws.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    sandbox.clock.advance(100)
    aws.create_workteam(WorkteamName="cats", Description="d", MemberDefinitions=TEAM)
    return aws


def test_a_user_interface_shows_its_digest_and_never_its_content(sandbox: Sandbox, aws: Any) -> None:
    """Describe shows the SHA-256 of the template; a deleted one is Deleting before it is gone."""
    make(aws, "HumanTaskUi")
    shown = aws.describe_human_task_ui(HumanTaskUiName="one")
    assert set(shown["UiTemplate"]) == {"Url", "ContentSha256"}
    assert shown["UiTemplate"]["ContentSha256"] == hashlib.sha256(b"<p>cat?</p>").hexdigest()
    assert shown["HumanTaskUiStatus"] == "Active"
    aws.delete_human_task_ui(HumanTaskUiName="one")
    assert status(aws, "HumanTaskUi") == "Deleting"
    wait_until_idle(sandbox)
    assert refusal(aws.describe_human_task_ui, HumanTaskUiName="one")[0] == "ResourceNotFound"


def test_the_name_of_a_user_interface_is_lower_case(aws: Any) -> None:
    """An upper-case letter breaks the pattern."""
    code, text = refusal(make, aws=aws, kind="HumanTaskUi", name="Cats")
    assert code == "ValidationException"
    assert "'Cats' at 'humanTaskUiName' failed to satisfy constraint" in text


def test_the_counters_of_a_labeling_job_grow_and_add_up(sandbox: Sandbox, aws: Any) -> None:
    """No labels in Initializing; then more and more, until all objects are labeled."""
    make(aws, "LabelingJob")
    assert status(aws, "LabelingJob") == "Initializing"
    seen = []
    for seconds in (60, 90, 200, 3600):
        sandbox.clock.advance(seconds)
        counters = aws.describe_labeling_job(LabelingJobName="one")["LabelCounters"]
        people = counters["HumanLabeled"] + counters["MachineLabeled"]
        assert counters["TotalLabeled"] == people
        assert people + counters["Unlabeled"] + counters["FailedNonRetryableError"] == 100
        seen.append(people)
    assert seen == [0, 10, 40, 100]
    done = aws.describe_labeling_job(LabelingJobName="one")
    assert done["LabelingJobStatus"] == "Completed"
    assert done["LabelingJobOutput"]["OutputDatasetS3Uri"].startswith(f"{S3}/one/")


def test_a_stopped_labeling_job_keeps_what_was_labeled(sandbox: Sandbox, aws: Any) -> None:
    """Stop is refused while Initializing; later the counters stay where they were."""
    make(aws, "LabelingJob")
    assert "is in status Initializing" in refusal(aws.stop_labeling_job, LabelingJobName="one")[1]
    sandbox.clock.advance(300)
    aws.stop_labeling_job(LabelingJobName="one")
    wait_until_idle(sandbox)
    stopped = aws.describe_labeling_job(LabelingJobName="one")
    assert (stopped["LabelingJobStatus"], stopped["LabelCounters"]["TotalLabeled"]) == ("Stopped", 40)


def test_a_knob_lets_an_initializing_job_stop() -> None:
    """With labeling_stops_initializing Stop is taken at once."""
    aws = client_of(Sandbox(knobs=Knobs(labeling_stops_initializing=True)))
    make(aws, "LabelingJob")
    aws.stop_labeling_job(LabelingJobName="one")
    assert status(aws, "LabelingJob") == "Stopping"


def test_a_streaming_job_runs_until_nobody_feeds_it(sandbox: Sandbox, aws: Any) -> None:
    """A job with input from a topic runs for ten days and is then Stopped."""
    feed = {"SnsDataSource": {"SnsTopicArn": "arn:aws:sns:us-east-1:123456789012:feed"}}
    make(aws, "LabelingJob", InputConfig={"DataSource": feed})
    sandbox.clock.advance(9 * 86400)
    assert status(aws, "LabelingJob") == "InProgress"
    sandbox.clock.advance(2 * 86400)
    assert status(aws, "LabelingJob") == "Stopped"


def test_the_name_differs_by_more_than_case(aws: Any) -> None:
    """A labeling job whose name differs only in letter case exists already, and is found by either."""
    make(aws, "LabelingJob", "Cats")
    assert refusal(make, aws=aws, kind="LabelingJob", name="CATS")[0] == "ResourceInUse"
    assert aws.describe_labeling_job(LabelingJobName="cats")["LabelingJobName"] == "Cats"


def test_the_server_fills_in_what_was_left_out(aws: Any) -> None:
    """Describe shows the defaults of a job for a private or a vendor's team."""
    models = {"LabelingJobAlgorithmSpecificationArn": "arn:aws:sagemaker:us-east-1:027400017018:x/y"}
    make(aws, "LabelingJob", LabelingJobAlgorithmsConfig=models)
    shown = aws.describe_labeling_job(LabelingJobName="one")
    assert shown["OutputConfig"] == {"S3OutputPath": S3, "KmsKeyId": ""}
    assert shown["HumanTaskConfig"]["MaxConcurrentTaskCount"] == 1000
    assert shown["HumanTaskConfig"]["TaskAvailabilityLifetimeInSeconds"] == 2592000
    assert shown["StoppingConditions"] == {}
    assert shown["LabelingJobAlgorithmsConfig"]["LabelingJobResourceConfig"] == {}
    assert shown["JobReferenceCode"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"HumanTaskConfig": task_config(WorkteamArn=MINE)}, f"The work team {MINE} does not exist."),
        (
            {"HumanTaskConfig": task_config(UiConfig={"HumanTaskUiArn": f"{HERE}:human-task-ui/ghost"})},
            "Could not find human task UI 'ghost'.",
        ),
        ({"HumanTaskConfig": task_config(UiConfig={})}, "Exactly one of UiTemplateS3Uri and HumanTaskUiArn"),
        ({"InputConfig": {"DataSource": {}}}, "At least one of S3DataSource and SnsDataSource"),
        ({"LabelAttributeName": "cat-metadata"}, "must not end with -metadata"),
        (
            {"HumanTaskConfig": task_config(PreHumanTaskLambdaArn=f"{LAMBDA}PRE-SemanticSegmentation")},
            "must end with -ref for task type SemanticSegmentation",
        ),
        (
            {
                "LabelAttributeName": "cat-ref",
                "HumanTaskConfig": task_config(
                    PreHumanTaskLambdaArn=f"{LAMBDA}PRE-VerificationSemanticSegmentation"
                ),
            },
            "must not end with -ref",
        ),
        ({"HumanTaskConfig": task_config(WorkteamArn=PUBLIC)}, "PublicWorkforceTaskPrice is required"),
        (
            {"HumanTaskConfig": task_config(WorkteamArn=PUBLIC, PublicWorkforceTaskPrice=PRICE)},
            "ContentClassifiers are required",
        ),
    ],
)
def test_what_does_not_fit_is_refused(aws: Any, more: dict[str, Any], text: str) -> None:
    """A labeling job needs a team, one interface, one source, and a label attribute that fits its task."""
    assert text in refusal(make, aws=aws, kind="LabelingJob", **more)[1]


def test_teams_and_interfaces_of_others_are_taken_on_trust(aws: Any) -> None:
    """The teams of vendors and the interfaces of AWS need not exist here; the account's own must."""
    make(aws, "HumanTaskUi")
    named = aws.describe_human_task_ui(HumanTaskUiName="one")["HumanTaskUiArn"]
    theirs = "arn:aws:sagemaker:us-east-1:394669845002:human-task-ui/NamedEntityRecognition"
    for number, arn in enumerate((named, theirs.lower())):
        ui = task_config(UiConfig={"HumanTaskUiArn": arn})
        make(aws, "LabelingJob", f"job{number}", HumanTaskConfig=ui)


def test_the_jobs_of_a_team_are_listed_as_the_team_sees_them(sandbox: Sandbox, work_team: Any) -> None:
    """ListLabelingJobsForWorkteam returns the reference code, the requester and the workers' counters."""
    make(work_team, "LabelingJob", "theirs")
    make(work_team, "LabelingJob", "ours", HumanTaskConfig=task_config(WorkteamArn=MINE))
    sandbox.clock.advance(300)
    (job,) = work_team.list_labeling_jobs_for_workteam(WorkteamArn=MINE)["LabelingJobSummaryList"]
    assert job["LabelingJobName"] == "ours"
    assert job["WorkRequesterAccountId"] == "123456789012"
    assert job["NumberOfHumanWorkersPerDataObject"] == 3
    assert job["LabelCounters"] == {"HumanLabeled": 40, "PendingHuman": 60, "Total": 100}
    code = job["JobReferenceCode"]
    desired = {"WorkteamArn": MINE, "JobReferenceCodeContains": code[-3:]}
    assert len(work_team.list_labeling_jobs_for_workteam(**desired)["LabelingJobSummaryList"]) == 1
    desired["JobReferenceCodeContains"] = "zzz"
    assert work_team.list_labeling_jobs_for_workteam(**desired)["LabelingJobSummaryList"] == []
    stale_row = f"{HERE}:workteam/private-crowd/ghost"
    assert refusal(work_team.list_labeling_jobs_for_workteam, WorkteamArn=stale_row)[0] == "ResourceNotFound"
    assert len(work_team.list_labeling_jobs_for_workteam(WorkteamArn=VENDOR)["LabelingJobSummaryList"]) == 1


def test_a_summary_names_team_and_functions_at_the_top(aws: Any) -> None:
    """ListLabelingJobs returns at the top level what Describe returns in HumanTaskConfig."""
    before, after = f"{LAMBDA}PRE-BoundingBox", f"{LAMBDA}ACS-BoundingBox"
    config = task_config(
        PreHumanTaskLambdaArn=before,
        AnnotationConsolidationConfig={"AnnotationConsolidationLambdaArn": after},
    )
    make(aws, "LabelingJob", HumanTaskConfig=config)
    (job,) = aws.list_labeling_jobs()["LabelingJobSummaryList"]
    assert (job["WorkteamArn"], job["PreHumanTaskLambdaArn"]) == (VENDOR, before)
    assert job["AnnotationConsolidationLambdaArn"] == after


def test_a_team_at_work_cannot_be_deleted(sandbox: Sandbox, work_team: Any) -> None:
    """DeleteWorkteam is refused while a labeling job of the team runs, and taken afterwards."""
    make(work_team, "LabelingJob", HumanTaskConfig=task_config(WorkteamArn=MINE))
    code, text = refusal(work_team.delete_workteam, WorkteamName="cats")
    assert (code, text) == ("ResourceInUse", f"The work team {MINE} is in use by a labeling job.")
    wait_until_idle(sandbox)
    assert work_team.delete_workteam(WorkteamName="cats")["Success"]


def test_a_knob_lets_go_of_a_team_at_work() -> None:
    """With labeled_team_is_kept off, DeleteWorkteam ignores labeling jobs."""
    sandbox = Sandbox(knobs=Knobs(labeled_team_is_kept=False))
    aws = client_of(sandbox)
    aws.create_workforce(WorkforceName="w", CognitoConfig=COGNITO)
    sandbox.clock.advance(100)
    aws.create_workteam(WorkteamName="cats", Description="d", MemberDefinitions=TEAM)
    make(aws, "LabelingJob", HumanTaskConfig=task_config(WorkteamArn=MINE))
    aws.delete_workteam(WorkteamName="cats")
