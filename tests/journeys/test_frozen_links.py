"""An immutable member that names a new generation: the plan shows what the apply will do."""

import pytest

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.schema.contract import contract
from tests.journeys.stage import Stage, compile_documents, step_of
from tests.journeys.tree import TREE

# By kind with generations that such a member can name: a text of its document, and another one.
EDITS = {
    "HumanTaskUi": ("Draw a box", "Draw one box"),
    "StudioLifecycleConfig": ("IyEvYmluL3NoCg==", "IyEvYmluL3NoCmVjaG8K"),
}


def _pairs() -> list[tuple[str, str]]:
    """The kinds without generations that have an immutable member that names a kind with generations."""

    def hashed(kind: str) -> bool:
        return KINDS[kind].lifecycle.has_hashed_names

    return sorted(
        (kind, link.to)
        for kind, row in KINDS.items()
        for link in row.identity.links
        if not hashed(kind) and hashed(link.to) and link.field.partition(".")[0] in contract(kind).frozen
    )


def _with_needs(bundle: Bundle, ref: Ref) -> set[Ref]:
    """A document and all its dependencies."""
    return {ref}.union(*(_with_needs(bundle, need) for need in bundle.resources[ref].needs))


@pytest.mark.parametrize(("user", "target"), _pairs())
def test_it_is_blocked_in_the_plan_as_in_the_apply(stage: Stage, user: str, target: str) -> None:
    """Plan and apply have the same reason, and nothing else was changed before."""
    bundle = compile_documents(*TREE.values())
    (ref,) = [each for each in bundle.resources if each.kind == user]
    assert any(linked.target and linked.target.kind == target for linked in bundle.resources[ref].links)
    needed = {each.kind for each in _with_needs(bundle, ref)}
    documents = [TREE[kind] for kind in TREE if kind in needed]
    stage.apply(*documents)
    edited = [text.replace(*EDITS[target]) if f"kind: {target}\n" in text else text for text in documents]
    assert edited != documents
    planned = step_of(stage.plan(*edited), str(ref))
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    stage.sandbox.clear_calls()
    report = stage.apply(*edited)
    done = step_of(report.plan, str(ref))
    assert (done.action, done.why, done.detail) == (planned.action, planned.why, planned.detail)
    assert {name for name in stage.mutations() if user in name} == set()
