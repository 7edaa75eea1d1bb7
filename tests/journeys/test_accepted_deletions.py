"""A deletion that AWS accepted and is executing: it is tracked until the resource is gone or recreated."""

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.absence import OUTSIDE
from controller.engine.report import Report, Result
from controller.engine.requests import delete_call
from controller.schema.contract import contract
from tests.journeys.stage import Stage, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

# Kinds whose deletion may take time; one with a desired state is stopped before it.
SLOW = [
    kind
    for kind, case in CASES.items()
    if (its := contract(kind)).status_member
    and its.deletes is not None
    and not (its.kind.lifecycle.runs or its.kind.lifecycle.shared or its.state_member)
]


def _document(kind: str) -> str:
    case = CASES[kind]
    return case.document(kind, next(iter(case.changes.values()), case.frozen)[0])


def _prune(stage: Stage, kind: str) -> Report:
    """One pass that prunes with a person's confirmation."""
    case = CASES[kind]
    named = frozenset({f"{kind}/{case.name}"})
    return stage.reconcile(*case.needs, prune=True, confirm_deletes=1, confirm_delete=named)


def _begin_deletion(stage: Stage, kind: str) -> bool:
    """Create a resource and have its deletion accepted; False if the deletion is done at once."""
    case, document = CASES[kind], _document(kind)
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    stage.wait(300)  # long enough for all reads to show the new resource
    results = {each.step.ref: each.result for each in _prune(stage, kind).outcomes}
    return results[Ref(kind, case.name)] is Result.STARTED


@pytest.mark.parametrize("kind", walk(SLOW))
def test_own_deletion_removes_the_entry_once_it_is_not_found(stage: Stage, kind: str) -> None:
    """Of every kind: the first pass that does not find it removes its entry, without a report of a foreign deletion."""
    if not _begin_deletion(stage, kind):
        return
    ref = Ref(kind, CASES[kind].name)
    assert ref in stage.inventory().entries
    stage.wait(7200)
    report = _prune(stage, kind)
    mine = [each for each in report.plan.steps if each.ref == ref]
    assert [(each.why, each.detail) for each in mine if each.action is not Action.DELETE] == []
    assert ref not in stage.inventory().entries


# The others get another number, and nothing of the former name remains.
NAMED = [
    kind for kind in SLOW if (found_by := contract(kind).kind.identity.found_by) is None or found_by.matches
]


@pytest.mark.parametrize("kind", walk(NAMED))
def test_foreign_deletion_after_a_recreation_is_reported(stage: Stage, kind: str) -> None:
    """Of every kind: restored while it is being deleted, it is created again; a later foreign deletion is reported."""
    case, document, mine = CASES[kind], _document(kind), f"{kind}/{CASES[kind].name}"
    if not _begin_deletion(stage, kind):
        return
    back = step_of(stage.plan(*case.needs, document), mine)
    assert (back.action, back.why) in ((Action.WAIT, Reason.IN_TRANSITION), (Action.CREATE, Reason.ABSENT))
    stage.reconcile(*case.needs, document)
    stage.wait(7200)
    anew = step_of(stage.plan(*case.needs, document), mine)
    # If the first pass already found nothing, it has created the resource.
    made = back.action is Action.CREATE and anew.action is Action.NOOP
    assert made or (anew.action, anew.why) == (Action.CREATE, Reason.ABSENT)
    assert stage.apply(*case.needs, document).convergence is Convergence.SETTLED
    stage.reconcile(*case.needs, document)
    name = stage.inventory().of(Ref(kind, case.name)).name
    stage.wait(300)
    stage.cloud_now(delete_call(contract(kind), name, "another"))
    stage.wait(7200)
    lost = step_of(stage.plan(*case.needs, document), mine)
    assert lost.why in (Reason.DELETED_OUTSIDE, Reason.NOT_FOUND_ONCE)
    assert OUTSIDE in lost.detail
