from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, make_config, make_model, refusal, variant

PREFIX = "arn:aws:sagemaker:us-east-1:123456789012"


def test_a_model_comes_back_with_the_defaults_of_the_server(aws: Any) -> None:
    """Describe adds Mode, ModelDataSource and network isolation to what was sent, and no tags."""
    container = {"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}
    aws.create_model(ModelName="m", PrimaryContainer=container, Tags=[{"Key": "team", "Value": "risk"}])
    model = aws.describe_model(ModelName="m")
    assert model["EnableNetworkIsolation"] is False
    assert model["PrimaryContainer"]["Mode"] == "SingleModel"
    assert model["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]["S3Uri"] == container["ModelDataUrl"]
    assert "Tags" not in model


def test_a_model_is_found_missing_and_existing_in_prose(aws: Any) -> None:
    """Not-found and already-exists are ValidationExceptions that name the ARN."""
    gone = ("ValidationException", f'Could not find model "{PREFIX}:model/m".')
    assert refusal(aws.describe_model, ModelName="m") == gone
    assert refusal(aws.delete_model, ModelName="m") == gone
    make_model(aws)
    exists = ("ValidationException", f'Cannot create already existing model "{PREFIX}:model/m".')
    assert refusal(aws.create_model, ModelName="m", PrimaryContainer={"Image": IMAGE}) == exists
    aws.delete_model(ModelName="m")
    assert refusal(aws.describe_model, ModelName="m") == gone


def test_a_model_has_one_form(aws: Any) -> None:
    """PrimaryContainer and Containers exclude each other, and one is needed."""
    image = {"Image": IMAGE}
    both = refusal(aws.create_model, ModelName="m", PrimaryContainer=image, Containers=[image])
    assert both[0] == "ValidationException"
    assert refusal(aws.create_model, ModelName="m")[0] == "ValidationException"


def test_a_model_needs_an_approved_package(sandbox: Sandbox, aws: Any) -> None:
    """A versioned package makes a model only when it exists, is Completed and is Approved."""
    sandbox.knobs = Knobs(package_creating=1)
    aws.create_model_package_group(ModelPackageGroupName="g")
    arn = aws.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    container = {"ModelPackageName": arn}
    make = {"ModelName": "m", "Containers": [container], "ExecutionRoleArn": ROLE}
    unknown = {**make, "Containers": [{"ModelPackageName": f"{PREFIX}:model-package/g/9"}]}
    assert "does not exist" in refusal(aws.create_model, **unknown)[1]
    assert "Completed" in refusal(aws.create_model, **make)[1]
    sandbox.clock.advance(10)
    assert "PendingManualApproval" in refusal(aws.create_model, **make)[1]
    aws.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    aws.create_model(**make)


def test_an_endpoint_config_needs_its_models(aws: Any) -> None:
    """A variant of an unknown model is refused with the model's not-found message."""
    refused = refusal(
        aws.create_endpoint_config, EndpointConfigName="c", ProductionVariants=[variant("ghost")]
    )
    assert refused == ("ValidationException", f'Could not find model "{PREFIX}:model/ghost".')


def test_an_endpoint_config_comes_back_with_defaults(aws: Any) -> None:
    """Weight and data capture get defaults, variants keep their order; a second Create is refused."""
    make_model(aws)
    names = [variant(VariantName=name) for name in ("b", "a")]
    capture = {
        "InitialSamplingPercentage": 50,
        "DestinationS3Uri": "s3://bucket/capture",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
    aws.create_endpoint_config(EndpointConfigName="c", ProductionVariants=names, DataCaptureConfig=capture)
    config = aws.describe_endpoint_config(EndpointConfigName="c")
    assert [one["VariantName"] for one in config["ProductionVariants"]] == ["b", "a"]
    assert config["ProductionVariants"][0]["InitialVariantWeight"] == 1.0
    assert config["DataCaptureConfig"]["EnableCapture"] is True
    arn = f"{PREFIX}:endpoint-config/c"
    exists = ("ValidationException", f'Cannot create already existing endpoint configuration "{arn}".')
    again = refusal(aws.create_endpoint_config, EndpointConfigName="c", ProductionVariants=names)
    assert again == exists
    aws.delete_endpoint_config(EndpointConfigName="c")
    gone = ("ValidationException", f'Could not find endpoint configuration "{arn}".')
    assert refusal(aws.describe_endpoint_config, EndpointConfigName="c") == gone


def test_a_config_survives_its_model(aws: Any) -> None:
    """Deleting a model that a configuration names is accepted."""
    make_model(aws)
    make_config(aws, "c")
    aws.delete_model(ModelName="m")
    assert aws.describe_endpoint_config(EndpointConfigName="c")["ProductionVariants"][0]["ModelName"] == "m"


def test_a_host_name_is_of_every_container_or_of_none(aws: Any) -> None:
    """The containers of a pipeline are named all or not at all, and differently."""
    one, two = ({"Image": IMAGE, "ContainerHostname": name} for name in ("first", "second"))
    aws.create_model(ModelName="named", Containers=[one, two], ExecutionRoleArn=ROLE)
    with pytest.raises(ClientError, match="every container of a pipeline, or for none"):
        aws.create_model(ModelName="half", Containers=[one, {"Image": IMAGE}], ExecutionRoleArn=ROLE)
    with pytest.raises(ClientError, match="must be unique"):
        aws.create_model(ModelName="twice", Containers=[one, one], ExecutionRoleArn=ROLE)


def test_a_package_of_another_account_is_taken_unseen(aws: Any) -> None:
    """Its state can't be read here; one of this account must exist."""
    package = "arn:aws:sagemaker:us-east-1:{}:model-package/shared/1"
    given = {"ModelPackageName": package.format("999999999999")}
    aws.create_model(ModelName="theirs", PrimaryContainer=given, ExecutionRoleArn=ROLE)
    with pytest.raises(ClientError, match="does not exist"):
        aws.create_model(
            ModelName="ours",
            PrimaryContainer={"ModelPackageName": package.format("123456789012")},
            ExecutionRoleArn=ROLE,
        )
