"""NotebookInstanceLifecycleConfig in the sandbox: its Update, and the blockers of its deletion."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of

NAME = {"NotebookInstanceLifecycleConfigName": "setup"}
ONE, TWO = [{"Content": "IyEvYmluL3NoCg=="}], [{"Content": "IyEvYmluL2Jhc2gK"}]


def _hooks(aws: Any) -> dict[str, Any]:
    shown = aws.describe_notebook_instance_lifecycle_config(**NAME)
    return {hook: shown[hook] for hook in ("OnCreate", "OnStart") if hook in shown}


def test_an_update_sets_both_hooks(aws: Any) -> None:
    """A hook that an Update leaves out, or sends without a script, is removed; a script above 16,384 is refused."""
    aws.create_notebook_instance_lifecycle_config(**NAME, OnCreate=ONE, OnStart=ONE)
    assert _hooks(aws) == {"OnCreate": ONE, "OnStart": ONE}
    aws.update_notebook_instance_lifecycle_config(**NAME, OnStart=TWO)
    assert _hooks(aws) == {"OnStart": TWO}
    aws.update_notebook_instance_lifecycle_config(**NAME, OnCreate=ONE, OnStart=[])
    assert _hooks(aws) == {"OnCreate": ONE}
    with pytest.raises(ClientError, match="16384"):
        aws.update_notebook_instance_lifecycle_config(**NAME, OnStart=[{"Content": "a" * 16385}])


def test_a_hook_that_is_left_out_stays_by_a_knob() -> None:
    """Whether an Update keeps it is unknown; an empty one removes it in any case."""
    aws = client_of(Sandbox(knobs=Knobs(absent_hook_stays=True)))
    aws.create_notebook_instance_lifecycle_config(**NAME, OnCreate=ONE, OnStart=ONE)
    aws.update_notebook_instance_lifecycle_config(**NAME, OnStart=TWO)
    assert _hooks(aws) == {"OnCreate": ONE, "OnStart": TWO}
    aws.update_notebook_instance_lifecycle_config(**NAME, OnCreate=[])
    assert _hooks(aws) == {"OnStart": TWO}


def test_what_an_instance_names_is_deleted_by_a_knob() -> None:
    """No source documents that the deletion is refused, so a knob decides."""
    aws = client_of(Sandbox(knobs=Knobs(attached_notebook_config_is_kept=False)))
    aws.create_notebook_instance_lifecycle_config(**NAME, OnStart=ONE)
    aws.create_notebook_instance(
        NotebookInstanceName="desk", InstanceType="ml.t3.medium", RoleArn=ROLE, LifecycleConfigName="setup"
    )
    aws.delete_notebook_instance_lifecycle_config(**NAME)
    assert aws.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"] == []


def test_what_an_instance_names_is_not_deleted(sandbox: Sandbox, aws: Any) -> None:
    """The configuration of an instance is deleted only after the instance, which must be stopped first."""
    aws.create_notebook_instance_lifecycle_config(**NAME, OnStart=ONE)
    instance = {"NotebookInstanceName": "desk", "InstanceType": "ml.t3.medium", "RoleArn": ROLE}
    with pytest.raises(ClientError, match="Unable to find Notebook Instance Lifecycle Config"):
        aws.create_notebook_instance(**instance, LifecycleConfigName="other")
    aws.create_notebook_instance(**instance, LifecycleConfigName="setup")
    sandbox.clock.advance(200)
    (listed,) = aws.list_notebook_instances()["NotebookInstances"]
    assert (listed["NotebookInstanceStatus"], listed["NotebookInstanceLifecycleConfigName"]) == (
        "InService",
        "setup",
    )
    with pytest.raises(ClientError, match="in use"):
        aws.delete_notebook_instance_lifecycle_config(**NAME)
    with pytest.raises(ClientError, match=r"Unable to transition to .Deleting."):
        aws.delete_notebook_instance(NotebookInstanceName="desk")
    aws.stop_notebook_instance(NotebookInstanceName="desk")
    sandbox.clock.advance(200)
    aws.delete_notebook_instance(NotebookInstanceName="desk")
    sandbox.clock.advance(200)
    aws.delete_notebook_instance_lifecycle_config(**NAME)
    assert aws.list_notebook_instance_lifecycle_configs()["NotebookInstanceLifecycleConfigs"] == []
