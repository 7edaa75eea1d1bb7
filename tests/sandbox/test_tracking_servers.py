"""MlflowTrackingServer in the sandbox: its operations, their refusals, and members that an update resets."""

from typing import Any

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

NAME = {"TrackingServerName": "tracking"}
LEAST = {"ArtifactStoreUri": "s3://bucket/mlflow", "RoleArn": ROLE}
HOUR = 3600


def _server_state(aws: Any) -> tuple[str, str]:
    shown = aws.describe_mlflow_tracking_server(**NAME)
    return shown["TrackingServerStatus"], shown["IsActive"]


def test_its_status_is_the_last_operation(sandbox: Sandbox, aws: Any) -> None:
    """Created, Updated, Stopped, Started: each status stays; calls at the wrong time are refused in upper case."""
    arn = aws.create_mlflow_tracking_server(**NAME, **LEAST)["TrackingServerArn"]
    assert "un-deletable state (CREATING)" in refusal(aws.delete_mlflow_tracking_server, **NAME)[1]
    assert refusal(aws.create_mlflow_tracking_server, **NAME, **LEAST)[0] == "ConflictException"
    sandbox.clock.advance(HOUR)
    assert _server_state(aws) == ("Created", "Active")
    aws.update_mlflow_tracking_server(**NAME, TrackingServerSize="Medium")
    assert refusal(aws.stop_mlflow_tracking_server, **NAME)[1] == (
        f"Tracking Server with ARN {arn} is currently in status UPDATING, can't be stopped."
    )
    assert refusal(aws.update_mlflow_tracking_server, **NAME)[0] == "ConflictException"
    sandbox.clock.advance(HOUR)
    assert _server_state(aws) == ("Updated", "Active")
    aws.stop_mlflow_tracking_server(**NAME)
    sandbox.clock.advance(HOUR)
    assert _server_state(aws) == ("Stopped", "Inactive")
    sandbox.inject(InjectedFault.FAIL, operation="StartMlflowTrackingServer")
    aws.start_mlflow_tracking_server(**NAME)
    sandbox.clock.advance(HOUR)
    assert _server_state(aws)[0] == "StartFailed"
    aws.start_mlflow_tracking_server(**NAME)
    sandbox.clock.advance(HOUR)
    assert _server_state(aws) == ("Started", "Active")
    listed = aws.list_mlflow_tracking_servers(TrackingServerStatus="Started")["TrackingServerSummaries"]
    assert [each["TrackingServerName"] for each in listed] == ["tracking"]
    assert aws.list_mlflow_tracking_servers(MlflowVersion="3.0.0")["TrackingServerSummaries"] == []
    aws.delete_mlflow_tracking_server(**NAME)
    sandbox.clock.advance(HOUR)
    assert refusal(aws.describe_mlflow_tracking_server, **NAME)[0] == "ResourceNotFound"


def test_an_update_without_registration_ends_it(sandbox: Sandbox, aws: Any) -> None:
    """Registration is off if an update leaves it out, and a short version is returned with its patch release."""
    aws.create_mlflow_tracking_server(**NAME, **LEAST, AutomaticModelRegistration=True, MlflowVersion="2.13")
    sandbox.clock.advance(HOUR)
    shown = aws.describe_mlflow_tracking_server(**NAME)
    assert (shown["AutomaticModelRegistration"], shown["MlflowVersion"]) == (True, "2.13.2")
    aws.update_mlflow_tracking_server(**NAME, TrackingServerSize="Large")
    assert aws.describe_mlflow_tracking_server(**NAME)["AutomaticModelRegistration"] is False


def test_an_update_of_a_stopped_server_is_a_knob() -> None:
    """It is not known whether it is accepted; with the knob it is a conflict."""
    sandbox = Sandbox(knobs=Knobs(stopped_tracking_server_is_updated=False))
    aws = client_of(sandbox)
    aws.create_mlflow_tracking_server(**NAME, **LEAST)
    sandbox.clock.advance(HOUR)
    aws.stop_mlflow_tracking_server(**NAME)
    sandbox.clock.advance(HOUR)
    assert refusal(aws.update_mlflow_tracking_server, **NAME)[0] == "ConflictException"
    sandbox.close()
