from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of, make_config, make_model, refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/Shop"
ROLLING = {
    "RollingUpdatePolicy": {
        "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": 0,
    }
}


@pytest.fixture
def serving_client(sandbox: Sandbox, aws: Any) -> Any:
    """Return an endpoint in service, with a second configuration at hand."""
    make_model(aws)
    make_config(aws, "one")
    make_config(aws, "two", count=3)
    aws.create_endpoint(EndpointName="Shop", EndpointConfigName="one")
    sandbox.clock.advance(200)
    return aws


def test_an_endpoint_is_born_creating_and_grows_in_service(sandbox: Sandbox, aws: Any) -> None:
    """Right after Create the endpoint is Creating; only the clock changes it to InService."""
    make_model(aws)
    make_config(aws, "one")
    aws.create_endpoint(EndpointName="Shop", EndpointConfigName="one")
    young = aws.describe_endpoint(EndpointName="Shop")
    assert young["EndpointStatus"] == "Creating"
    assert young["EndpointArn"] == ARN
    assert "ProductionVariants" not in young
    assert young["PendingDeploymentSummary"]["EndpointConfigName"] == "one"
    sandbox.clock.advance(179.9)
    assert aws.describe_endpoint(EndpointName="Shop")["EndpointStatus"] == "Creating"
    sandbox.clock.advance(0.1)
    describe_endpoint = aws.describe_endpoint(EndpointName="Shop")
    assert describe_endpoint["EndpointStatus"] == "InService"
    assert describe_endpoint["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert "PendingDeploymentSummary" not in describe_endpoint
    assert describe_endpoint["LastModifiedTime"] > describe_endpoint["CreationTime"]


def test_an_endpoint_that_takes_no_time_is_in_service_at_once() -> None:
    """States without duration are not visible, and leave no trace."""
    aws = client_of(Sandbox(knobs=Knobs(endpoint_creating=0)))
    make_model(aws)
    make_config(aws, "one")
    aws.create_endpoint(EndpointName="Shop", EndpointConfigName="one")
    shown = aws.describe_endpoint(EndpointName="Shop")
    assert shown["EndpointStatus"] == "InService"
    assert "PendingDeploymentSummary" not in shown


def test_the_name_is_case_insensitive_on_create(serving_client: Any) -> None:
    """A name that differs in case alone exists already."""
    code, text = refusal(serving_client.create_endpoint, EndpointName="SHOP", EndpointConfigName="one")
    assert (code, text) == ("ValidationException", f'Cannot create already existing endpoint "{ARN}".')


def test_the_configuration_must_exist(aws: Any) -> None:
    """An endpoint without its configuration is refused with the configuration's not-found message."""
    code, text = refusal(aws.create_endpoint, EndpointName="e", EndpointConfigName="ghost")
    arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/ghost"
    assert (code, text) == ("ValidationException", f'Could not find endpoint configuration "{arn}".')


def test_an_update_shows_the_old_configuration_until_it_is_done(
    sandbox: Sandbox, serving_client: Any
) -> None:
    """While Updating, Describe names the old configuration and the new one is pending."""
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two")
    during = serving_client.describe_endpoint(EndpointName="Shop")
    assert (during["EndpointStatus"], during["EndpointConfigName"]) == ("Updating", "one")
    assert during["PendingDeploymentSummary"]["EndpointConfigName"] == "two"
    sandbox.clock.advance(200)
    after = serving_client.describe_endpoint(EndpointName="Shop")
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", "two")
    assert after["ProductionVariants"][0]["DesiredInstanceCount"] == 3


def test_a_knob_flips_the_configuration_early() -> None:
    """With updating_shows_new_config Describe names the new configuration at once."""
    sandbox = Sandbox(knobs=Knobs(updating_shows_new_config=True))
    aws = client_of(sandbox)
    make_model(aws)
    make_config(aws, "one")
    make_config(aws, "two")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="one")
    sandbox.clock.advance(200)
    aws.update_endpoint(EndpointName="e", EndpointConfigName="two")
    assert aws.describe_endpoint(EndpointName="e")["EndpointConfigName"] == "two"


@pytest.mark.parametrize("operation", ["update", "rescale", "delete"])
def test_nothing_is_changed_while_in_progress(serving_client: Any, operation: str) -> None:
    """Update, rescale and Delete are refused while the endpoint is Updating."""
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two")
    weights = [{"VariantName": "main", "DesiredInstanceCount": 2}]
    calls = {
        "update": lambda: serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="one"),
        "rescale": lambda: serving_client.update_endpoint_weights_and_capacities(
            EndpointName="Shop", DesiredWeightsAndCapacities=weights
        ),
        "delete": lambda: serving_client.delete_endpoint(EndpointName="Shop"),
    }
    assert refusal(calls[operation]) == (
        "ValidationException",
        f'Cannot update in-progress endpoint "{ARN}".',
    )


