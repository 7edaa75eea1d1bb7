import json
from typing import Any

import pytest

from tests.cli.conftest import SharedAccount, client
from tests.cli.trees import ROLE
from tests.output.golden_files import assert_golden, without_times

VENDOR = "arn:aws:sagemaker:us-east-1:394669845002:workteam/vendor-crowd/acme"


def start_labeling_job(aws: Any, name: str, team: str) -> None:
    """Start a labeling job."""
    aws.create_labeling_job(
        LabelingJobName=name,
        LabelAttributeName="animal",
        RoleArn=ROLE,
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/manifest"}}},
        OutputConfig={"S3OutputPath": "s3://bucket/out"},
        HumanTaskConfig={
            "WorkteamArn": team,
            "UiConfig": {"UiTemplateS3Uri": "s3://bucket/ui.liquid"},
            "TaskTitle": "animals",
            "TaskDescription": "say which animal it is",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
    )


@pytest.fixture(scope="module")
def labeling_account(shared_account: SharedAccount) -> SharedAccount:
    """An account in which a team labeled cats and dogs, and a vendor labeled birds."""
    aws = client(shared_account.sandbox)
    aws.create_workforce(
        WorkforceName="crowd", CognitoConfig={"UserPool": "us-east-1_abc", "ClientId": "abc"}
    )
    while aws.describe_workforce(WorkforceName="crowd")["Workforce"]["Status"] != "Active":
        pass
    member = {"CognitoMemberDefinition": {"UserPool": "us-east-1_abc", "UserGroup": "a", "ClientId": "abc"}}
    team = aws.create_workteam(
        WorkteamName="team", WorkforceName="crowd", MemberDefinitions=[member], Description="people"
    )["WorkteamArn"]
    start_labeling_job(aws, "cats", team)
    start_labeling_job(aws, "dogs", team)
    start_labeling_job(aws, "birds", VENDOR)
    while {each["LabelingJobStatus"] for each in aws.list_labeling_jobs()["LabelingJobSummaryList"]} != {
        "Completed"
    }:
        pass
    return shared_account


def test_the_counters_are_in_the_table(labeling_account: SharedAccount) -> None:
    """A list of labeling jobs shows how many objects people and machines labeled, and how many failed."""
    assert_golden(without_times(labeling_account.run("get", "labeling-jobs").out), "get-labeling-jobs.txt")


@pytest.mark.parametrize("by", ["name", "arn", "tail"])
def test_the_jobs_of_a_team(labeling_account: SharedAccount, by: str) -> None:
    """--workteam lists only that team's jobs; one Describe turns its name into an ARN."""
    arn = client(labeling_account.sandbox).describe_workteam(WorkteamName="team")["Workteam"]["WorkteamArn"]
    word = {"name": "team", "arn": arn, "tail": arn.split(":", 5)[-1]}[by]
    ran = labeling_account.run("get", "labelingjobs", "--workteam", word, "--format", "json")
    assert {each["LabelingJobName"] for each in json.loads(ran.out)} == {"cats", "dogs"}
    made = [call.operation for call in labeling_account.calls("get", "labelingjobs", "--workteam", word)]
    assert made == ([] if by == "arn" else ["DescribeWorkteam"]) + ["ListLabelingJobsForWorkteam"]


def test_a_vendors_team_is_given_by_its_arn(labeling_account: SharedAccount) -> None:
    """An ARN is not read, because a vendor's team belongs to another account."""
    ran = labeling_account.run("get", "labelingjobs", "--workteam", VENDOR)
    assert ran.code == 0
    assert "birds" in ran.out
    assert "cats" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--workteam", "nobody"), "there is no Workteam 'nobody'"),
        (("--workteam", "team", "--status-equals", "Failed"), "--status-equals and --workteam can't be"),
        (("--job-reference-code-contains", "x"), "--job-reference-code-contains alone can't be"),
        (("--workteam", "team", "--sort-by", "Name"), "ListLabelingJobsForWorkteam takes no SortBy Name"),
    ],
)
def test_filters_that_the_teams_list_lacks(
    labeling_account: SharedAccount, arguments: tuple[str, ...], message: str
) -> None:
    """Filters that the team's List lacks are refused by name, and so is a missing team."""
    ran = labeling_account.run("get", "labelingjobs", *arguments)
    assert (ran.code, ran.out) == (1, "")
    assert message in ran.err
