"""A pass does not repeat the reads that its caller made, and makes all others."""

from collections.abc import Iterator, Mapping

import pytest

from controller.aws import connect
from controller.core.ref import Ref
from controller.engine.bulk_reads import BulkReads
from controller.engine.known_values import free_name
from controller.engine.observe import observe
from controller.engine.observed import ObservedAccount, PriorReads
from controller.inventory.model import Entry, Inventory
from controller.manifests.bundle import bundle
from controller.operator.cached_object import Item
from controller.sandbox import Sandbox
from tests.kubernetes.documents import group
from tests.operator.objects import item_of
from tests.sandbox.conftest import client_of

POLICY = item_of(
    "ModelPackageGroupPolicy", "fraud", {"modelPackageGroupName": "fraud", "resourcePolicy": "{}"}
)
GROUP = item_of("ModelPackageGroup", "fraud", group()["spec"])


def _observe_group(
    sandbox: Sandbox, known: PriorReads, entry: Entry | None = None
) -> tuple[ObservedAccount, list[str]]:
    """What is observed of a group, and the calls for it."""
    assert GROUP.parsed.document is not None
    desired = bundle([GROUP.parsed.document])
    held = Inventory("default", "123456789012", "us-east-1", "key", {GROUP.ref: entry} if entry else {})
    sandbox.clear_calls()
    reads = BulkReads(connect(region="us-east-1", attach=sandbox.attach), held)
    observed = observe(desired, held, reads, 1, known=known)
    return observed, [each.operation for each in sandbox.calls if each.operation != "GetCallerIdentity"]


@pytest.mark.parametrize(
    ("free_names", "entry", "requested"),
    [
        ({GROUP.ref: "fraud"}, None, []),
        ({GROUP.ref: "fraud-of-another-hash"}, None, ["DescribeModelPackageGroup"]),
        ({GROUP.ref: "fraud"}, Entry(GROUP.ref, "fraud"), ["DescribeModelPackageGroup"]),
        ({}, None, ["DescribeModelPackageGroup"]),
    ],
    ids=["free", "another name", "made before", "not known"],
)
def test_only_an_unknown_new_name_counts_as_absent(
    sandbox: Sandbox, free_names: Mapping[Ref, str], entry: Entry | None, requested: list[str]
) -> None:
    """A name that has changed since, and a resource that the inventory holds, are read."""
    observed, calls = _observe_group(sandbox, PriorReads(free_names=free_names), entry)
    assert (dict(observed.live), calls) == ({}, requested)


def test_tags_of_the_own_creation_are_not_read(sandbox: Sandbox) -> None:
    """The tags of another ARN are read."""
    arn = client_of(sandbox).create_model_package_group(ModelPackageGroupName="fraud")["ModelPackageGroupArn"]
    observed, calls = _observe_group(sandbox, PriorReads(given={arn: {"team": "risk"}}))
    assert (observed.live[GROUP.ref].tags, calls) == ({"team": "risk"}, ["DescribeModelPackageGroup"])
    observed, calls = _observe_group(sandbox, PriorReads(given={f"{arn}-2": {"team": "risk"}}))
    assert (observed.live[GROUP.ref].tags, calls) == ({}, ["DescribeModelPackageGroup", "ListTags"])


@pytest.mark.parametrize(
    ("item", "name", "calls"), [(GROUP, "fraud", ["DescribeModelPackageGroup"]), (POLICY, "", [])]
)
def test_only_names_that_creation_refuses_twice_are_read_ahead(
    sandbox: Sandbox, item: Item, name: str, calls: list[str]
) -> None:
    """A policy may replace a foreign one written since, so its own pass reads it."""
    assert item.parsed.document is not None
    cloud = connect(region="us-east-1", attach=sandbox.attach)
    assert free_name(bundle([item.parsed.document]), item.ref, cloud) == name
    assert [each.operation for each in sandbox.calls] == calls


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """An account for one test."""
    made = Sandbox()
    yield made
    made.close()
