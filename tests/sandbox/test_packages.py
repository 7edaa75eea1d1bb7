from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from controller.sandbox import Knobs, Sandbox
from tests.sandbox.conftest import IMAGE, refusal

GROUP = "arn:aws:sagemaker:us-east-1:123456789012:model-package-group/g"


@pytest.fixture
def group(sandbox: Sandbox, aws: Any) -> Any:
    """Create a group, and wait until it is Completed."""
    aws.create_model_package_group(ModelPackageGroupName="g")
    sandbox.clock.advance(10)
    return aws


def test_a_group_passes_through_its_states(sandbox: Sandbox, aws: Any) -> None:
    """A group is Pending, InProgress and Completed in turn, and Deleting before it is not found."""
    aws.create_model_package_group(ModelPackageGroupName="g")
    seen = []
    for _ in range(3):
        seen.append(aws.describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupStatus"])
        sandbox.clock.advance(1)
    aws.delete_model_package_group(ModelPackageGroupName=GROUP)
    seen.append(aws.describe_model_package_group(ModelPackageGroupName=GROUP)["ModelPackageGroupStatus"])
    assert seen == ["Pending", "InProgress", "Completed", "Deleting"]
    sandbox.clock.advance(10)
    gone = ("ValidationException", f"ModelPackageGroup {GROUP} does not exist.")
    assert refusal(aws.describe_model_package_group, ModelPackageGroupName="g") == gone


def test_a_group_with_packages_stays(sandbox: Sandbox, group: Any) -> None:
    """A group is not deletable until its packages are."""
    arn = group.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    assert refusal(group.delete_model_package_group, ModelPackageGroupName="g")[0] == "ConflictException"
    sandbox.clock.advance(10)
    group.delete_model_package(ModelPackageName=arn)
    group.delete_model_package_group(ModelPackageGroupName="g")


def test_numbers_are_never_used_again(sandbox: Sandbox, group: Any) -> None:
    """The number of a deleted version is not used again."""
    first = group.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    sandbox.clock.advance(10)
    group.delete_model_package(ModelPackageName=first)
    second = group.create_model_package(ModelPackageGroupName=GROUP)["ModelPackageArn"]
    assert (first[-4:], second[-4:]) == ("/g/1", "/g/2")
    version = group.describe_model_package(ModelPackageName=second)
    assert version["ModelPackageVersion"] == 2
    assert version["ModelApprovalStatus"] == "PendingManualApproval"
    assert version["ModelPackageStatusDetails"]["ValidationStatuses"] == []


def test_a_client_token_is_replayed(group: Any) -> None:
    """The same token and parameters return the same version; other parameters are refused."""
    first = group.create_model_package(ModelPackageGroupName="g", ClientToken="t")
    again = group.create_model_package(ModelPackageGroupName="g", ClientToken="t")
    assert again["ModelPackageArn"] == first["ModelPackageArn"]
    other = {"ModelPackageGroupName": "g", "ClientToken": "t", "ModelPackageDescription": "x"}
    assert refusal(group.create_model_package, **other)[0] == "ValidationException"
    assert len(group.list_model_packages(ModelPackageGroupName="g")["ModelPackageSummaryList"]) == 1


def test_thirty_two_threads_get_thirty_two_numbers(sandbox: Sandbox, group: Any) -> None:
    """Versions created concurrently are numbered without gaps or duplicates."""
    with ThreadPoolExecutor(32) as pool:
        made = list(pool.map(lambda _: group.create_model_package(ModelPackageGroupName="g"), range(32)))
    numbers = sorted(int(one["ModelPackageArn"].rpartition("/")[2]) for one in made)
    assert numbers == list(range(1, 33))


def test_an_update_merges_metadata_and_appends_specifications(sandbox: Sandbox, group: Any) -> None:
    """Metadata is merged, ToRemove removes and ToAdd appends."""
    made = group.create_model_package(
        ModelPackageGroupName="g", CustomerMetadataProperties={"a": "1", "b": "2"}
    )
    arn = made["ModelPackageArn"]
    sandbox.clock.advance(10)
    more = {"Name": "gpu", "Containers": [{"Image": IMAGE}]}
    group.update_model_package(
        ModelPackageArn=arn,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a"],
        AdditionalInferenceSpecificationsToAdd=[more],
        ModelApprovalStatus="Approved",
        ApprovalDescription="good",
    )
    package = group.describe_model_package(ModelPackageName=arn)
    assert package["CustomerMetadataProperties"] == {"b": "3", "c": "4"}
    assert [one["Name"] for one in package["AdditionalInferenceSpecifications"]] == ["gpu"]
    assert (package["ModelApprovalStatus"], package["ApprovalDescription"]) == ("Approved", "good")
    twice = {"ModelPackageArn": arn, "AdditionalInferenceSpecificationsToAdd": [more]}
    assert refusal(group.update_model_package, **twice)[0] == "ValidationException"


def test_the_sub_kinds_do_not_mix(group: Any) -> None:
    """One of the two names is needed, and tags are for unversioned packages."""
    both = {"ModelPackageName": "p", "ModelPackageGroupName": "g"}
    assert refusal(group.create_model_package, **both)[1].startswith("Both ModelPackageName and")
    assert refusal(group.create_model_package) == ("ValidationException", "Missing ARN.")
    tags = {"ModelPackageGroupName": "g", "Tags": [{"Key": "k", "Value": "v"}]}
    assert refusal(group.create_model_package, **tags)[0] == "ValidationException"


def test_approval_does_not_apply_to_a_package_of_its_own_name(sandbox: Sandbox, group: Any) -> None:
    """An approval status is ignored, or refused according to the knob."""
    approval = {"ModelPackageName": "p", "ModelApprovalStatus": "Approved"}
    group.create_model_package(**approval)
    assert "ModelApprovalStatus" not in group.describe_model_package(ModelPackageName="p")
    (listed,) = group.list_model_packages()["ModelPackageSummaryList"]
    assert "ModelApprovalStatus" not in listed
    sandbox.knobs = Knobs(unsupported_is_refused=True)
    refused = refusal(group.create_model_package, **approval | {"ModelPackageName": "q"})
    assert refused[0] == "ValidationException"


def test_a_package_that_is_not_validated_is_updated_at_once(sandbox: Sandbox, group: Any) -> None:
    """UpdateModelPackage right after CreateModelPackage is accepted, unless the knob is set."""
    new = group.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    group.update_model_package(ModelPackageArn=new, SourceUri="s3://bucket/model")
    assert group.describe_model_package(ModelPackageName=new)["ModelPackageStatus"] == "Completed"
    sandbox.knobs = Knobs(package_creating=1)
    slow = group.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    assert refusal(group.update_model_package, ModelPackageArn=slow)[0] == "ConflictException"
    sandbox.clock.advance(1)
    group.update_model_package(ModelPackageArn=slow, SourceUri="s3://bucket/model")


def test_lists_show_unversioned_packages_unless_asked(group: Any) -> None:
    """ListModelPackages defaults to Unversioned, and Batch lists unknown ARNs separately."""
    group.create_model_package(ModelPackageName="p")
    arn = group.create_model_package(ModelPackageGroupName="g")["ModelPackageArn"]
    names = [one["ModelPackageName"] for one in group.list_model_packages()["ModelPackageSummaryList"]]
    assert names == ["p"]
    both = group.list_model_packages(ModelPackageType="Both")["ModelPackageSummaryList"]
    assert len(both) == 2
    batch = group.batch_describe_model_package(ModelPackageArnList=[arn, f"{arn}9"])
    assert list(batch["ModelPackageSummaries"]) == [arn]
    assert batch["BatchDescribeModelPackageErrorMap"][f"{arn}9"]["ErrorCode"] == "ValidationException"
