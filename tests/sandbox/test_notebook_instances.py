"""NotebookInstance in the sandbox: its states, the permitted changes, and the switches of an update."""

from typing import Any

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal

NAME = {"NotebookInstanceName": "desk"}
LEAST = {"InstanceType": "ml.t3.medium", "RoleArn": ROLE}
URL = "https://example.com/n.git"


def _status(aws: Any) -> str:
    return str(aws.describe_notebook_instance(**NAME)["NotebookInstanceStatus"])


def test_each_call_has_its_states(sandbox: Sandbox, aws: Any) -> None:
    """Stop needs a running one, Update and Delete a stopped one, Start a stopped or failed one; others are refused."""
    aws.create_notebook_instance(**NAME, **LEAST)
    arn = aws.describe_notebook_instance(**NAME)["NotebookInstanceArn"]
    assert refusal(aws.stop_notebook_instance, **NAME)[1] == (
        f"Status (Pending) not in ([InService]). Unable to transition to (Stopping) for Notebook Instance ({arn})."
    )
    sandbox.clock.advance(200)
    assert "(Updating)" in refusal(aws.update_notebook_instance, **NAME, RootAccess="Disabled")[1]
    assert "(Deleting)" in refusal(aws.delete_notebook_instance, **NAME)[1]
    aws.stop_notebook_instance(**NAME)
    assert _status(aws) == "Stopping"
    sandbox.clock.advance(200)
    aws.update_notebook_instance(**NAME, RootAccess="Disabled")
    assert _status(aws) == "Updating"
    sandbox.clock.advance(200)
    assert _status(aws) == "Stopped"
    sandbox.inject(InjectedFault.FAIL, operation="StartNotebookInstance", reason="no capacity")
    aws.start_notebook_instance(**NAME)
    assert _status(aws) == "Pending"
    sandbox.clock.advance(200)
    shown = aws.describe_notebook_instance(**NAME)
    assert (shown["NotebookInstanceStatus"], shown["FailureReason"]) == ("Failed", "no capacity")
    aws.start_notebook_instance(**NAME)
    sandbox.clock.advance(200)
    shown = aws.describe_notebook_instance(**NAME)
    assert (shown["NotebookInstanceStatus"], "FailureReason" in shown) == ("InService", False)


def test_describe_has_names_of_its_own_and_defaults(sandbox: Sandbox, aws: Any) -> None:
    """Groups and configuration are returned with other names, and omitted members are filled in."""
    aws.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="setup")
    network = {"SubnetId": "subnet-1", "SecurityGroupIds": ["sg-1"], "DirectInternetAccess": "Disabled"}
    aws.create_notebook_instance(**NAME, **LEAST, **network, LifecycleConfigName="setup")
    shown = aws.describe_notebook_instance(**NAME)
    assert (shown["SecurityGroups"], shown["NotebookInstanceLifecycleConfigName"]) == (["sg-1"], "setup")
    assert (shown["VolumeSizeInGB"], shown["RootAccess"], shown["IpAddressType"]) == (5, "Enabled", "ipv4")
    other = {"NotebookInstanceName": "other", **LEAST, "DirectInternetAccess": "Disabled"}
    assert "SubnetId" in refusal(aws.create_notebook_instance, **other)[1]
    unknown = {"NotebookInstanceName": "other", **LEAST, "DefaultCodeRepository": "nowhere"}
    assert "Cannot find CodeRepository" in refusal(aws.create_notebook_instance, **unknown)[1]


def test_switches_take_away_and_the_volume_grows(sandbox: Sandbox, aws: Any) -> None:
    """Each switch removes its member; a smaller volume, and a switch beside a value, are refused."""
    aws.create_notebook_instance(
        **NAME, **LEAST, VolumeSizeInGB=20, DefaultCodeRepository=URL, AdditionalCodeRepositories=[URL]
    )
    (listed,) = aws.list_notebook_instances(AdditionalCodeRepositoryEquals=URL)["NotebookInstances"]
    assert listed["NotebookInstanceName"] == "desk"
    sandbox.clock.advance(200)
    aws.stop_notebook_instance(**NAME)
    sandbox.clock.advance(200)
    assert "decreased" in refusal(aws.update_notebook_instance, **NAME, VolumeSizeInGB=10)[1]
    both = {"DefaultCodeRepository": URL, "DisassociateDefaultCodeRepository": True}
    assert "together" in refusal(aws.update_notebook_instance, **NAME, **both)[1]
    aws.update_notebook_instance(
        **NAME, DisassociateDefaultCodeRepository=True, DisassociateAdditionalCodeRepositories=True
    )
    shown = aws.describe_notebook_instance(**NAME)
    assert not {"DefaultCodeRepository", "AdditionalCodeRepositories"} & set(shown)
    assert aws.list_notebook_instances(DefaultCodeRepositoryContains="example")["NotebookInstances"] == []


def test_an_update_of_a_failed_instance_is_a_knob() -> None:
    """It is not known whether the service accepts it; the knob can refuse it except for a stopped one."""
    sandbox = Sandbox(knobs=Knobs(failed_notebook_is_updated=False, notebook_takes_switch_and_value=True))
    aws = client_of(sandbox)
    sandbox.inject(InjectedFault.FAIL, operation="CreateNotebookInstance")
    aws.create_notebook_instance(**NAME, **LEAST)
    sandbox.clock.advance(200)
    assert (
        "(Failed) not in ([Stopped])"
        in refusal(aws.update_notebook_instance, **NAME, RootAccess="Disabled")[1]
    )
    aws.start_notebook_instance(**NAME)
    sandbox.clock.advance(200)
    aws.stop_notebook_instance(**NAME)
    sandbox.clock.advance(200)
    aws.update_notebook_instance(**NAME, DefaultCodeRepository=URL, DisassociateDefaultCodeRepository=True)
    assert "DefaultCodeRepository" not in aws.describe_notebook_instance(**NAME)
    sandbox.close()
