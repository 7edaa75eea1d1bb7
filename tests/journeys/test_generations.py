"""Immutable kinds are replaced by new generations; old ones are deleted once nothing is proved to use them."""

from pathlib import Path

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.insight.call_budget import count_mutating_calls
from controller.sandbox import InjectedFault
from tests.journeys.documents import IMAGE, ROLE, config, endpoint, model, serving
from tests.journeys.stage import Stage, acting_steps, step_of

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "train-and-serve"


def _resource_names(stage: Stage, kind: str) -> set[str]:
    return {arn.rsplit("/", 1)[-1] for arn in stage.sandbox.resources() if f":{kind}/" in arn}


def test_a_change_moves_model_config_and_endpoint_in_order(stage: Stage) -> None:
    """New model, new configuration, endpoint update, and only then the old ones are deleted, dependents first."""
    stage.apply(*serving())
    models = _resource_names(stage, "model")
    stage.forget_calls()
    report = stage.apply(*serving(data="s3://bucket/two.tar.gz"))
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == [
        "CreateModel",
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "DeleteEndpointConfig",
        "DeleteModel",
    ]
    assert len(_resource_names(stage, "model")) == 1
    assert _resource_names(stage, "model") != models
    assert acting_steps(stage.plan(*serving(data="s3://bucket/two.tar.gz"))) == {}


def test_a_plan_shows_each_new_generation(stage: Stage) -> None:
    """The first plan already has the new generations, the update and the deletions of the old ones."""
    stage.apply(*serving())
    plan = stage.plan(*serving(data="s3://bucket/two.tar.gz"))
    actions = [action for _, action in sorted(acting_steps(plan).items())]
    assert actions.count(Action.CREATE_BEFORE_DELETE) == 2
    assert actions.count(Action.UPDATE) == 1
    assert actions.count(Action.DELETE) == 2
    assert step_of(plan, "Model/fraud").changes[0].path == ("PrimaryContainer", "ModelDataUrl")


def test_an_endpoint_rollback_is_a_failure_with_its_reason(stage: Stage) -> None:
    """SageMaker shows InService with the old configuration: stuck, with its reason, both generations kept."""
    stage.apply(*serving())
    stage.sandbox.inject(
        InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason="the container did not start"
    )
    report = stage.apply(*serving("ml.m5.xlarge"))
    assert report.convergence is Convergence.STUCK
    lines = [outcome.message for outcome in report.outcomes if outcome.step.id == "Endpoint/fraud"]
    assert "the container did not start" in lines[0]
    assert len(_resource_names(stage, "endpoint-config")) == 2


def test_the_digest_that_was_rolled_back_is_not_tried_again(stage: Stage) -> None:
    """Applying the same documents again makes no call; changed documents are applied."""
    stage.apply(*serving())
    stage.sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason="no capacity")
    stage.apply(*serving("ml.m5.xlarge"))
    stage.forget_calls()
    again = stage.apply(*serving("ml.m5.xlarge"))
    assert again.convergence is Convergence.STUCK
    assert step_of(again.plan, "Endpoint/fraud").why is Reason.ROLLED_BACK
    failed = stage.inventory().of(Ref("Endpoint", "fraud")).failed
    assert failed is not None
    assert failed.reason == "no capacity"
    assert stage.mutations() == []
    assert stage.apply(*serving("ml.m5.2xlarge")).convergence is Convergence.SETTLED


def test_going_back_after_a_rollback_settles(stage: Stage) -> None:
    """The old documents match what serves, so only the failed generation is left to be deleted."""
    stage.apply(*serving())
    stage.sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason="no capacity")
    stage.apply(*serving("ml.m5.xlarge"))
    stage.forget_calls()
    assert stage.apply(*serving()).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteEndpointConfig"]
    assert len(_resource_names(stage, "endpoint-config")) == 1


def test_a_strangers_endpoint_keeps_our_config(stage: Stage) -> None:
    """An endpoint without a document uses the old configuration: it is kept, and so is its model."""
    stage.apply(*serving())
    (old,) = _resource_names(stage, "endpoint-config")
    stage.client().create_endpoint(EndpointName="stranger", EndpointConfigName=old)
    stage.wait(3600)
    report = stage.apply(*serving(data="s3://bucket/two.tar.gz"))
    assert report.convergence is Convergence.SETTLED
    assert old in _resource_names(stage, "endpoint-config")
    assert len(_resource_names(stage, "model")) == 2
    message = next(o.message for o in report.outcomes if o.step.id == f"EndpointConfig/fraud@{old}")
    assert "stranger" in message


def test_the_kept_generation_goes_when_the_stranger_has_left(stage: Stage) -> None:
    """A kept generation stays in the inventory: a later apply deletes it."""
    stage.apply(*serving())
    (old,) = _resource_names(stage, "endpoint-config")
    stage.client().create_endpoint(EndpointName="stranger", EndpointConfigName=old)
    stage.wait(3600)
    stage.apply(*serving(data="s3://bucket/two.tar.gz"))
    stage.client().delete_endpoint(EndpointName="stranger")
    stage.wait(3600)
    stage.apply(*serving(data="s3://bucket/two.tar.gz"))
    assert len(_resource_names(stage, "endpoint-config")) == 1
    assert len(_resource_names(stage, "model")) == 1


def test_generations_are_kept_where_the_policy_says(stage: Stage) -> None:
    """``policy.generations: 1`` keeps one old configuration for a quick way back."""
    kept = "generations: 1"
    stage.apply(model(), config(policy=kept), endpoint())
    stage.apply(model(), config("ml.m5.xlarge", policy=kept), endpoint())
    assert len(_resource_names(stage, "endpoint-config")) == 2
    stage.apply(model(), config("ml.m5.2xlarge", policy=kept), endpoint())
    assert len(_resource_names(stage, "endpoint-config")) == 2


