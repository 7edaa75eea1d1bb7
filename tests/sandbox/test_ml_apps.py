"""MlflowApp and PartnerApp in the sandbox: assigned IDs, members that an update resets, and refusals."""

from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

MLFLOW = {"Name": "runs", "ArtifactStoreUri": "s3://bucket/runs", "RoleArn": ROLE}
PARTNER = {
    "Name": "evaluations",
    "Type": "comet",
    "ExecutionRoleArn": ROLE,
    "Tier": "small",
    "AuthType": "IAM",
}
IDENTITY = {"InstanceArn": "arn:aws:sso:::instance/ssoins-1234567890abcdef"}
HOUR = 3600


def test_an_mlflow_app_goes_by_its_arn(sandbox: Sandbox, aws: Any) -> None:
    """Created, Updated and Deleted stay; a new name keeps the ARN; calls at the wrong time are refused."""
    arn = aws.create_mlflow_app(**MLFLOW)["Arn"]
    assert arn.startswith("arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/app-")
    assert refusal(aws.update_mlflow_app, Arn=arn, Name="x")[0] == "ConflictException"
    assert refusal(aws.delete_mlflow_app, Arn=arn)[0] == "ValidationException"
    sandbox.clock.advance(HOUR)
    assert aws.describe_mlflow_app(Arn=arn)["Status"] == "Created"
    aws.update_mlflow_app(Arn=arn, Name="trials")
    sandbox.clock.advance(HOUR)
    shown = aws.describe_mlflow_app(Arn=arn)
    # API reference, UpdateMlflowApp: an update without the mode turns registration on
    assert (shown["Status"], shown["Name"]) == ("Updated", "trials")
    assert shown["ModelRegistrationMode"] == "AutoModelRegistrationEnabled"
    aws.create_mlflow_app(**MLFLOW)
    assert [each["Arn"] for each in aws.list_mlflow_apps(Status="Updated")["Summaries"]] == [arn]
    assert aws.list_mlflow_apps(DefaultForDomainId="d-123456789012")["Summaries"] == []
    sandbox.inject(InjectedFault.FAIL, operation="UpdateMlflowApp")
    aws.update_mlflow_app(Arn=arn, ArtifactStoreUri="s3://bucket/other")
    sandbox.clock.advance(HOUR)
    assert aws.describe_mlflow_app(Arn=arn)["Status"] == "UpdateFailed"
    aws.delete_mlflow_app(Arn=arn)
    sandbox.clock.advance(HOUR)
    assert aws.describe_mlflow_app(Arn=arn)["Status"] == "Deleted"
    assert refusal(aws.delete_mlflow_app, Arn=arn)[0] == "ValidationException"
    assert refusal(aws.describe_mlflow_app, Arn=f"{arn}X")[0] == "ResourceNotFound"


def test_what_an_mlflow_app_is_refused(aws: Any) -> None:
    """A missing domain, a name in use, and one app more than the quota."""
    absent = refusal(aws.create_mlflow_app, **MLFLOW, DefaultDomainIdList=["d-123456789012"])
    assert absent == ("ValidationException", "Domain d-123456789012 does not exist.")
    aws.create_mlflow_app(**MLFLOW)
    assert refusal(aws.create_mlflow_app, **MLFLOW)[0] == "ConflictException"
    for name in ("second", "third"):
        aws.create_mlflow_app(**MLFLOW | {"Name": name})
    assert refusal(aws.create_mlflow_app, **MLFLOW | {"Name": "fourth"})[0] == "ResourceLimitExceeded"


@pytest.mark.parametrize("moves", [True, False])
def test_one_app_is_the_default_unless_the_knob_says_otherwise(moves: bool) -> None:
    """The account's default moves from app to app; names may be shared, according to the knobs."""
    sandbox = Sandbox(
        knobs=Knobs(
            account_default_moves=moves, mlflow_app_names_are_unique=False, deleted_ml_apps_listed=False
        )
    )
    aws = client_of(sandbox)
    first, second = (aws.create_mlflow_app(**MLFLOW, AccountDefaultStatus="ENABLED")["Arn"] for _ in "ab")
    states = [aws.describe_mlflow_app(Arn=arn)["AccountDefaultStatus"] for arn in (first, second)]
    assert states == ["DISABLED" if moves else "ENABLED", "ENABLED"]
    sandbox.clock.advance(HOUR)
    aws.delete_mlflow_app(Arn=first)
    sandbox.clock.advance(HOUR)
    assert [each["Arn"] for each in aws.list_mlflow_apps()["Summaries"]] == [second]
    sandbox.close()


def test_a_partner_app_stays_as_it_was_when_its_update_fails(sandbox: Sandbox, aws: Any) -> None:
    """Same token, same app; a failed update leaves it unchanged with a reason; authorization can't be disabled."""
    arn = aws.create_partner_app(**PARTNER, ClientToken="once")["Arn"]
    assert aws.create_partner_app(**PARTNER, ClientToken="once")["Arn"] == arn
    assert refusal(aws.create_partner_app, **PARTNER)[0] == "ConflictException"
    assert refusal(aws.delete_partner_app, Arn=arn)[0] == "ConflictException"
    sandbox.clock.advance(HOUR)
    assert refusal(aws.update_partner_app, Arn=arn, AppVersion="2.0")[0] == "ValidationException"
    assert refusal(aws.update_partner_app, Arn=arn, AuthType="IDC")[0] == "ValidationException"
    sandbox.inject(InjectedFault.FAIL, operation="UpdatePartnerApp")
    aws.update_partner_app(Arn=arn, Tier="large")
    sandbox.clock.advance(HOUR)
    shown = aws.describe_partner_app(Arn=arn)
    assert (shown["Status"], shown["Tier"], bool(shown["Error"]["Reason"])) == ("UpdateFailed", "small", True)
    aws.update_partner_app(Arn=arn, AuthType="IDC", IdcConfig=IDENTITY)
    sandbox.clock.advance(HOUR)
    shown = aws.describe_partner_app(Arn=arn)
    assert (shown["Status"], "Error" in shown) == ("Available", False)
    assert shown["IdcConfig"]["ApplicationArn"].startswith("arn:aws:sso::123456789012:application/ssoins-")
    assert refusal(aws.update_partner_app, Arn=arn, AuthType="IAM")[0] == "ValidationException"
    aws.delete_partner_app(Arn=arn)
    sandbox.clock.advance(HOUR)
    assert [each["Status"] for each in aws.list_partner_apps()["Summaries"]] == ["Deleted"]
    assert refusal(aws.create_partner_app, **PARTNER | {"AuthType": "IDC"})[0] == "ValidationException"
