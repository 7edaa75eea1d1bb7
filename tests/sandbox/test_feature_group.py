from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import ROLE, client_of, refusal
from tests.sandbox.newcomers import FEATURE_GROUP, FEATURES, S3, make, status, wait_until_idle

OFFLINE = {"OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": S3}}, "RoleArn": ROLE}
MORE = {"FeatureName": "more", "FeatureType": "Integral"}
WEEK = {"Unit": "Weeks", "Value": 1}


@pytest.fixture
def group_client(sandbox: Sandbox, aws: Any) -> Any:
    """Make a feature group."""
    make(aws, "FeatureGroup", "shop")
    wait_until_idle(sandbox)
    return aws


def describe(aws: Any, **request: Any) -> Any:
    """Describe it."""
    return aws.describe_feature_group(FeatureGroupName="shop", **request)


def feature_names(aws: Any) -> list[str]:
    """Name its features."""
    return [one["FeatureName"] for one in describe(aws)["FeatureDefinitions"]]


def test_a_feature_group_is_born_creating(sandbox: Sandbox, aws: Any) -> None:
    """Creating, then Created; Describe always has a NextToken, and no description if none was given."""
    make(aws, "FeatureGroup", "Shop-1", **OFFLINE)
    young = aws.describe_feature_group(FeatureGroupName="Shop-1")
    assert (young["FeatureGroupStatus"], young["NextToken"]) == ("Creating", "")
    assert young["FeatureGroupArn"].endswith(":feature-group/Shop-1")
    assert "OfflineStoreStatus" not in young
    wait_until_idle(sandbox)
    describe_feature_group = aws.describe_feature_group(FeatureGroupName=young["FeatureGroupArn"])
    assert (describe_feature_group["FeatureGroupStatus"], describe_feature_group["FeatureGroupName"]) == (
        "Created",
        "Shop-1",
    )
    assert describe_feature_group["OfflineStoreStatus"] == {"Status": "Active"}
    assert "Description" not in describe_feature_group


def test_the_server_writes_into_what_it_was_given(aws: Any) -> None:
    """Describe shows the catalogue, the resolved path and defaults inside the configurations."""
    make(aws, "FeatureGroup", "Shop-1", **OFFLINE)
    shown = aws.describe_feature_group(FeatureGroupName="Shop-1")
    store = shown["OfflineStoreConfig"]
    path = f"{S3}/123456789012/sagemaker/us-east-1/offline-store/Shop-1-1767225600/data"
    assert store["S3StorageConfig"] == {"S3Uri": S3, "ResolvedOutputS3Uri": path}
    assert store["DataCatalogConfig"] == {
        "TableName": "Shop_1_1767225600",
        "Catalog": "AwsDataCatalog",
        "Database": "sagemaker_featurestore",
    }
    assert (store["TableFormat"], store["DisableGlueTableCreation"]) == ("Glue", False)
    assert shown["ThroughputConfig"] == {"ThroughputMode": "OnDemand"}
    assert "StorageType" not in shown["OnlineStoreConfig"]


def test_features_come_in_pages() -> None:
    """DescribeFeatureGroup pages its features in the order of creation; an invalid token is refused."""
    aws = client_of(Sandbox(knobs=Knobs(features_per_page=2)))
    more = [{"FeatureName": f"f{number}", "FeatureType": "String"} for number in range(3)]
    make(aws, "FeatureGroup", "shop", FeatureDefinitions=FEATURES + more)
    found, token = [], None
    while token != "":
        page = describe(aws, **({"NextToken": token} if token else {}))
        found += [one["FeatureName"] for one in page["FeatureDefinitions"]]
        token = page["NextToken"]
    assert found == ["id", "time", "f0", "f1", "f2"]
    assert refusal(describe, aws=aws, NextToken="nonsense")[0] == "ValidationException"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"FeatureDefinitions": [*FEATURES, MORE | {"FeatureName": "is_deleted"}]}, "are reserved"),
        ({"FeatureDefinitions": [*FEATURES, MORE, MORE]}, "must be unique"),
        ({"RecordIdentifierFeatureName": "ghost"}, "must be one of the feature definitions' names"),
        ({"EventTimeFeatureName": "ghost"}, "must be one of the feature definitions' names"),
        (
            {"FeatureDefinitions": [*FEATURES, MORE], "EventTimeFeatureName": "more"},
            "must be of type String or Fractional",
        ),
        ({"OnlineStoreConfig": {}}, "At least one of OnlineStoreConfig and OfflineStoreConfig"),
        ({"OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": S3}}}, "RoleArn is required"),
    ],
)
def test_an_unsound_group_is_refused(aws: Any, more: dict[str, Any], text: str) -> None:
    """Names are free and unique, identifiers defined, event times of a fit type, and there is a store."""
    code, found = refusal(make, aws=aws, kind="FeatureGroup", **more)
    assert code == "ValidationException"
    assert text in found


