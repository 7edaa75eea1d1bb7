"""Unverified behaviour of Studio and of guarded updates: each knob, both values."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, client_of

_USER = {"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]}
_DOMAIN = {"DomainName": "studio", "AuthMode": "IAM", "VpcId": "vpc-1", "SubnetIds": ["subnet-1"]}
_VARIANT = {
    "VariantName": "main",
    "ModelName": "fraud",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}


def _studio(**knobs: Any) -> tuple[Sandbox, Any, str]:
    """An account with a domain, and the domain's ID."""
    sandbox = Sandbox(knobs=Knobs(studio_settings_are_filled=False, **knobs))
    aws = client_of(sandbox)
    made = aws.create_domain(**_DOMAIN, DefaultUserSettings=_USER)
    sandbox.clock.advance(300)
    return sandbox, aws, made["DomainArn"].rsplit("/", 1)[-1]


@pytest.mark.parametrize("merges", [True, False])
def test_settings_merge_or_are_replaced(*, merges: bool) -> None:
    """An update of one member keeps the others or removes them; one without settings changes none."""
    sandbox, aws, domain = _studio(studio_settings_merge=merges)
    aws.update_domain(DomainId=domain, DefaultUserSettings={"SecurityGroups": ["sg-2"]})
    sandbox.clock.advance(60)
    shown = aws.describe_domain(DomainId=domain)["DefaultUserSettings"]
    assert shown["SecurityGroups"] == ["sg-2"]
    assert ("ExecutionRole" in shown) is merges
    aws.create_user_profile(DomainId=domain, UserProfileName="ada", UserSettings=_USER)
    sandbox.clock.advance(60)
    aws.update_user_profile(DomainId=domain, UserProfileName="ada", UserSettings={"SecurityGroups": ["sg-2"]})
    sandbox.clock.advance(60)
    profile = aws.describe_user_profile(DomainId=domain, UserProfileName="ada")["UserSettings"]
    assert ("ExecutionRole" in profile) is merges
    space = {"DomainId": domain, "SpaceName": "notes"}
    aws.create_space(**space, SpaceSettings={"RemoteAccess": "ENABLED", "AppType": "JupyterLab"})
    sandbox.clock.advance(60)
    aws.update_space(**space, SpaceDisplayName="Notes")
    sandbox.clock.advance(60)
    assert aws.describe_space(**space)["SpaceSettings"]["RemoteAccess"] == "ENABLED"


@pytest.mark.parametrize("refused", [True, False])
def test_an_unchanged_app_type_is_refused_or_taken(*, refused: bool) -> None:
    """Another one is refused in any case."""
    sandbox, aws, domain = _studio(unchanged_app_type_is_refused=refused)
    space = {"DomainId": domain, "SpaceName": "notes"}
    aws.create_space(**space, SpaceSettings={"AppType": "JupyterLab"})
    sandbox.clock.advance(60)
    for kind in ("CodeEditor", "JupyterLab"):
        if refused or kind == "CodeEditor":
            with pytest.raises(ClientError, match="Updating AppType"):
                aws.update_space(**space, SpaceSettings={"AppType": kind})
        else:
            aws.update_space(**space, SpaceSettings={"AppType": kind})


@pytest.mark.parametrize("refused", [True, False])
def test_a_missing_alarm_is_refused_or_ignored(*, refused: bool) -> None:
    """The update is refused, or continues as if no alarm watched it."""
    sandbox = Sandbox(knobs=Knobs(missing_alarms=frozenset({"gone"}), missing_alarm_is_refused=refused))
    aws = client_of(sandbox)
    aws.create_model(ModelName="fraud", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": IMAGE})
    for name in ("one", "two"):
        aws.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[_VARIANT])
    aws.create_endpoint(EndpointName="fraud", EndpointConfigName="one")
    sandbox.clock.advance(300)
    update = {
        "EndpointName": "fraud",
        "EndpointConfigName": "two",
        "DeploymentConfig": {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "gone"}]}},
    }
    if refused:
        with pytest.raises(ClientError, match="do not exist"):
            aws.update_endpoint(**update)
    else:
        aws.update_endpoint(**update)
        sandbox.clock.advance(300)
    served = aws.describe_endpoint(EndpointName="fraud")["EndpointConfigName"]
    assert served == ("one" if refused else "two")
