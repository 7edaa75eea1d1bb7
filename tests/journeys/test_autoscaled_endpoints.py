"""An endpoint under an autoscaler: updates that AWS refuses because of a scalable target are planned around it."""

from typing import Any

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.documents import endpoint, model, serving
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

KEY = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/fraud/variant/main",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
POLICY = """
scalingPolicies:
- policyName: load
  policyType: TargetTrackingScaling
  targetTrackingScalingPolicyConfiguration:
    targetValue: 70
    predefinedMetricSpecification: {predefinedMetricType: SageMakerVariantInvocationsPerInstance}
"""


def scalable_target(variant: str = "main", least: int = 1) -> str:
    """The scalable target of a variant."""
    return document_text(
        "ScalingTarget",
        f"fraud-{variant}",
        f"""
serviceNamespace: sagemaker
resourceId: endpoint/fraud/variant/{variant}
scalableDimension: sagemaker:variant:DesiredInstanceCount
minCapacity: {least}
maxCapacity: 8
{POLICY}""",
    )


def two_variants() -> str:
    """A configuration with a second variant."""
    return document_text(
        "EndpointConfig",
        "fraud",
        """
productionVariants:
- {variantName: main, modelName: fraud, initialInstanceCount: 2, instanceType: ml.m5.large}
- {variantName: other, modelName: fraud, initialInstanceCount: 1, instanceType: ml.m5.large}
""",
    )


def autoscaling_client(stage: Stage) -> Any:
    """Another user's client of Application Auto Scaling."""
    return stage.client("application-autoscaling")


def registered_targets(stage: Stage) -> list[str]:
    """The registered scalable targets, as other users see them."""
    found = autoscaling_client(stage).describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    return [each["ResourceId"] for each in found]


def scale_out(stage: Stage, count: int) -> None:
    """Set another number of instances than the configuration has, as the autoscaler does."""
    stage.client().update_endpoint_weights_and_capacities(
        EndpointName="fraud",
        DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": count}],
    )
    stage.wait(120)


def count_instances(stage: Stage) -> int:
    """The number of serving instances."""
    found = stage.client().describe_endpoint(EndpointName="fraud")["ProductionVariants"][0]
    return int(found["CurrentInstanceCount"])


def test_an_instance_type_is_changed_under_an_autoscaler_in_one_run(stage: Stage) -> None:
    """Deregistered, updated, verified, registered again with its policy; the number of instances does not change."""
    stage.apply(*serving(), scalable_target())
    scale_out(stage, 5)
    changed = (*serving("ml.m5.xlarge"), scalable_target())
    plan = stage.plan(*changed)
    held = step_of(plan, "Endpoint/fraud")
    assert [call.operation for call in held.calls] == ["DeregisterScalableTarget", "UpdateEndpoint"]
    assert "ScalingTarget/fraud-main creates it again after the update" in held.notes[0]
    again = step_of(plan, "ScalingTarget/fraud-main")
    assert (again.action, again.why) == (Action.WAIT, Reason.DEPENDENCY_NOT_READY)
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    mine = [each for each in stage.mutations() if "Config" not in each]
    assert mine == [
        "DeregisterScalableTarget",
        "UpdateEndpoint",
        "RegisterScalableTarget",
        "PutScalingPolicy",
    ]
    assert count_instances(stage) == 5
    assert registered_targets(stage) == ["endpoint/fraud/variant/main"]
    made = [each for plan in stage.plans for each in plan.steps if each.id == "ScalingTarget/fraud-main"]
    assert Reason.DELETED_OUTSIDE not in [each.why for each in made]
    assert acting_steps(stage.plan(*changed)) == {}


def test_an_update_that_keeps_the_variants_leaves_the_autoscaler_alone(stage: Stage) -> None:
    """A new model with the same instance type does not touch the scalable target."""
    stage.apply(*serving(), scalable_target())
    stage.forget_calls()
    assert (
        stage.apply(*serving(data="s3://bucket/two.tar.gz"), scalable_target()).convergence
        is Convergence.SETTLED
    )
    assert "DeregisterScalableTarget" not in stage.mutations()


def test_a_variant_is_removed_under_an_autoscaler(stage: Stage) -> None:
    """Its target is deleted with its document; a document that scales a removed variant blocks the update."""
    before = (model(), two_variants(), endpoint(), scalable_target(), scalable_target("other"))
    assert stage.apply(*before).convergence is Convergence.SETTLED
    kept = step_of(stage.plan(*serving(), scalable_target(), scalable_target("other")), "Endpoint/fraud")
    assert kept.action is Action.BLOCKED
    assert "remove the document ScalingTarget/fraud-other as well" in kept.detail
    unrequested = step_of(stage.plan(*serving(), scalable_target()), "Endpoint/fraud")
    assert unrequested.action is Action.BLOCKED
    stage.forget_calls()
    assert stage.apply(*serving(), scalable_target(), prune=True).convergence is Convergence.SETTLED
    mine = [each for each in stage.mutations() if "Config" not in each]
    assert mine == ["DeregisterScalableTarget", "UpdateEndpoint"]
    shown = stage.client().describe_endpoint(EndpointName="fraud")["ProductionVariants"]
    assert [each["VariantName"] for each in shown] == ["main"]
    assert registered_targets(stage) == ["endpoint/fraud/variant/main"]
    assert acting_steps(stage.plan(*serving(), scalable_target())) == {}