def test_four_creations_at_once(sandbox: Sandbox, aws: Any) -> None:
    """A fifth concurrent creation is refused with a quota's message, and accepted when one is done."""
    for number in range(4):
        make(aws, "FeatureGroup", f"g{number}")
    code, text = refusal(make, aws=aws, kind="FeatureGroup", name="g4")
    assert code == "ResourceLimitExceeded"
    assert "'Maximum number of feature group creation workflows executing in parallel' is 4" in text
    sandbox.clock.advance(60)
    make(aws, "FeatureGroup", "g4")


def test_features_are_added_and_the_update_is_told_apart(sandbox: Sandbox, group_client: Any) -> None:
    """An update is InProgress, the group stays Created; no other is accepted until it is Successful."""
    group_client.update_feature_group(FeatureGroupName="shop", FeatureAdditions=[MORE])
    during = describe(group_client)
    assert (during["FeatureGroupStatus"], during["LastUpdateStatus"]) == (
        "Created",
        {"Status": "InProgress"},
    )
    assert feature_names(group_client) == ["id", "time"]
    again = {"FeatureGroupName": "shop", "FeatureAdditions": [MORE | {"FeatureName": "other"}]}
    assert "an update is in progress" in refusal(group_client.update_feature_group, **again)[1]
    assert (
        "an update is in progress" in refusal(group_client.delete_feature_group, FeatureGroupName="shop")[1]
    )
    sandbox.clock.advance(20)
    after = describe(group_client)
    assert after["LastUpdateStatus"] == {"Status": "Successful"}
    assert feature_names(group_client) == ["id", "time", "more"]
    assert after["LastModifiedTime"] > during["LastModifiedTime"]
    group_client.update_feature_group(**again)


def test_a_failed_update_leaves_the_group_as_it_was(sandbox: Sandbox, group_client: Any) -> None:
    """The reason is in LastUpdateStatus, and the features are the old ones."""
    sandbox.inject(InjectedFault.FAIL, operation="UpdateFeatureGroup", reason="Glue said no")
    group_client.update_feature_group(FeatureGroupName="shop", FeatureAdditions=[MORE])
    wait_until_idle(sandbox)
    assert describe(group_client)["LastUpdateStatus"] == {"Status": "Failed", "FailureReason": "Glue said no"}
    assert (feature_names(group_client), status(group_client, "FeatureGroup", "shop")) == (
        ["id", "time"],
        "Created",
    )


def test_one_sort_of_change_at_a_time(sandbox: Sandbox, group_client: Any) -> None:
    """An update has exactly one subject, adds only new features, and does not change the type of store."""
    update = group_client.update_feature_group
    throughput = {"ThroughputMode": "Provisioned", "ProvisionedReadCapacityUnits": 1}
    both = {"FeatureAdditions": [MORE], "ThroughputConfig": throughput}
    for request, text in (
        ({}, "Exactly one of"),
        (both, "Exactly one of"),
        ({"FeatureAdditions": FEATURES[:1]}, "already exist"),
        ({"FeatureAdditions": [MORE | {"FeatureName": "write_time"}]}, "are reserved"),
        ({"OnlineStoreConfig": {"StorageType": "InMemory"}}, "StorageType cannot be changed"),
    ):
        code, found = refusal(update, FeatureGroupName="shop", **request)
        assert (code, text in found) == ("ValidationException", True)
    update(FeatureGroupName="shop", ThroughputConfig=throughput)
    wait_until_idle(sandbox)
    assert describe(group_client)["ThroughputConfig"] == throughput


def test_a_time_to_live_comes_and_goes(sandbox: Sandbox, group_client: Any) -> None:
    """A TtlDuration is set, and an empty one removes it; the rest of the store stays."""
    for ttl, shown in ((WEEK, WEEK), ({}, None)):
        group_client.update_feature_group(FeatureGroupName="shop", OnlineStoreConfig={"TtlDuration": ttl})
        wait_until_idle(sandbox)
        store = describe(group_client)["OnlineStoreConfig"]
        assert store.get("TtlDuration") == shown
        assert store["EnableOnlineStore"]


