from pathlib import Path

import pytest
import yaml

from controller.core.ref import Ref
from controller.engine.restrictions import Restrictions
from controller.kinds import KINDS
from controller.manifests.document import IgnoredTags
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.journeys.documents import GROUP, pipeline, serving
from tests.journeys.stage import Stage, document_text
from tests.journeys.tree import TREE
from tests.kinds.linked_documents import dependencies_in_tree

WORKFORCE = document_text(
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
    """A sandbox, an inventory and a clock."""
    made = Stage(tmp_path)
    made.secrets["SECRET"] = "first"
    return made


def plan_fingerprint(stage: Stage, *documents: str, **order: object) -> str:
    """The fingerprint of a plan."""
    return stage.plan(*documents, **order).fingerprint


def test_the_same_inputs_have_the_same_fingerprint(stage: Stage) -> None:
    """Equal documents have equal fingerprints, with and without an inventory, and in any order of the documents."""
    assert plan_fingerprint(stage, *serving()) == plan_fingerprint(stage, *serving())
    stage.apply(*serving())
    assert plan_fingerprint(stage, *serving()) == plan_fingerprint(stage, *reversed(serving()))


def test_the_inputs_of_the_caller_are_covered(stage: Stage) -> None:
    """The tool's version, the variables and the options of the caller are part of the fingerprint."""
    assert plan_fingerprint(stage, GROUP, bound={"tool_version": "1"}) != plan_fingerprint(
        stage, GROUP, bound={"tool_version": "2"}
    )


def test_a_policy_is_covered(stage: Stage) -> None:
    """A policy that changes no call now still changes the fingerprint."""
    stage.apply(GROUP)
    assert plan_fingerprint(stage, GROUP) != plan_fingerprint(stage, f"{GROUP}policy: {{deletion: Retain}}\n")


def test_a_secret_is_covered_once_there_is_a_key(stage: Stage) -> None:
    """A secret of a resource that is not created yet changes the fingerprint once the set has an inventory."""
    before = plan_fingerprint(stage, WORKFORCE)
    stage.secrets["SECRET"] = "second"
    assert plan_fingerprint(stage, WORKFORCE) == before
    stage.apply(GROUP)
    keyed = plan_fingerprint(stage, GROUP, WORKFORCE)
    stage.secrets["SECRET"] = "third"
    assert plan_fingerprint(stage, GROUP, WORKFORCE) != keyed


def test_the_live_resource_is_covered(stage: Stage) -> None:
    """A tag that another user added changes the fingerprint, even if no document has it."""
    stage.apply(GROUP)
    before = plan_fingerprint(stage, GROUP)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/fraud"
    stage.client().add_tags(ResourceArn=arn, Tags=[{"Key": "team", "Value": "other"}])
    assert plan_fingerprint(stage, GROUP) != before


@pytest.mark.parametrize("remembered", [False, True])
def test_the_tags_of_every_kind_are_covered(stage: Stage, *, remembered: bool) -> None:
    """Another value of a tag, or of a default tag, is another fingerprint; so is an ignored tag."""
    if remembered:
        stage.apply(document_text("Experiment", "other", "description: makes a key"))
    for kind, text in TREE.items():
        body = yaml.safe_load(text)
        found_by = KINDS[kind].identity.found_by
        numbered = found_by is not None and lower_camel(found_by.when) in body["spec"]
        if numbered or not contract(kind).taggable:
            continue
        plain = {name: each for name, each in body["spec"].items() if name != "tags"}
        marks = []
        for own, default, ignored in (
            ("a", "", ""),
            ("b", "", ""),
            ("", "c", ""),
            ("", "d", ""),
            ("", "", "e"),
        ):
            spec = {**plain, "tags": {"team": own}} if own else plain
            limits = Restrictions(
                default_tags={"team": default} if default else {},
                ignored_tags=IgnoredTags(frozenset(ignored)),
            )
            documents = (*dependencies_in_tree(kind), yaml.safe_dump({**body, "spec": spec}))
            plan = stage.plan(*documents, restrictions=limits)
            ref = Ref(kind, body["metadata"]["name"])
            marks.append(next(each.mark for each in plan.steps if each.ref == ref))
        assert len(set(marks)) == len(marks), kind


def test_a_change_that_was_undone_is_covered(stage: Stage) -> None:
    """The change time of a resource changes the fingerprint, even if the change was reverted."""
    stage.apply(pipeline())
    before = plan_fingerprint(stage, pipeline())
    shown = stage.client().describe_pipeline(PipelineName="train")
    stage.wait(60)
    for name in ("other", shown["PipelineDisplayName"]):
        stage.client().update_pipeline(PipelineName="train", PipelineDisplayName=name)
    assert plan_fingerprint(stage, pipeline()) != before
