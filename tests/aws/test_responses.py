import pytest

from controller.aws.responses import classify, stable_message
from controller.core.cloud import Fault

INVALID = "ValidationException"


@pytest.mark.parametrize(
    ("operation", "code", "message", "fault"),
    [
        ("DescribeWorkforce", INVALID, "No workforce found with name x", Fault.MISSING),
        ("DescribeWorkteam", INVALID, "The work team x does not exist", Fault.MISSING),
        ("CreateWorkteam", "ResourceInUse", "taken", Fault.EXISTS),
        ("DeleteWorkforce", "ResourceInUse", "has work teams", Fault.BUSY),
        ("UpdateWorkforce", "ConflictException", "racing", Fault.BUSY),
        ("DescribeModel", INVALID, 'Could not find model "arn".', Fault.MISSING),
        ("PutObject", "RequestTimeTooSkewed", "the difference is too large", Fault.DENIED),
        ("GetCallerIdentity", "SignatureDoesNotMatch", "Signature expired", Fault.DENIED),
        ("GetObject", "InvalidAccessKeyId", "no such key", Fault.DENIED),
        ("CreateModel", INVALID, 'Cannot create already existing model "arn".', Fault.EXISTS),
        ("CreateEndpointConfig", INVALID, 'Could not find model "arn".', Fault.REFERENCE),
        ("UpdateEndpoint", INVALID, 'Could not find endpoint configuration "arn".', Fault.REFERENCE),
        ("CreateModel", INVALID, "Could not find model data at s3://b/k.", Fault.REFERENCE),
        ("UpdateEndpoint", INVALID, 'Cannot update in-progress endpoint "arn".', Fault.BUSY),
        ("DescribePipeline", "ResourceNotFound", "Pipeline 'arn' does not exist.", Fault.MISSING),
        (
            "CreatePipeline",
            INVALID,
            "Pipeline names must be unique within an AWS account and region. Pipeline with name (x) already exists.",
            Fault.EXISTS,
        ),
        (
            "CreateEndpointConfig",
            INVALID,
            "Variant names must be unique within an endpoint configuration.",
            Fault.INVALID,
        ),
        ("DescribeModelPackage", INVALID, "Model package arn does not exist.", Fault.MISSING),
        ("CreateModelPackage", INVALID, "ModelPackage already exists: arn", Fault.EXISTS),
        ("DeleteModelPackageGroup", "ConflictException", "not empty", Fault.BUSY),
        ("CreateMlflowApp", "ConflictException", "MLflow app with name x already exists.", Fault.EXISTS),
        ("UpdateMlflowApp", "ConflictException", "MLflow app with name x already exists.", Fault.INVALID),
        ("UpdateTrial", "ConflictException", "There was a conflict", Fault.BUSY),
        ("CreateModel", "ResourceLimitExceeded", "The account-level service limit ...", Fault.LIMIT),
        ("ListModels", "ThrottlingException", "Rate exceeded", Fault.THROTTLED),
        ("CreateModel", "AccessDeniedException", "User: x is not authorized to perform", Fault.DENIED),
        ("DescribeModel", "ExpiredTokenException", "The security token is expired", Fault.DENIED),
        ("PutObject", "ExpiredToken", "The provided token has expired.", Fault.DENIED),
        ("DescribeModel", "UnrecognizedClientException", "The token is invalid.", Fault.DENIED),
        ("GetCallerIdentity", "InvalidClientTokenId", "The token is invalid", Fault.DENIED),
        ("DescribeModel", "InvalidSignatureException", "Signature expired", Fault.DENIED),
        ("CreateModel", INVALID, "1 validation error detected: Value 'x' at 'y' failed", Fault.INVALID),
        ("CreateModel", "InternalFailure", "oops", Fault.UNKNOWN),
        # aws/amazon-sagemaker-feedback#104
        (
            "DeleteMlflowTrackingServer",
            INVALID,
            "Tracking Server is in un-deletable state (UPDATING), so it cannot be deleted.",
            Fault.BUSY,
        ),
        (
            "StopMlflowTrackingServer",
            INVALID,
            "Tracking Server with ARN arn is currently in status UPDATING, can't be stopped.",
            Fault.BUSY,
        ),
    ],
)
def test_a_refusal_is_told_by_code_and_words(operation: str, code: str, message: str, fault: Fault) -> None:
    """The service's text for each state is classified as one fault, whatever the error code."""
    assert classify(operation, code, message) is fault


@pytest.mark.parametrize(
    "message",
    [
        "no such role (Service: Sts; Status Code: 403; Request ID: 8f1c-22)",
        "no such role, RequestID: 8f1c22aa",
        "no such role; request id 1234-5678",
    ],
)
def test_ids_of_requests_are_no_part_of_the_words(message: str) -> None:
    """Row 60: two refusals that differ only by their request ids have the same message."""
    assert "8f1c" not in stable_message(message)
    assert "1234" not in stable_message(message)
    assert stable_message(message).startswith("no such role")
