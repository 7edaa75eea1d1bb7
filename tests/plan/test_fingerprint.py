from pathlib import Path

import pytest

from tests.journeys.documents import GROUP, serving
from tests.journeys.stage import Stage, doc

WORKFORCE = doc(
    "Workforce",
    "crowd",
    """
oidcConfig:
  clientId: me
  clientSecret: {valueFrom: {env: SECRET}}
  issuer: https://idp.example.com
  authorizationEndpoint: https://idp.example.com/authorize
  tokenEndpoint: https://idp.example.com/token
  userInfoEndpoint: https://idp.example.com/user
  logoutEndpoint: https://idp.example.com/logout
  jwksUri: https://idp.example.com/keys
""",
)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A sandbox, a memory and a clock."""
    made = Stage(tmp_path)
    made.secrets["SECRET"] = "first"
    return made


def mark(stage: Stage, *documents: str, **order: object) -> str:
    """The fingerprint of a plan."""
    return stage.plan(*documents, **order).fingerprint


def test_the_same_inputs_have_the_same_fingerprint(stage: Stage) -> None:
    """Nothing but documents, order and world goes into the fingerprint, before and after there is an inventory."""
    assert mark(stage, *serving()) == mark(stage, *serving())
    stage.apply(*serving())
    assert mark(stage, *serving()) == mark(stage, *reversed(serving()))


def test_what_the_front_binds_is_covered(stage: Stage) -> None:
    """The tool's version, the variables and the options that the front tells are part of the fingerprint."""
    assert mark(stage, GROUP, bound={"tool_version": "1"}) != mark(stage, GROUP, bound={"tool_version": "2"})


def test_a_policy_is_covered(stage: Stage) -> None:
    """A policy that changes no call now changes the fingerprint all the same."""
    stage.apply(GROUP)
    assert mark(stage, GROUP) != mark(stage, f"{GROUP}policy: {{deletion: Retain}}\n")


def test_a_secret_is_covered_once_there_is_a_key(stage: Stage) -> None:
    """A secret of a resource that is yet to be made moves the fingerprint as soon as the set has an inventory."""
    before = mark(stage, WORKFORCE)
    stage.secrets["SECRET"] = "second"
    assert mark(stage, WORKFORCE) == before
    stage.apply(GROUP)
    keyed = mark(stage, GROUP, WORKFORCE)
    stage.secrets["SECRET"] = "third"
    assert mark(stage, GROUP, WORKFORCE) != keyed


def test_the_live_resource_is_covered(stage: Stage) -> None:
    """A tag that somebody added, which no document speaks of, moves the fingerprint."""
    stage.apply(GROUP)
    before = mark(stage, GROUP)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/fraud"
    stage.client().add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "other"}])
    assert mark(stage, GROUP) != before
