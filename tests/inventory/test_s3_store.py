"""The inventory as an object in S3, which moto answers to a real client."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from moto import mock_aws
from moto.core.config import DefaultConfig

from controller.aws import connect
from controller.cli.main import main
from controller.core.cloud import Call, Cloud, CloudError, CloudWrapper, Guarded, Json, Leadership
from controller.core.ref import Ref
from controller.inventory.model import Entry, Generation, InventoryError, guard_writes
from controller.inventory.s3_store import (
    LEASE_SECONDS,
    SAFETY_MARGIN,
    S3InventoryStore,
    S3Lease,
    S3Location,
    parse_s3_location,
)
from controller.inventory.views import PartialView
from controller.sandbox import Sandbox
from tests.gitops.stage import group
from tests.inventory.test_earlier_version import EARLIER, WRITTEN
from tests.inventory.test_file_store import ACCOUNT, FULL, REGION
from tests.operator.clock import StepClock

AT = S3Location("ours", "deep/inventory.json")
LOCK = {"Bucket": "ours", "Key": "deep/inventory.json.lock"}
A, B = Ref("Model", "a"), Ref("Model", "b")


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """A client of an account with an empty bucket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    others: DefaultConfig = {  # the sandbox answers them
        "core": {
            "mock_credentials": True,
            "passthrough": {"urls": [], "services": ["sagemaker", "sts", "tagging"]},
            "reset_boto3_session": True,
            "service_whitelist": None,
        }
    }
    with mock_aws(config=others):
        cloud = connect(region=REGION)
        cloud.call(Call("CreateBucket", {"Bucket": "ours"}, service="s3"))
        yield cloud


def inventory_store(cloud: Cloud) -> S3InventoryStore:
    """The store of one run."""
    return S3InventoryStore(cloud, AT, "default")


def test_what_was_saved_is_loaded(cloud: Cloud) -> None:
    """Another run reads every field; at first there is nothing, and a second write replaces the first."""
    first = inventory_store(cloud)
    assert first.load(ACCOUNT, REGION).entries == {}
    first.save(FULL)
    assert inventory_store(cloud).load(ACCOUNT, REGION) == FULL
    first.save(replace(FULL, entries={}))
    assert inventory_store(cloud).load(ACCOUNT, REGION).entries == {}


def test_what_an_earlier_version_wrote_is_read(cloud: Cloud) -> None:
    """An object of 0.1.0 is read as it is, and the next write replaces it."""
    text = (EARLIER / "inventory.json").read_bytes()
    cloud.call(Call("PutObject", {**AT.address, "Body": text}, service="s3"))
    store = inventory_store(cloud)
    found = store.load(ACCOUNT, REGION)
    assert {str(ref) for ref, entry in found.entries.items() if entry.arn} == WRITTEN
    store.save(found)
    assert inventory_store(cloud).load(ACCOUNT, REGION) == found


def test_another_place_is_refused(cloud: Cloud) -> None:
    """An inventory of another account, or a text that is none, is refused."""
    inventory_store(cloud).save(FULL)
    with pytest.raises(InventoryError, match="belongs to account"):
        inventory_store(cloud).load("999999999999", REGION)
    cloud.call(Call("PutObject", {**AT.address, "Body": b"{}"}, service="s3"))
    with pytest.raises(InventoryError, match="is not an inventory"):
        inventory_store(cloud).load(ACCOUNT, REGION)


@pytest.mark.parametrize("there", [False, True], ids=["both make it", "both change it"])
def test_a_lost_race_is_an_error_that_loses_nothing(cloud: Cloud, *, there: bool) -> None:
    """Row 70: of two runs that replace one version the second fails, and both contents are merged."""
    if there:
        inventory_store(cloud).save(FULL)
    first, second = inventory_store(cloud), inventory_store(cloud)
    base, other = first.load(ACCOUNT, REGION), second.load(ACCOUNT, REGION)
    first.save(replace(base, entries={**base.entries, A: Entry(A, "a-1", "arn:a")}))
    with pytest.raises(InventoryError, match="by another run"):
        second.save(replace(other, entries={**other.entries, B: Entry(B, "b-1", "arn:b")}))
    now = inventory_store(cloud).load(ACCOUNT, REGION).entries
    assert {now[A].arn, now[B].arn} == {"arn:a", "arn:b"}
    assert now.keys() >= base.entries.keys()


def test_two_generations_of_one_document_are_both_kept(cloud: Cloud) -> None:
    """If both runs created one, the loser's becomes an older generation of the winner's."""
    first, second = inventory_store(cloud), inventory_store(cloud)
    base, other = first.load(ACCOUNT, REGION), second.load(ACCOUNT, REGION)
    first.save(replace(base, entries={A: Entry(A, "a-1", "arn:1")}))
    with pytest.raises(InventoryError):
        second.save(replace(other, entries={A: Entry(A, "a-2", "arn:2")}))
    assert inventory_store(cloud).load(ACCOUNT, REGION).entries[A].old == (Generation("a-2", "arn:2"),)