def test_a_foreign_scalable_target_is_named_and_blocks(stage: Stage) -> None:
    """A foreign target is deregistered neither by an update nor by a deletion, unless the document allows it."""
    stage.apply(*serving())
    autoscaling_client(stage).register_scalable_target(**KEY, MinCapacity=1, MaxCapacity=4)
    held = step_of(stage.plan(*serving("ml.m5.xlarge")), "Endpoint/fraud")
    assert (held.action, held.why) == (Action.BLOCKED, Reason.FOREIGN_OWNER)
    assert "endpoint/fraud/variant/main" in held.detail
    assert "has no ownership tag" in held.detail
    assert stage.destroy(*serving()).convergence is Convergence.STUCK
    assert registered_targets(stage) == ["endpoint/fraud/variant/main"]
    allowed = [
        each + "policy: {release: Allow}\n" if "kind: Endpoint\n" in each else each
        for each in serving("ml.m5.xlarge")
    ]
    note = step_of(stage.plan(*allowed), "Endpoint/fraud").notes[0]
    assert "nothing here creates it again" in note
    assert stage.apply(*allowed).convergence is Convergence.SETTLED
    assert registered_targets(stage) == []


def test_consent_to_deregister_outlives_the_document(stage: Stage) -> None:
    """The inventory keeps that policy after the document was removed, until a document without it is applied."""
    policy = "policy: {release: Allow}\n"
    allowed = [each + policy if "kind: Endpoint\n" in each else each for each in serving()]
    stage.apply(*allowed)
    autoscaling_client(stage).register_scalable_target(**KEY, MinCapacity=1, MaxCapacity=4)
    stage.apply(*serving())
    held = step_of(stage.plan(model(), prune=True), "Endpoint/fraud")
    assert (held.action, held.why) == (Action.BLOCKED, Reason.FOREIGN_OWNER)
    stage.apply(*allowed)
    named = frozenset({"Endpoint/fraud"})
    assert stage.apply(model(), prune=True, confirm_delete=named).convergence is Convergence.SETTLED
    assert registered_targets(stage) == []


@pytest.mark.parametrize("after", ["DeregisterScalableTarget", "UpdateEndpoint"])
def test_a_kill_between_deregistration_and_registration_is_recovered(stage: Stage, after: str) -> None:
    """The next run updates the endpoint, if that was not done, and registers the target again."""
    stage.apply(*serving(), scalable_target())
    scale_out(stage, 5)
    changed = (*serving("ml.m5.xlarge"), scalable_target())

    def die(call: Call) -> None:
        if call.operation == after:
            stage.cloud_now(call)
            raise Killed

    stage.before_call = die
    with pytest.raises(Killed):
        stage.apply(*changed)
    stage.before_call = lambda _: None
    assert registered_targets(stage) == []
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert registered_targets(stage) == ["endpoint/fraud/variant/main"]
    assert count_instances(stage) == 5
    assert acting_steps(stage.plan(*changed)) == {}


class Killed(BaseException):
    """The process was killed."""


def test_unreadable_scalable_targets_are_noted_in_the_plan(stage: Stage) -> None:
    """Without the permission the update is made with a note, unless AWS itself refuses it."""
    stage.apply(*serving(), scalable_target())
    stage.sandbox.inject(InjectedFault.DENIED, operation="DescribeScalableTargets", times=None)
    plan = stage.plan(*serving("ml.m5.xlarge"))
    assert "allow application-autoscaling:DescribeScalableTargets" in step_of(plan, "Endpoint/fraud").notes[0]


def test_limits_that_a_scheduled_action_set_are_no_drift(stage: Stage) -> None:
    """Limits set by a scheduled action are no drift of the document; a change of the document is still written."""
    day = "{scheduledActionName: day, schedule: 'rate(1 day)', scalableTargetAction: {minCapacity: 4}}"
    action = f"scheduledActions: [{day}]"
    documents = (*serving(), scalable_target() + f"  {action}\n")
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    autoscaling_client(stage).register_scalable_target(**KEY, MinCapacity=4)
    stage.wait(120)
    assert acting_steps(stage.plan(*documents)) == {}
    changed = (*serving(), scalable_target(least=3) + f"  {action}\n")
    stage.forget_calls()
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    assert stage.mutations() == ["RegisterScalableTarget"]


def test_foreign_policies_are_deleted_only_if_the_document_lists_policies(stage: Stage) -> None:
    """If the document has a list of policies, it is the whole list, and policies of others are deleted."""
    stage.apply(*serving(), scalable_target())
    config_of = {"TargetValue": 50.0, "PredefinedMetricSpecification": {"PredefinedMetricType": METRIC}}
    autoscaling_client(stage).put_scaling_policy(
        **KEY,
        PolicyName="by-hand",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=config_of,
    )
    stage.forget_calls()
    assert (
        stage.apply(*serving(), scalable_target().replace(POLICY_TEXT, "")).convergence is Convergence.SETTLED
    )
    assert stage.mutations() == []
    assert stage.apply(*serving(), scalable_target()).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteScalingPolicy"]


METRIC = "SageMakerVariantInvocationsPerInstance"
POLICY_TEXT = "".join(f"  {line}\n" for line in POLICY.strip().splitlines())
