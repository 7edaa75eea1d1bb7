"""Documents whose dependencies can't be read: they wait, and what is recorded of them stays as it was."""

import pytest

from controller.core.ref import Ref
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.stage import Stage, compile_documents
from tests.kinds.cases import CASES

_KINDS = [kind for kind, case in CASES.items() if case.needs]


@pytest.mark.parametrize("kind", _KINDS)
def test_a_document_waits_while_its_dependency_is_not_readable(stage: Stage, kind: str) -> None:
    """Nothing is changed, and no unknown value gets into the inventory; afterwards nothing is left to do."""
    case = CASES[kind]
    extra, _ = next(iter(case.changes.values()), case.frozen)
    tree = (*case.needs, case.document(kind, extra))
    stage.apply(*tree)
    for each in compile_documents(*case.needs).resources:
        of = contract(each.kind)
        for operation in (of.describes, of.lists):
            if operation is not None:
                stage.sandbox.inject(InjectedFault.DENIED, operation=operation.name, times=None)
    before = stage.inventory().entries[Ref(kind, case.name)]
    stage.forget_calls()
    stage.reconcile(*tree)
    assert stage.mutations() == []
    assert stage.inventory().entries[Ref(kind, case.name)] == before
    stage.sandbox.clear_faults()
    stage.apply(*tree)
    assert stage.mutations() == []
