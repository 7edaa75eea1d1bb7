from typing import Any

from controller.sandbox import InjectedFault, Sandbox
from tests.sandbox.conftest import IMAGE, ROLE, refusal
from tests.sandbox.newcomers import CLUSTER, S3, make, status

ARN = "arn:aws:sagemaker:us-east-1:123456789012:algorithm/one"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:git-abcdef"
CHANNEL = {
    "ChannelName": "train",
    "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": S3}},
    "InputMode": "File",
    "ShuffleConfig": {"Seed": 1},
}
VALIDATION = {
    "ValidationRole": ROLE,
    "ValidationProfiles": [
        {
            "ProfileName": "small",
            "TrainingJobDefinition": {
                "TrainingInputMode": "File",
                "InputDataConfig": [CHANNEL],
                "OutputDataConfig": {"S3OutputPath": S3, "CompressionType": "GZIP"},
                "ResourceConfig": CLUSTER | {"KeepAlivePeriodInSeconds": 60},
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 120},
            },
        }
    ],
}


def test_an_algorithm_is_validated_before_it_is_completed(sandbox: Sandbox, aws: Any) -> None:
    """Pending, InProgress and Completed follow each other, and so do the validations."""
    make(aws, "Algorithm", ValidationSpecification=VALIDATION)
    seen = []
    for seconds in (0, 1, 600):
        sandbox.clock.advance(seconds)
        shown = aws.describe_algorithm(AlgorithmName="one")
        (check,) = shown["AlgorithmStatusDetails"]["ValidationStatuses"]
        seen.append((shown["AlgorithmStatus"], check["Name"], check["Status"]))
    assert seen == [
        ("Pending", "small", "NotStarted"),
        ("InProgress", "small", "InProgress"),
        ("Completed", "small", "Completed"),
    ]


def test_digests_and_defaults_are_the_servers(aws: Any) -> None:
    """Describe returns digests of images and defaults that no request had, and omits parts of the validation."""
    serving = {
        "Containers": [{"Image": IMAGE}],
        "SupportedContentTypes": ["text/csv"],
    }
    make(aws, "Algorithm", InferenceSpecification=serving, ValidationSpecification=VALIDATION)
    shown = aws.describe_algorithm(AlgorithmName=ARN)
    assert shown["CertifyForMarketplace"] is False
    training = shown["TrainingSpecification"]
    assert training["TrainingImageDigest"].startswith("sha256:")
    assert training["SupportsDistributedTraining"] is False
    (container,) = shown["InferenceSpecification"]["Containers"]
    assert container["ImageDigest"].startswith("sha256:")
    assert container["IsCheckpoint"] is False
    job = shown["ValidationSpecification"]["ValidationProfiles"][0]["TrainingJobDefinition"]
    assert job["ResourceConfig"] == CLUSTER
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 60}
    assert job["OutputDataConfig"] == {"S3OutputPath": S3}
    assert set(job["InputDataConfig"][0]) == {"ChannelName", "DataSource"}


def test_an_algorithm_in_progress_stays(sandbox: Sandbox, aws: Any) -> None:
    """Delete is refused while the algorithm is in progress, and frees the name afterwards."""
    make(aws, "Algorithm")
    sandbox.clock.advance(2)
    assert refusal(aws.delete_algorithm, AlgorithmName="one") == (
        "ValidationException",
        "Cannot delete Algorithm in InProgress status",
    )
    sandbox.clock.advance(10)
    aws.delete_algorithm(AlgorithmName="one")
    make(aws, "Algorithm")


def test_only_describe_takes_the_arn(sandbox: Sandbox, aws: Any) -> None:
    """Delete takes the name alone."""
    make(aws, "Algorithm")
    sandbox.clock.advance(10)
    assert "failed to satisfy constraint" in refusal(aws.delete_algorithm, AlgorithmName=ARN)[1]


def test_a_failed_algorithm_says_why_in_its_details(sandbox: Sandbox, aws: Any) -> None:
    """There is no FailureReason at the top; the failed validation has it."""
    sandbox.inject(InjectedFault.FAIL, reason="the image has no entry point")
    make(aws, "Algorithm", ValidationSpecification=VALIDATION)
    sandbox.clock.advance(700)
    shown = aws.describe_algorithm(AlgorithmName="one")
    (check,) = shown["AlgorithmStatusDetails"]["ValidationStatuses"]
    assert (shown["AlgorithmStatus"], check["Status"]) == ("Failed", "Failed")
    assert check["FailureReason"] == "the image has no entry point"


def test_only_the_secret_of_a_repository_changes(sandbox: Sandbox, aws: Any) -> None:
    """Update sets the secret, leaves URL and branch alone, and moves the time of modification."""
    make(aws, "CodeRepository")
    before = aws.describe_code_repository(CodeRepositoryName="one")
    aws.update_code_repository(CodeRepositoryName="one", GitConfig={"SecretArn": SECRET})
    after = aws.describe_code_repository(CodeRepositoryName="one")
    assert after["GitConfig"] == before["GitConfig"] | {"SecretArn": SECRET}
    assert after["LastModifiedTime"] > before["LastModifiedTime"]
    aws.update_code_repository(CodeRepositoryName="one")
    assert aws.describe_code_repository(CodeRepositoryName="one")["GitConfig"] == after["GitConfig"]
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(aws.update_code_repository, CodeRepositoryName="one")[0] == "ConflictException"


def test_a_repository_has_an_https_url(aws: Any) -> None:
    """Another scheme breaks the pattern."""
    config = {"RepositoryUrl": "ssh://example.com/a"}
    code, text = refusal(make, aws=aws, kind="CodeRepository", GitConfig=config)
    assert code == "ValidationException"
    assert "at 'gitConfig.repositoryUrl' failed to satisfy constraint" in text


def test_repositories_are_sorted_by_name(sandbox: Sandbox, aws: Any) -> None:
    """ListCodeRepositories sorts by name by default, and returns the Git configuration."""
    for name in ("b", "a"):
        make(aws, "CodeRepository", name)
        sandbox.clock.advance(1)
    listed = aws.list_code_repositories()["CodeRepositorySummaryList"]
    assert [one["CodeRepositoryName"] for one in listed] == ["a", "b"]
    assert listed[0]["GitConfig"]["Branch"] == "main"
    aws.update_code_repository(CodeRepositoryName="b", GitConfig={"SecretArn": SECRET})
    request = {"SortBy": "LastModifiedTime", "SortOrder": "Descending"}
    newest = aws.list_code_repositories(**request)["CodeRepositorySummaryList"][0]
    assert newest["CodeRepositoryName"] == "b"
    aws.delete_code_repository(CodeRepositoryName="a")
    assert len(aws.list_code_repositories()["CodeRepositorySummaryList"]) == 1


def test_algorithms_are_listed_with_their_status(aws: Any) -> None:
    """ListAlgorithms returns name, ARN and status."""
    make(aws, "Algorithm", AlgorithmDescription="trees")
    (one,) = aws.list_algorithms()["AlgorithmSummaryList"]
    assert (one["AlgorithmArn"], one["AlgorithmStatus"]) == (ARN, status(aws, "Algorithm"))
    assert one["AlgorithmDescription"] == "trees"
