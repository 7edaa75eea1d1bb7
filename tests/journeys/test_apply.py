"""Apply, then plan again."""

import random

import pytest

from controller.core.phase import Action, Convergence, Phase
from tests.journeys.documents import (
    GROUP,
    WORKFORCE,
    all_documents,
    model,
    package,
    pipeline,
    serving,
    workteam,
)
from tests.journeys.stage import Stage, acting_steps

pytestmark = pytest.mark.usefixtures("parallel")


def test_apply_then_plan_is_empty(stage: Stage) -> None:
    """All eight kinds are applied, and the next plan is empty: no response is taken for a difference."""
    report = stage.apply(*all_documents())
    assert report.convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8
    again = stage.plan(*all_documents())
    assert acting_steps(again) == {}
    assert {step.action for step in again.steps} == {Action.NOOP}


def test_each_object_costs_one_mutating_call(stage: Stage) -> None:
    """Creating makes one changing call for each object, and applying again none."""
    stage.apply(*all_documents())
    assert len(stage.mutations()) == 8
    stage.forget_calls()
    stage.apply(*all_documents())
    assert stage.mutations() == []


def test_created_in_the_order_of_dependencies(stage: Stage) -> None:
    """No resource is created before those that it refers to, in any order of the files."""
    stage.apply(*reversed(all_documents()))
    made = stage.mutations()
    for first, later in (
        ("CreateWorkforce", "CreateWorkteam"),
        ("CreateModelPackageGroup", "CreateModelPackage"),
        ("CreateModel", "CreateEndpointConfig"),
        ("CreateEndpointConfig", "CreateEndpoint"),
    ):
        assert made.index(first) < made.index(later)


def test_destroyed_in_reverse_order(stage: Stage) -> None:
    """No resource is deleted before its dependents, and the account is empty at the end."""
    stage.apply(*all_documents())
    stage.forget_calls()
    report = stage.destroy(*all_documents())
    assert report.convergence is Convergence.SETTLED
    gone = stage.mutations()
    for first, later in (
        ("DeleteWorkteam", "DeleteWorkforce"),
        ("DeleteModelPackage", "DeleteModelPackageGroup"),
        ("DeleteEndpoint", "DeleteEndpointConfig"),
        ("DeleteEndpointConfig", "DeleteModel"),
    ):
        assert gone.index(first) < gone.index(later)
    assert stage.sandbox.resources() == ()
    assert stage.inventory().entries == {}


def test_a_dependent_waits_until_its_dependency_is_ready(stage: Stage) -> None:
    """Row 28: the work team is not created while its workforce is still initializing."""
    report = stage.reconcile(WORKFORCE, workteam())
    assert stage.mutations() == ["CreateWorkforce"]
    assert report.convergence is Convergence.WAITING
    stage.reconcile(WORKFORCE, workteam())
    assert stage.mutations() == ["CreateWorkforce"]
    stage.wait(3600)
    stage.reconcile(WORKFORCE, workteam())
    assert stage.mutations() == ["CreateWorkforce", "CreateWorkteam"]


def test_shuffled_files_give_the_same_plan(stage: Stage) -> None:
    """The order of documents has no effect: the same steps in the same order, the same fingerprint."""
    documents = all_documents()
    first = stage.plan(*documents)
    for seed in range(5):
        shuffled = random.Random(seed).sample(documents, len(documents))
        other = stage.plan(*shuffled)
        assert other.fingerprint == first.fingerprint
        assert [step.id for step in other.steps] == [step.id for step in first.steps]


def test_plan_changes_nothing(stage: Stage) -> None:
    """Planning makes no changing call and does not write the inventory."""
    stage.plan(*all_documents())
    assert stage.mutations() == []
    assert stage.inventory().entries == {}


def test_an_unknown_value_waits_for_its_producer(stage: Stage) -> None:
    """A model on a package version of the same tree: its ARN is known only after the version has a number."""
    documents = [
        GROUP,
        package(extra="modelApprovalStatus: Approved"),
        model(extra="")
        .replace("modelDataUrl: s3://bucket/one.tar.gz", "modelPackageName: candidate")
        .replace("image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1', ", ""),
    ]
    plan = stage.plan(*documents)
    assert (
        str(next(s for s in plan.steps if s.ref.kind == "Model").name)
        == "(known after ModelPackage/candidate)"
    )
    report = stage.apply(*documents)
    assert report.convergence is Convergence.SETTLED
    made = stage.client().list_models()["Models"]
    body = stage.client().describe_model(ModelName=made[0]["ModelName"])
    assert body["PrimaryContainer"]["ModelPackageName"].endswith("model-package/fraud/1")
    assert acting_steps(stage.plan(*documents)) == {}


def test_output_reference_is_resolved_when_its_producer_is_ready(stage: Stage) -> None:
    """``${Kind/name.path}`` becomes the live value, and does not change in the next plan."""
    noted = pipeline(extra="pipelineDescription: of ${ModelPackageGroup/fraud.modelPackageGroupArn}")
    report = stage.apply(GROUP, noted)
    assert report.convergence is Convergence.SETTLED
    described = stage.client().describe_pipeline(PipelineName="train")["PipelineDescription"]
    assert described == "of arn:aws:sagemaker:us-east-1:123456789012:model-package-group/fraud"
    assert acting_steps(stage.plan(GROUP, noted)) == {}


def test_a_link_to_an_existing_resource_needs_no_document(stage: Stage) -> None:
    """A linked name may be an AWS name of the account; the plan reports a name that neither tree nor account has."""
    documents = serving()
    blocked = stage.plan(documents[1])
    assert "fraud" in blocked.steps[0].detail
    assert blocked.steps[0].action is Action.BLOCKED
    stage.client().create_model(
        ModelName="fraud",
        ExecutionRoleArn="arn:aws:iam::123456789012:role/sagemaker",
        PrimaryContainer={"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"},
    )
    assert stage.apply(documents[1]).convergence is Convergence.SETTLED


def test_a_creating_endpoint_is_not_reported_as_ready(stage: Stage) -> None:
    """An endpoint that AWS is still creating is waited for, and not reported as ready."""
    stage.reconcile(*serving())
    report = stage.reconcile(*serving())
    assert report.convergence is Convergence.WAITING
    endpoint = next(step for step in report.plan.steps if step.ref.kind == "Endpoint")
    assert endpoint.phase is Phase.CHANGING


def test_the_longest_chain_goes_first(stage: Stage) -> None:
    """With one thread, the step with the most dependents runs first."""
    stage.apply(pipeline(), *serving(), concurrency=1)
    assert stage.mutations()[:2] == ["CreateModel", "CreateEndpointConfig"]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_starts_before_its_dependencies(stage: Stage, seed: int) -> None:
    """Row 28: in a random graph of output references, every resource is created after all that it refers to."""
    chance = random.Random(seed)
    needs = {i: chance.sample(range(i), chance.randint(0, min(i, 3))) for i in range(12)}
    documents = [
        pipeline(
            extra="pipelineDescription: of" + "".join(f" ${{Pipeline/p{j}.arn}}" for j in needed)
        ).replace("name: train", f"name: p{i}")
        for i, needed in needs.items()
    ]
    chance.shuffle(documents)
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    made = [
        record.params["PipelineName"]
        for record in stage.sandbox.calls
        if record.operation == "CreatePipeline"
    ]
    assert sorted(made) == sorted(f"p{i}" for i in needs)
    for i, needed in needs.items():
        assert all(made.index(f"p{j}") < made.index(f"p{i}") for j in needed)
    assert acting_steps(stage.plan(*documents)) == {}