def test_what_one_run_deleted_stays_deleted_unless_another_changed_it(cloud: Cloud) -> None:
    """A loser's deletion applies if the winner left the entry unchanged, and not otherwise."""
    inventory_store(cloud).save(replace(FULL, entries={A: Entry(A, "a-1"), B: Entry(B, "b-1")}))
    first, second = inventory_store(cloud), inventory_store(cloud)
    base, other = first.load(ACCOUNT, REGION), second.load(ACCOUNT, REGION)
    first.save(replace(base, entries={**base.entries, B: Entry(B, "b-2")}))
    with pytest.raises(InventoryError):
        second.save(replace(other, entries={}))
    assert inventory_store(cloud).load(ACCOUNT, REGION).entries == {B: Entry(B, "b-2")}


def test_a_write_whose_answer_was_lost_is_known_as_our_own(cloud: Cloud) -> None:
    """A write whose response was lost, and that is sent again, is no race."""
    ours = inventory_store(cloud)
    base = ours.load(ACCOUNT, REGION)
    inventory_store(cloud).save(base)  # what the lost write stored
    ours.save(base)
    ours.save(replace(base, entries={A: Entry(A, "a-1")}))
    assert A in inventory_store(cloud).load(ACCOUNT, REGION).entries


def test_an_object_that_was_deleted_is_written_anew(cloud: Cloud) -> None:
    """If the object is deleted during a run, the run fails, and its content is written again."""
    ours = inventory_store(cloud)
    ours.save(FULL)
    cloud.call(Call("DeleteObject", AT.address, service="s3"))
    with pytest.raises(InventoryError):
        ours.save(replace(FULL, entries={**FULL.entries, A: Entry(A, "a-1")}))
    assert inventory_store(cloud).load(ACCOUNT, REGION).entries.keys() == {*FULL.entries, A}


def test_one_run_at_a_time(cloud: Cloud) -> None:
    """Row 70: a second run gets the holder's name; afterwards the lease is free, and nothing remains."""
    held = pytest.raises(InventoryError, match=r"in use by another run, process \d+ on")
    with inventory_store(cloud).lock(), held, inventory_store(cloud).lock():
        raise AssertionError
    with inventory_store(cloud).lock():
        pass
    assert "Contents" not in cloud.call(Call("ListObjectsV2", {"Bucket": "ours"}, service="s3"))


def test_the_lease_of_a_killed_run_ends_by_itself(cloud: Cloud) -> None:
    """An expired lease is taken by exactly one run; its former holder does not release it."""
    killed = S3Lease(cloud, LOCK, now=lambda: 0.0)
    assert killed.acquire() == ""
    late = S3Lease(cloud, LOCK)
    assert late.acquire() == ""
    assert S3Lease(cloud, LOCK).acquire() != ""
    killed.release()
    assert S3Lease(cloud, LOCK).acquire() != ""
    late.release()


def test_a_lease_is_renewed_while_it_is_held(cloud: Cloud) -> None:
    """A run that takes longer than its lease keeps it."""
    held = S3Lease(cloud, LOCK, duration=0.9)
    assert held.acquire() == ""
    held._over.wait(1.2)
    assert S3Lease(cloud, LOCK).acquire() != ""
    held.release()


def test_a_run_that_can_not_renew_changes_nothing_before_another_may_begin(cloud: Cloud) -> None:
    """Row 70: a run whose lease is not renewed in time makes no changing call any more; reads continue."""
    clock, sandbox = StepClock(), Sandbox()
    lease = S3Lease(cloud, LOCK, clock=clock)
    assert not lease.holds()
    assert lease.acquire() == ""
    aws = Guarded(connect(region=REGION, attach=sandbox.attach), Leadership(lease.holds, SAFETY_MARGIN))
    aws.call(Call("CreateModelPackageGroup", {"ModelPackageGroupName": "a"}))
    clock.at += LEASE_SECONDS - SAFETY_MARGIN + 1
    with pytest.raises(CloudError, match="NotLeading"):
        aws.call(Call("CreateModelPackageGroup", {"ModelPackageGroupName": "b"}))
    aws.call(Call("ListModelPackageGroups"))
    lease.release()
    assert [each.operation for each in sandbox.calls] == ["CreateModelPackageGroup", "ListModelPackageGroups"]


def test_what_works_with_the_inventory_is_guarded_while_it_is_held(cloud: Cloud) -> None:
    """Row 70: the leadership of an inventory, and of a part of it, holds while it is locked, and at no other time."""
    whole = inventory_store(cloud)
    part = PartialView(whole, frozenset({A}))
    assert part.leadership is whole.leadership
    assert not whole.leadership.holds()
    with part.lock():
        assert whole.leadership.holds()
        assert guard_writes(cloud, part) == Guarded(cloud, whole.leadership)
    assert not whole.leadership.holds()


