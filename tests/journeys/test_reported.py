"""What users of Terraform, ACK and CloudFormation reported of SageMaker, tried here: each test names its report."""

from dataclasses import replace

from controller.core.phase import Standing
from tests.journeys.documents import endpoint, model
from tests.journeys.stage import Stage, acting, doc


def _split(first: float, instance: str = "ml.m5.large") -> str:
    """A configuration with two variants, of which the first gets this share of the traffic."""
    variants = "\n".join(
        f"- {{variantName: {name}, modelName: fraud, initialInstanceCount: 1, instanceType: {instance}, "
        f"initialVariantWeight: {weight}}}"
        for name, weight in (("a", first), ("b", round(1 - first, 7)))
    )
    return doc("EndpointConfig", "fraud", f"productionVariants:\n{variants}")


def test_a_weight_that_is_read_back_with_more_digits_is_the_same(stage: Stage) -> None:
    """hashicorp/terraform-provider-aws#43643: a weight of 0.8 was replaced again and again."""
    stage.sandbox.knobs = replace(stage.sandbox.knobs, single_precision_is_widened=True)
    stack = (model(), _split(0.8), endpoint())
    assert stage.apply(*stack).standing is Standing.SETTLED
    assert acting(stage.plan(*stack)) == {}
    stage.forget_calls()
    assert stage.apply(model(), _split(0.8, "ml.m5.xlarge"), endpoint()).standing is Standing.SETTLED
    (update,) = [each for each in stage.sandbox.calls if each.operation == "UpdateEndpoint"]
    assert "ExcludeRetainedVariantProperties" not in update.params, "the weight is not a changed one"
