"""What is equal makes no new generation and no new run; what dependents run is not edited in place."""

import json
from pathlib import Path

import pytest

from controller.core.digest import digest
from controller.core.phase import Action
from controller.core.ref import Ref
from controller.manifests.resolve import HASH_DIGITS
from controller.schema.contract import contract
from tests.journeys.stage import Stage, acting_steps, step_of

INPUTS = Path(__file__).parent / "inputs"


def _read_input(name: str) -> str:
    return (INPUTS / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account and an empty inventory."""
    return Stage(tmp_path)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("serving", "[sg-1, sg-2]", "[sg-2, sg-1]"),
        ("serving", "initialInstanceCount: 2,", "initialInstanceCount: 2, initialVariantWeight: 1,"),
        ("job", "[subnet-a, subnet-b]", "[subnet-b, subnet-a]"),
        (
            "job",
            "maxRuntimeInSeconds: 3600}",
            "maxRuntimeInSeconds: 3600}\n  enableManagedSpotTraining: false",
        ),
    ],
)
def test_another_spelling_is_no_change(stage: Stage, name: str, before: str, after: str) -> None:
    """The order of a set and a written default cause no step."""
    written = _read_input(name)
    assert before in written
    stage.apply(written)
    assert acting_steps(stage.plan(written.replace(before, after))) == {}


@pytest.mark.parametrize(("name", "of"), [("serving", Ref("Model", "m")), ("job", Ref("TrainingJob", "j"))])
def test_a_name_and_an_attempt_of_an_earlier_release_are_kept(stage: Stage, name: str, of: Ref) -> None:
    """A generation whose name has the digest of its spelling, as before the normal form, stays."""
    written = (
        _read_input(name)
        .replace("[sg-1, sg-2]", "[sg-2, sg-1]")
        .replace("[subnet-a, subnet-b]", "[subnet-b, subnet-a]")
    )
    spec = step_of(stage.plan(written), str(of)).after or {}
    old = f"{of.name}-{digest(contract(of.kind).fixed_part(spec))[:HASH_DIGITS]}"
    stage.apply(written)
    now = stage.inventory().of(of).name
    assert now != old
    file = stage.folder / "inventory-default.json"
    file.write_text(file.read_text(encoding="utf-8").replace(now, old), encoding="utf-8")
    for spelling in (written, _read_input(name)):
        assert step_of(stage.plan(spelling), str(of)).name == old
    assert json.loads(file.read_text(encoding="utf-8"))


def test_an_approved_package_gets_a_new_version(stage: Stage) -> None:
    """An approved version is not changed: a new version is created, and the model follows it."""
    written = _read_input("registry-serving")
    stage.apply(written)
    first = stage.inventory().of(Ref("ModelPackage", "p")).arn
    stage.forget_calls()
    stage.apply(written.replace("x:1", "x:2").replace("m.tar.gz", "n.tar.gz"))
    second = stage.inventory().of(Ref("ModelPackage", "p")).arn
    assert second != first
    assert "UpdateModelPackage" not in stage.mutations()
    client = stage.client()
    old = client.describe_model_package(ModelPackageName=first)
    assert old["InferenceSpecification"]["Containers"][0]["Image"].endswith("x:1")
    model = client.describe_model(ModelName=stage.inventory().of(Ref("Model", "m")).name)
    assert model["PrimaryContainer"]["ModelPackageName"] == second


def test_a_pending_package_is_edited_in_place(stage: Stage) -> None:
    """An unapproved package version is edited in place, because nothing depends on it."""
    written = _read_input("registry-serving").replace(
        "modelApprovalStatus: Approved", "modelApprovalStatus: PendingManualApproval"
    )
    stage.apply(written)
    plan = stage.plan(written.replace("x:1", "x:2"))
    assert step_of(plan, "ModelPackage/p").action is Action.UPDATE


def test_a_link_by_arn_is_the_link_by_name(stage: Stage) -> None:
    """The ARN of a resource of this account and region in a field that takes both is its name."""
    stage.client().create_model_package(
        ModelPackageName="plain",
        InferenceSpecification={
            "Containers": [
                {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1", "ModelDataUrl": "s3://b/m"}
            ],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedTransformInstanceTypes": ["ml.m5.large"],
            "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
        },
    )
    stage.sandbox.clock.advance(3600)
    model = (
        _read_input("registry-serving")
        .split("---")[-1]
        .replace("modelPackageName: p", "modelPackageName: plain")
    )
    stage.apply(model)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/plain"
    assert (
        acting_steps(stage.plan(model.replace("modelPackageName: plain", f"modelPackageName: '{arn}'"))) == {}
    )