def test_a_group_without_an_online_store_takes_no_time_to_live(sandbox: Sandbox, aws: Any) -> None:
    """OnlineStoreConfig cannot be updated where there is none."""
    given = {name: value for name, value in FEATURE_GROUP.items() if name != "OnlineStoreConfig"}
    aws.create_feature_group(FeatureGroupName="shop", **given, **OFFLINE)
    wait_until_idle(sandbox)
    request = {"FeatureGroupName": "shop", "OnlineStoreConfig": {"TtlDuration": WEEK}}
    assert "has no online store" in refusal(aws.update_feature_group, **request)[1]


def test_a_group_is_deleted_in_its_own_time(sandbox: Sandbox, group_client: Any) -> None:
    """Deleting, then not found; neither a creating nor a deleting group is changed, and Delete accepts no ARN."""
    make(group_client, "FeatureGroup", "young")
    assert refusal(group_client.delete_feature_group, FeatureGroupName="young")[0] == "ValidationException"
    arn = describe(group_client)["FeatureGroupArn"]
    assert "failed to satisfy" in refusal(group_client.delete_feature_group, FeatureGroupName=arn)[1]
    group_client.delete_feature_group(FeatureGroupName="shop")
    assert status(group_client, "FeatureGroup", "shop") == "Deleting"
    request = {"FeatureGroupName": "shop", "FeatureAdditions": [MORE]}
    assert refusal(group_client.update_feature_group, **request)[0] == "ValidationException"
    wait_until_idle(sandbox)
    code, text = refusal(describe, aws=group_client)
    assert (code, text) == ("ResourceNotFound", "Could not find feature group 'shop'.")


def test_creation_and_deletion_can_fail(sandbox: Sandbox, aws: Any) -> None:
    """FAIL ends a creation CreateFailed, which can be deleted, and a deletion DeleteFailed."""
    sandbox.inject(InjectedFault.FAIL, reason="no access to S3")
    make(aws, "FeatureGroup", "shop")
    wait_until_idle(sandbox)
    assert (status(aws, "FeatureGroup", "shop"), describe(aws)["FailureReason"]) == (
        "CreateFailed",
        "no access to S3",
    )
    assert refusal(make, aws=aws, kind="FeatureGroup", name="shop")[0] == "ResourceInUse"
    sandbox.inject(InjectedFault.FAIL, operation="DeleteFeatureGroup", reason="try again")
    aws.delete_feature_group(FeatureGroupName="shop")
    wait_until_idle(sandbox)
    assert status(aws, "FeatureGroup", "shop") == "DeleteFailed"
    aws.delete_feature_group(FeatureGroupName="shop")
    wait_until_idle(sandbox)
    make(aws, "FeatureGroup", "shop")


def test_groups_are_filtered_by_their_states(sandbox: Sandbox, aws: Any) -> None:
    """ListFeatureGroups filters and sorts by the state of the group and of its offline store."""
    make(aws, "FeatureGroup", "a", **OFFLINE)
    wait_until_idle(sandbox)
    make(aws, "FeatureGroup", "b")

    def listed(**request: Any) -> list[str]:
        return [
            one["FeatureGroupName"] for one in aws.list_feature_groups(**request)["FeatureGroupSummaries"]
        ]

    assert listed(FeatureGroupStatusEquals="Created") == ["a"]
    assert listed(FeatureGroupStatusEquals="Creating") == ["b"]
    assert listed(OfflineStoreStatusEquals="Active") == ["a"]
    assert listed(SortBy="FeatureGroupStatus") == ["a", "b"]
    assert listed(SortBy="OfflineStoreStatus") == ["b", "a"]


def test_an_iceberg_table_is_made_in_the_catalogue(aws: Any) -> None:
    """Its format needs the table that the other member leaves out."""
    store = {**OFFLINE["OfflineStoreConfig"], "TableFormat": "Iceberg", "DisableGlueTableCreation": True}  # type: ignore[dict-item]
    with pytest.raises(ClientError, match="Iceberg table format requires"):
        make(aws, "FeatureGroup", "ice", OfflineStoreConfig=store, RoleArn=ROLE)


def test_on_demand_throughput_has_no_capacity(sandbox: Sandbox, aws: Any) -> None:
    """Provisioned throughput is removed from Describe when the mode is changed."""
    units = {"ProvisionedReadCapacityUnits": 5, "ProvisionedWriteCapacityUnits": 5}
    make(aws, "FeatureGroup", "shop", ThroughputConfig={"ThroughputMode": "Provisioned", **units})
    wait_until_idle(sandbox)
    aws.update_feature_group(FeatureGroupName="shop", ThroughputConfig={"ThroughputMode": "OnDemand"})
    wait_until_idle(sandbox)
    assert describe(aws)["ThroughputConfig"] == {"ThroughputMode": "OnDemand"}