def test_a_refused_bucket_is_an_error_in_words(cloud: Cloud) -> None:
    """A missing bucket is an error with the code of S3, and not an empty inventory."""
    with pytest.raises(InventoryError, match="NoSuchBucket"):
        S3InventoryStore(cloud, parse_s3_location("s3://nobody/x"), "default").load(ACCOUNT, REGION)


@pytest.mark.parametrize("text", ["s3://", "s3://bucket", "s3://bucket/", "s3://bucket/folder/"])
def test_a_place_names_bucket_and_key(text: str) -> None:
    """What names no object is refused."""
    with pytest.raises(ValueError, match="s3://BUCKET/KEY"):
        parse_s3_location(text)


def test_apply_and_destroy_with_an_inventory_in_s3(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Row 70: the command line uses the inventory of its option, and prunes by it from another folder."""
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    (tmp_path / "one/a.yaml").write_text(group("fraud"))
    (tmp_path / "two/b.yaml").write_text(group("churn"))
    monkeypatch.chdir(tmp_path)
    arguments = ("--sandbox", "--inventory", "s3://ours/teams/", "--yes")
    assert main(["apply", "one", *arguments]) == 0, capsys.readouterr().err
    key = cloud.call(Call("ListObjectsV2", {"Bucket": "ours"}, service="s3"))["Contents"][0]["Key"]
    assert key == f"teams/inventory-default-{ACCOUNT}-{REGION}-sandbox.json"
    named = ("--prune", "--confirm-delete", "ModelPackageGroup/fraud")  # the folder "one" is not read
    assert main(["apply", "two", *named, *arguments]) == 0, capsys.readouterr().err
    assert "ModelPackageGroup/fraud" in capsys.readouterr().out
    assert list(
        S3InventoryStore(cloud, S3Location("ours", key), "default").load(ACCOUNT, REGION).entries
    ) == [Ref("ModelPackageGroup", "churn")]


@pytest.mark.parametrize(
    "content", [b"", b"x", b"[]", b"{}", b'{"holder": "a"}', b'{"holder": "a", "until": "x"}']
)
def test_a_lease_that_can_not_be_read_is_held(cloud: Cloud, content: bytes) -> None:
    """A lease of another format may be a later version's: it is never taken."""
    cloud.call(Call("PutObject", {**LOCK, "Body": content}, service="s3"))
    store = inventory_store(cloud)
    with pytest.raises(InventoryError, match="in use by another run"), store.lock():
        pass
    assert cloud.call(Call("GetObject", LOCK, service="s3"))["Body"] == content


@dataclass(frozen=True)
class Unversioned(CloudWrapper):
    """An account whose responses to one operation have no version."""

    operation: str

    def call(self, call: Call) -> Json:
        """Call, and leave the version out."""
        answer = self.cloud.call(call)
        return {k: v for k, v in answer.items() if k != "ETag" or call.operation != self.operation}


@pytest.mark.parametrize("operation", ["GetObject", "PutObject"])
def test_an_answer_without_a_version_is_an_error(cloud: Cloud, operation: str) -> None:
    """Without the version that was read, the next write would replace another's."""
    inventory_store(cloud).save(FULL)
    store = inventory_store(Unversioned(cloud, operation))
    with pytest.raises(InventoryError, match="names no version"):
        store.save(replace(store.load(ACCOUNT, REGION), entries={}))
    assert inventory_store(cloud).load(ACCOUNT, REGION) in (FULL, replace(FULL, entries={}))


def test_a_lease_whose_answer_names_no_version_is_an_error_in_words(cloud: Cloud) -> None:
    """A run does not start with a lease that it could not renew."""
    store = inventory_store(Unversioned(cloud, "PutObject"))
    with pytest.raises(InventoryError, match=r"lock can't be written: .*names no version"), store.lock():
        pass


@dataclass(frozen=True)
class UnversionedOnce(CloudWrapper):
    """An account whose second response to a write has no version."""

    writes: list[Call] = field(default_factory=list)

    def call(self, call: Call) -> Json:
        """Call, and leave the version out once."""
        answer = self.cloud.call(call)
        if call.operation != "PutObject":
            return answer
        self.writes.append(call)
        return answer if len(self.writes) != 2 else {}


def test_a_lease_is_renewed_after_an_answer_that_names_no_version(cloud: Cloud) -> None:
    """One unreadable response does not end the renewals: the next one finds its own write."""
    account = UnversionedOnce(cloud)
    held = S3Lease(account, LOCK, duration=1.2)
    assert held.acquire() == ""
    for _ in range(100):
        if len(account.writes) > 3 or not held._thread.is_alive():
            break
        held._over.wait(0.1)
    assert held._thread.is_alive()
    assert held.holds()
    held.release()
