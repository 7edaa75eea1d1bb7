"""Objects that are deleted at about the same time: the facts that a pass may use from a shared List."""

from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.engine.lookup import describe
from controller.engine.observed import Live, PriorReads
from controller.engine.shared_reads import SharedReads
from controller.inventory.model import Entry
from controller.operator.accounts import Accounts, Tenants
from controller.operator.cached_object import item as parsed
from controller.operator.deletion_batch import expect_deletion, prior_reads
from controller.operator.object_inventory import _entry_memo
from controller.schema.contract import contract
from tests.engine.test_in_flight import call_counts
from tests.journeys.stage import Stage, document_text
from tests.operator.objects import item_of

KIND = "Experiment"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An account with two experiments."""
    stage = Stage(tmp_path)
    stage.apply(*(document_text(KIND, name, "description: one") for name in ("a", "b")))
    return stage


def expect_deletions(stage: Stage) -> SharedReads:
    """The reads of an account in which both are deleted."""
    reads = SharedReads(waits=False)
    for name in ("a", "b"):
        reads.expect(KIND, _arn(stage, name))
    return reads


def _arn(stage: Stage, name: str) -> str:
    return stage.inventory().of(Ref(KIND, name)).arn


def known_reads(stage: Stage, live: Live | None, reads: SharedReads, name: str = "a") -> PriorReads:
    """The facts that the pass of an object need not read again."""
    entry = Entry(Ref(KIND, name), name, _arn(stage, name))
    return prior_reads(live, entry, stage.cloud(), reads, PriorReads())


def describe_experiment(stage: Stage, name: str = "a") -> Live:
    """What Describe returns for one of them."""
    live = describe(stage.cloud(), contract(KIND), name)
    assert live is not None
    return live


@pytest.mark.parametrize("of", ["seen", "made"])
def test_resources_unchanged_in_a_shared_list_are_not_read_again(stage: Stage, of: str) -> None:
    """One List serves both; the tags are left to the pass."""
    reads, live_resources = (
        expect_deletions(stage),
        {name: describe_experiment(stage, name) for name in ("a", "b")},
    )
    if of == "made":
        live_resources = {
            name: Live(name, live.arn, live.phase, {}, {}) for name, live in live_resources.items()
        }
    stage.forget_calls()
    for name, live in live_resources.items():
        (found,) = known_reads(stage, live, reads, name).left.items()
        assert found[0] == (Ref(KIND, name), name)
        assert found[1].tags is None
    assert call_counts(stage) == {"ListExperiments": 1}


@pytest.mark.parametrize("of", ["seen", "made"])
def test_resources_changed_in_a_shared_list_are_read_again(stage: Stage, of: str) -> None:
    """Its List shows another time than the observed one, or two resources where one was created."""
    live = describe_experiment(stage)
    stage.wait(60)
    stage.client().update_experiment(ExperimentName="a", Description="by hand")
    stage.wait(60)
    live = live if of == "seen" else Live(live.name, live.arn, live.phase, {}, {})
    assert known_reads(stage, live, expect_deletions(stage)).left == {}


def test_unknown_resources_are_read(stage: Stage) -> None:
    """Not observed, under another name or ARN, already deleted, or without another object that is deleted."""
    live = describe_experiment(stage)
    other = Live(live.name, live.arn.replace("a", "c"), live.phase, {}, {})
    for each in (None, Live("c", live.arn, live.phase, live.body), other):
        assert known_reads(stage, each, expect_deletions(stage)).left == {}
    assert known_reads(stage, live, SharedReads(waits=False)).left == {}
    stage.client().delete_experiment(ExperimentName="a")
    assert known_reads(stage, live, expect_deletions(stage)).left == {}


def test_only_an_arn_of_the_account_is_expected(stage: Stage) -> None:
    """A forged ARN in a status never leads to a read of another account's tags."""
    accounts = Accounts(Tenants(), lambda _: stage.cloud(), 1)
    mine = _arn(stage, "a")
    for arn in (
        mine,
        mine.replace("123456789012", "999999999999"),
        mine.replace("us-east-1", "eu-west-1"),
        "x",
    ):
        memory = {"format": 2, **_entry_memo(Entry(Ref(KIND, "a", "ml"), "a", arn))}
        value = {**item_of(KIND, "a", {"description": "one"}).value, "status": {"memory": memory}}
        item = parsed(Ref(KIND, "a", "ml"), value, None)
        expect_deletion(item, accounts)
    reads = accounts.reads(stage.cloud().identity)
    assert set(reads._expected) == {mine}