def test_an_explicit_name_is_refused_or_replaced(stage: Stage) -> None:
    """With an explicit name, an immutable change is refused with the reason, or made by delete and create."""
    named = "modelName: fraud-model"
    stage.apply(model(extra=named))
    changed = model("s3://bucket/two.tar.gz", extra=named)
    refused = stage.apply(changed)
    assert refused.convergence is Convergence.STUCK
    assert "primaryContainer" in refused.plan.steps[0].detail
    stage.forget_calls()
    allowed = model("s3://bucket/two.tar.gz", extra=named, policy="replace: Allow")
    assert stage.plan(allowed).steps[0].action is Action.REPLACE
    assert stage.apply(allowed).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteModel", "CreateModel"]


def test_live_capacity_is_kept_unless_the_config_changes_it(stage: Stage) -> None:
    """Row 46: an autoscaled count survives an update of the instance type, unless the initial count changes too."""
    stage.apply(*serving())
    weights = [{"VariantName": "main", "DesiredInstanceCount": 5}]
    stage.client().update_endpoint_weights_and_capacities(
        EndpointName="fraud", DesiredWeightsAndCapacities=weights
    )
    stage.wait(3600)
    assert acting_steps(stage.plan(*serving())) == {}
    stage.apply(*serving("ml.m5.xlarge"))
    assert _count_resources(stage) == 5
    stage.apply(model(), config("ml.m5.xlarge", count=3), endpoint())
    assert _count_resources(stage) == 3


def _count_resources(stage: Stage) -> int:
    body = stage.client().describe_endpoint(EndpointName="fraud")
    return int(body["ProductionVariants"][0]["DesiredInstanceCount"])


def test_a_failed_creation_is_shown_and_mended_by_a_new_spec(stage: Stage) -> None:
    """A Failed endpoint is stuck with its reason and not retried; a changed spec deletes and recreates it."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason="no such image")
    failed = stage.apply(*serving())
    assert failed.convergence is Convergence.STUCK
    assert any("no such image" in outcome.message for outcome in failed.outcomes)
    stage.forget_calls()
    assert stage.apply(*serving()).convergence is Convergence.STUCK
    assert stage.mutations() == []
    assert stage.apply(*serving("ml.m5.xlarge")).convergence is Convergence.SETTLED
    assert "DeleteEndpoint" in stage.mutations()


def test_two_documents_of_one_spec_do_not_share_a_generation(stage: Stage) -> None:
    """Two documents with equal specs are two resources: each generation has its own document's name."""
    duplicate = model().replace("name: fraud", "name: twin")
    stage.apply(model(), duplicate)
    assert len(_resource_names(stage, "model")) == 2


def test_what_follows_names_that_are_not_known_yet_is_in_the_first_plan(stage: Stage) -> None:
    """A generation whose name depends on a job is in the plan, with the deletion of the one that it replaces."""
    tree = [(EXAMPLES / name).read_text(encoding="utf-8") for name in ("training.yaml", "serving.yaml")]
    stage.apply(*tree)
    changed = [tree[0].replace('max_depth: "6"', 'max_depth: "8"'), tree[1]]
    plan = stage.plan(*changed)
    announced = {each.id for each in plan.acting}
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    swept = [each for each in stage.mutations() if each.startswith("Delete")]
    assert len([each for each in plan.acting if each.why is Reason.SUPERSEDED]) == len(swept) == 3
    assert count_mutating_calls(plan) == len(stage.mutations()) == len(announced) == 7


def test_more_kept_generations_than_there_are_sweep_none(stage: Stage) -> None:
    """With ``policy.generations: 3`` two old ones stay, both of them."""
    for count in (1, 2, 3):
        stage.apply(model(), config(count=count, policy="generations: 3"), endpoint())
    assert len(_resource_names(stage, "endpoint-config")) == 3


def test_what_stands_on_a_blocked_document_is_not_counted_as_done(stage: Stage) -> None:
    """The endpoint of a blocked configuration is reported as blocked too, and is not counted as a change."""
    lost = config().replace("modelName: fraud", "modelName: nowhere")
    plan = stage.plan(model(), lost, endpoint())
    assert acting_steps(plan) == {"Model/fraud": Action.CREATE}
    held = step_of(plan, "Endpoint/fraud")
    assert held.why is Reason.DEPENDENCY_BLOCKED
    assert "EndpointConfig/fraud" in held.detail
    assert count_mutating_calls(plan) == 1
    assert stage.apply(model(), lost, endpoint()).convergence is Convergence.STUCK
    assert stage.mutations() == ["CreateModel"]


def test_an_adopted_model_is_kept_where_the_policy_says(stage: Stage) -> None:
    """A foreign model, adopted with ``deletion: Retain`` and changed, stays until that policy is removed."""
    stage.client().create_model(
        ModelName="by-hand",
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": "s3://bucket/one.tar.gz"},
    )
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model/by-hand"
    kept = f"{{deletion: Retain, adopt: IfUnowned, arn: '{arn}'}}"
    stage.apply(model(policy=kept), config(), endpoint())
    changed = (model("s3://bucket/two.tar.gz", policy=kept), config(), endpoint())
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert "by-hand" in _resource_names(stage, "model")
    assert len(_resource_names(stage, "endpoint-config")) == 1
    assert not stage.plan(*changed).acting
    stage.apply(*serving(data="s3://bucket/two.tar.gz"))
    assert "by-hand" not in _resource_names(stage, "model")
