"""A foreign edit between any two calls of a deletion stops it, if it precedes the last read of the tags."""

from typing import Any

import pytest

from controller.core.cloud import Call
from controller.core.ref import Ref
from controller.engine import shared_reads
from controller.engine.observed import OWNER, PROTECT
from controller.engine.scope import TargetSelection
from controller.kinds import KINDS, SERVICES
from controller.schema.contract import contract
from tests.journeys.stage import Stage, full_stage
from tests.journeys.tagging import remove_tag, set_tag, shown_tags
from tests.journeys.test_tags_unread import TAGGED
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.soak import soak

# By kind, of those whose resource is deleted with the document; the record of a run stays.
DELETES = {
    kind: deletes.name
    for kind in TAGGED
    if (deletes := contract(kind).deletes) is not None and KINDS[kind].lifecycle.runs is None
}
INDEX, LIST_TAGS = 1, 10  # so many deletions make it read the tagging index; there is one


def is_read_of(call: Call, arn: str) -> bool:
    """Whether a call reads the tags of a resource by its ARN."""
    lists = {service.tags for service in SERVICES.values()}
    return (call.operation in lists and arn in call.params.values()) or arn in call.params.get(
        "ResourceARNList", ()
    )


def edit_as_other_user(stage: Stage, arn: str, how: str) -> Any:
    """Protect a resource, or remove its ownership tag, as another user does; returns a function that reverts it."""
    if how == "protect":
        set_tag(stage, arn, PROTECT, "true")
        return lambda: remove_tag(stage, arn, PROTECT)
    owner = shown_tags(stage, arn)[OWNER]
    remove_tag(stage, arn, OWNER)
    return lambda: set_tag(stage, arn, OWNER, owner)


def delete_during_edit(
    stage: Stage, documents: tuple[str, ...], ref: Ref, at: int, how: str
) -> tuple[list[Call], Any]:
    """The calls of a pass that deletes one resource, with an edit before the call of that number."""
    arn, calls, undo = stage.inventory().of(ref).arn, list[Call](), list[Any]()

    def before(call: Call) -> None:
        if len(calls) == at:
            undo.append(edit_as_other_user(stage, arn, how))
        calls.append(call)

    stage.before_call = before
    stage.reconcile(*documents, destroy=True, choice=TargetSelection(frozenset({ref})), concurrency=1)
    stage.before_call = lambda _: None
    return calls, undo


@pytest.mark.parametrize(
    "case_of_edit",
    [("protect", INDEX), ("owner", LIST_TAGS), *soak(("protect", LIST_TAGS), ("owner", INDEX))],
    ids=str,
)
@pytest.mark.parametrize("kind", walk(DELETES))
def test_an_edit_before_the_last_read_stops_the_deletion(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, kind: str, case_of_edit: tuple[str, int]
) -> None:
    """If the resource is deleted in spite of the edit, its tags were read before the edit, and not after."""
    how, fewest = case_of_edit
    monkeypatch.setattr(shared_reads, "_FEWEST", fewest)
    stage, case, ref = full_stage(tmp_path), CASES[kind], Ref(kind, CASES[kind].name)
    spec = next(iter(case.changes.values()), case.frozen)[0]
    documents = (*case.needs, case.document(kind, spec))
    stage.apply(*documents)
    arn, stopped = stage.inventory().of(ref).arn, 0
    for at in range(100):
        calls, undo = delete_during_edit(stage, documents, ref, at, how)
        ends = [number for number, call in enumerate(calls) if call.operation == DELETES[kind]]
        looks = [number for number, call in enumerate(calls) if is_read_of(call, arn)]
        if ends:
            last = max(number for number in looks if number < ends[0])
            assert last < at
            step = next(each for each in stage.plans[-1].steps if each.ref == ref)
            assert calls[last].operation != "GetResources" or not step.is_harmful  # the index may lag
            break
        stopped += 1
        undo[0]()
    assert stopped > 1
    assert ends
