"""The limit of concurrent deletions of a namespace's objects."""

from collections.abc import Callable
from typing import Any

import pytest

from controller.operator.cached_object import Item
from controller.operator.constants import CONFIRM, FINALIZER
from controller.operator.kube.access import access
from controller.operator.kube.api import Api
from controller.operator.object_cache import ObjectCache
from controller.operator.object_deletions import DeletionHold, Deletions
from tests.kubernetes.documents import group
from tests.kubernetes.rig.kubectl import Kubectl
from tests.operator.clock import StepClock
from tests.operator.objects import as_served, ref_of

NOON = "2026-11-21T12:00:00Z"
Put = Callable[..., Item]


@pytest.fixture
def judge(kubectl: Kubectl) -> Deletions:
    """The check of deletions on the real server, with a limit of 4."""
    api = Api(access(kubectl.access.kubeconfig))
    return Deletions(api, ObjectCache(), deletes=lambda _: True, limit=4, now=StepClock())


@pytest.fixture
def put(judge: Deletions, kubectl: Kubectl) -> Put:
    """Put an object into the cache, with a time of deletion or none."""

    def one(number: int, at: str = "", namespace: str = "", **annotations: str) -> Item:
        document: dict[str, Any] = {"deletionTimestamp": at} if at else {}
        value = as_served(
            group(name=f"g{number}"), finalizers=[FINALIZER], annotations=annotations, **document
        )
        value["metadata"]["namespace"] = namespace or kubectl.namespace
        return judge.store.put(ref_of(value), value)[1]

    return one


def decide_after_wait(judge: Deletions, item: Item) -> DeletionHold:
    """The decision after the time in which others may follow."""
    assert judge.decide(item).settles == judge.settle
    judge.now.at += judge.settle  # type: ignore[attr-defined]
    return judge.decide(item)


@pytest.mark.parametrize(
    ("there", "going", "waits"), [(4, 4, False), (5, 5, True), (30, 6, False), (30, 7, True)]
)
def test_more_than_the_limit_and_a_fifth_wait(
    judge: Deletions, put: Put, there: int, going: int, waits: bool
) -> None:
    """Four of any number, or a fifth if that is more; one more and all wait."""
    items = [put(number, NOON if number < going else "") for number in range(there)]
    assert bool(decide_after_wait(judge, items[0]).why) is waits


def test_those_of_another_minute_or_namespace_do_not_count(judge: Deletions, put: Put) -> None:
    """Deletions that have been blocked for long do not block others, nor do a neighbour's."""
    old = [put(number, "2026-11-21T11:58:59Z") for number in range(10)]
    theirs = [put(number, NOON, "another") for number in range(10)]
    mine = put(20, NOON)
    assert not decide_after_wait(judge, mine).why
    assert decide_after_wait(judge, old[0]).why
    assert len(judge.store.all()) == len([*old, *theirs, mine])


def test_finished_deletions_count_and_confirmed_ones_do_not(judge: Deletions, put: Put) -> None:
    """However fast the first are done, the fifth of the same minute waits; confirmed ones are not counted."""
    gone = [put(number, NOON) for number in range(4)]
    confirmed = [put(number, NOON, **{CONFIRM: "Delete"}) for number in range(10, 20)]
    for each in (*gone, *confirmed):
        judge.record_end(each)
        judge.store.remove(each.ref)
    assert decide_after_wait(judge, put(30, NOON)).why
    assert not decide_after_wait(judge, put(31, "2026-11-21T12:01:01Z")).why


def test_without_a_limit_nothing_is_counted(judge: Deletions, put: Put) -> None:
    """A limit of 0 allows any number: nothing blocks them after the wait for further deletions."""
    judge.limit = 0
    items = [put(number, NOON) for number in range(50)]
    assert decide_after_wait(judge, items[0]) == DeletionHold()


def test_the_annotation_of_an_object_has_precedence(judge: Deletions, put: Put) -> None:
    """A retained object need not wait; a deleted one shares its reads with those that follow."""
    for number in range(50):
        put(number, NOON)
    assert judge.decide(put(0, NOON, **{CONFIRM: "Retain"})) == DeletionHold(retain=True)
    assert decide_after_wait(judge, put(1, NOON, **{CONFIRM: "Delete"})) == DeletionHold()


def test_an_object_of_no_namespace_that_the_server_knows_waits(judge: Deletions, put: Put) -> None:
    """A namespace that can't be read is no reason to delete."""
    assert "there is no namespace" in judge.decide(put(0, NOON, "gone-long-ago")).why
