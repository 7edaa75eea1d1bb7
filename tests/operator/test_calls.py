"""The number of calls for many objects that are created, and deleted, at about the same time; on a virtual clock."""

from typing import Any

import pytest

from controller.operator.constants import CONFIRM
from controller.operator.context import OperatorContext
from controller.sandbox import Knobs
from tests.benchmarks.destroy import calls_per_object
from tests.benchmarks.stacks import models, ten_kinds
from tests.benchmarks.virtual_operator import VirtualOperator
from tests.sandbox.conftest import client_of

_N = 40


def with_confirmation(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents, annotated with a person's confirmation of their deletion."""
    note = {"annotations": {CONFIRM: "Delete"}}
    return [{**one, "metadata": {**one["metadata"], **note}} for one in documents]


@pytest.mark.parametrize("limit", [0, 20])
def test_objects_deleted_together_share_reads(limit: int) -> None:
    """No Describe, and ListTags of the endpoints alone; without a limit, and confirmed by a person."""
    operator = VirtualOperator(Knobs(pace=200))
    operator.replica.context.deletions.limit = limit
    documents = ten_kinds(_N) if limit == 0 else with_confirmation(ten_kinds(_N))
    operator.create(documents)
    operator.ready(documents)
    operator.calls()
    operator.delete(documents)
    operator.gone(documents)
    called = operator.calls()
    assert sum(count for name, count in called.items() if name.startswith("Delete")) == _N
    assert not [name for name in called if name.startswith("Describe") and "Scalable" not in name]
    assert called["ListTags"] == _N // 10
    assert calls_per_object(called, _N) <= 1.2
    assert called.total() <= 2.5 * _N
    assert called["GetResources"] == 1


def test_names_of_objects_created_together_share_a_list() -> None:
    """Of fifty Models three are described, and a List shows that the names of the others are free."""
    operator = VirtualOperator()
    documents = models(50)
    operator.create(documents)
    operator.ready(documents)
    called = operator.calls()
    assert (called["CreateModel"], called["DescribeModel"], called["ListModels"]) == (50, 3, 1)


def test_a_name_taken_meanwhile_is_not_adopted() -> None:
    """The creation is refused; the next pass reads the resource, and reports its owner."""
    operator = VirtualOperator()
    documents = models(10)
    operator.create(documents[:9])
    operator.ready(documents[:9])
    taken = {**documents[9], "spec": {**documents[9]["spec"], "modelName": "taken"}}
    client_of(operator.account.sandbox).create_model(
        ModelName="taken",
        ExecutionRoleArn=taken["spec"]["executionRoleArn"],
        PrimaryContainer={"Image": taken["spec"]["primaryContainer"]["image"]},
    )
    operator.create([taken])
    operator.wait(60)
    (status,) = (each["status"] for path, each in operator.cluster.objects.items() if path.endswith("/m9"))
    assert {each["reason"] for each in status["conditions"]} == {"ForeignOwner"}
    assert operator.calls()["DeleteModel"] == 0


def test_the_first_status_leaves_an_object_to_its_pass() -> None:
    """It is written for waiting objects at once, and for those in a worker a second later."""
    operator = VirtualOperator()
    documents = models(3)
    operator.create(documents)
    replica = operator.replica
    context: OperatorContext = replica.context
    operator.deliver()
    taken = replica.queue.get(0)
    assert taken is not None
    for seconds, written in ((2.5, {"m0", "m1", "m2"} - {taken.key.name}), (1, {"m0", "m1", "m2"})):
        operator.account.wait(seconds)
        replica.first.run_once()
        assert {each.ref.name for each in context.store.all() if each.status} == written
