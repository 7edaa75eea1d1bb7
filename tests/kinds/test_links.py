"""Links of every kind: a missing target is reported, and an ID means the same as the name."""

import re

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.kinds.columns import TargetForm
from controller.schema.contract import contract
from tests.journeys.stage import Stage, acting_steps, compile_documents, step_of
from tests.journeys.tree import TREE
from tests.kinds.linked_documents import NAMES, dependencies_in_tree
from tests.simulation.documents import bundle_of


def _pairs() -> list[tuple[str, str]]:
    """Each kind with each other one that the tree's document of it refers to."""
    found = {
        (resource.ref.kind, linked.target.kind)
        for resource in compile_documents(*TREE.values()).resources.values()
        for linked in resource.links
        if linked.target is not None
    }
    return sorted(found)


def _without_dependency(kind: str, target: str) -> tuple[str, ...]:
    """The document of a kind and its dependencies, except one and those that depend on that."""
    gone = TREE[target]
    of = {TREE[each]: dependencies_in_tree(each) for each in TREE}
    return (
        *(each for each in dependencies_in_tree(kind) if each != gone and gone not in of[each]),
        TREE[kind],
    )


@pytest.mark.parametrize(("kind", "target"), _pairs())
def test_a_missing_dependency_is_named(stage: Stage, kind: str, target: str) -> None:
    """Without the document of its dependency, in an empty account, it is an error, or blocked with that name.

    AWS's own words about an identity that can't be, as that of a profile in no domain, are no answer.
    """
    documents = _without_dependency(kind, target)
    made, faulty = bundle_of(documents)
    if faulty:
        with pytest.raises(AssertionError, match=r"SG031|SG033"):
            compile_documents(*documents)
        return
    resource = made.resources[Ref(kind, NAMES[kind])]
    names = [each for each in resource.links if each.target is None and each.link.to == target]
    looked_for = contract(target).kind.identity.key is None
    found = step_of(stage.plan(*documents), str(resource.ref))
    assert names or kind == target
    if names and looked_for:
        assert (found.action, found.why) == (Action.BLOCKED, Reason.DEPENDENCY_MISSING), found.detail
        assert f"{target} '{names[0].text}'" in found.detail


def _kinds_linked_by_id() -> list[tuple[str, str]]:
    """The kinds that refer to another by its ID, if the tree's document does so."""
    made = compile_documents(*TREE.values()).resources.values()
    return sorted(
        (resource.ref.kind, linked.link.to)
        for resource in made
        for linked in resource.links
        if linked.link.by is TargetForm.ID
    )


@pytest.mark.parametrize(("kind", "target"), _kinds_linked_by_id())
def test_an_id_is_another_spelling_of_the_name(stage: Stage, kind: str, target: str) -> None:
    """In place of the name it is no change, and without the document of that name it is found in the account."""
    stage.poll = 300
    documents = (*dependencies_in_tree(kind), TREE[kind])
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    observed = stage.reconcile(*documents, consent=False).observed
    assert observed is not None
    (body,) = [live.body for ref, live in observed.live.items() if ref.kind == target]
    by_id = re.sub(rf"(Id: |IdList: \[){NAMES[target]}\b", rf"\g<1>{body[f'{target}Id']}", TREE[kind])
    assert by_id != TREE[kind]
    assert acting_steps(stage.plan(*dependencies_in_tree(kind), by_id)) == {}
    alone = [each for each in documents if each not in (TREE[target], TREE[kind])]
    found = step_of(stage.plan(*alone, by_id), f"{kind}/{NAMES[kind]}")
    assert (found.action, found.why) == (Action.NOOP, Reason.READY), found.detail