def test_a_rolled_back_update_ends_in_service_on_the_old_configuration(
    sandbox: Sandbox, serving_client: Any
) -> None:
    """An update that rolls back is InService again, with the old configuration and a reason."""
    sandbox.inject(InjectedFault.ROLLBACK, reason="the container crashed")
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two")
    sandbox.clock.advance(200)
    after = serving_client.describe_endpoint(EndpointName="Shop")
    assert (after["EndpointStatus"], after["EndpointConfigName"]) == ("InService", "one")
    assert after["FailureReason"] == "the container crashed"
    assert after["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    assert "VariantStatus" not in after["ProductionVariants"][0]
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two")
    sandbox.clock.advance(200)
    again = serving_client.describe_endpoint(EndpointName="Shop")
    assert again["EndpointConfigName"] == "two"
    assert "FailureReason" not in again


def test_a_rolling_update_can_get_stuck(sandbox: Sandbox, serving_client: Any) -> None:
    """A rolling update that can't be rolled back ends UpdateRollbackFailed."""
    sandbox.inject(InjectedFault.FAIL, operation="UpdateEndpoint")
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two", DeploymentConfig=ROLLING)
    sandbox.clock.advance(200)
    assert serving_client.describe_endpoint(EndpointName="Shop")["EndpointStatus"] == "UpdateRollbackFailed"


def test_a_failed_endpoint_can_only_be_deleted(sandbox: Sandbox, aws: Any) -> None:
    """A failed creation ends Failed with a reason, and accepts only Delete."""
    make_model(aws)
    make_config(aws, "one")
    sandbox.inject(InjectedFault.FAIL, name="e", reason="no capacity")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="one")
    sandbox.clock.advance(200)
    describe_endpoint = aws.describe_endpoint(EndpointName="e")
    assert (describe_endpoint["EndpointStatus"], describe_endpoint["FailureReason"]) == (
        "Failed",
        "no capacity",
    )
    assert (
        refusal(aws.update_endpoint, EndpointName="e", EndpointConfigName="one")[0] == "ValidationException"
    )
    aws.delete_endpoint(EndpointName="e")
    assert aws.describe_endpoint(EndpointName="e")["EndpointStatus"] == "Deleting"
    sandbox.clock.advance(60)
    assert refusal(aws.describe_endpoint, EndpointName="e")[1].startswith("Could not find endpoint ")


def rescale(sandbox: Sandbox, aws: Any, count: int, weight: float) -> None:
    """Scale the variant and wait until it is done."""
    desired = [{"VariantName": "main", "DesiredInstanceCount": count, "DesiredWeight": weight}]
    aws.update_endpoint_weights_and_capacities(EndpointName="Shop", DesiredWeightsAndCapacities=desired)
    sandbox.clock.advance(100)


@pytest.mark.parametrize(
    ("flags", "count", "weight"),
    [
        ({}, 3, 1.0),
        ({"RetainAllVariantProperties": True}, 7, 0.5),
        (
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
            7,
            1.0,
        ),
    ],
)
def test_an_update_resets_what_it_is_not_told_to_retain(
    sandbox: Sandbox, serving_client: Any, flags: dict[str, Any], count: int, weight: float
) -> None:
    """Scaled counts and weights survive an update only if it requests to retain them."""
    rescale(sandbox, serving_client, 7, 0.5)
    assert (
        serving_client.describe_endpoint(EndpointName="Shop")["ProductionVariants"][0]["CurrentInstanceCount"]
        == 7
    )
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two", **flags)
    sandbox.clock.advance(200)
    main = serving_client.describe_endpoint(EndpointName="Shop")["ProductionVariants"][0]
    assert (main["DesiredInstanceCount"], main["DesiredWeight"]) == (count, weight)


def test_a_rescale_names_unknown_variants(serving_client: Any) -> None:
    """Weights for an unknown variant are refused, naming it and the configuration."""
    code, text = refusal(
        serving_client.update_endpoint_weights_and_capacities,
        EndpointName="Shop",
        DesiredWeightsAndCapacities=[{"VariantName": "x", "DesiredWeight": 1.0}],
    )
    assert code == "ValidationException"
    assert text == 'The variant name(s) "x" is/are not present within endpoint configuration "one".'


def test_the_last_deployment_configuration_is_kept_when_asked(sandbox: Sandbox, serving_client: Any) -> None:
    """LastDeploymentConfig is what the last update used; RetainDeploymentConfig reuses it."""
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="two", DeploymentConfig=ROLLING)
    sandbox.clock.advance(200)
    assert serving_client.describe_endpoint(EndpointName="Shop")["LastDeploymentConfig"] == ROLLING
    serving_client.update_endpoint(EndpointName="Shop", EndpointConfigName="one", RetainDeploymentConfig=True)
    sandbox.clock.advance(200)
    assert serving_client.describe_endpoint(EndpointName="Shop")["LastDeploymentConfig"] == ROLLING


def test_the_configuration_in_use_can_be_deleted(serving_client: Any) -> None:
    """The service does not protect a configuration or a model that is in use."""
    serving_client.delete_endpoint_config(EndpointConfigName="one")
    serving_client.delete_model(ModelName="m")
    assert serving_client.describe_endpoint(EndpointName="Shop")["EndpointConfigName"] == "one"
