"""One journey for every row: create, plan empty, change each member, be refused or succeeded, delete."""

import pytest

from controller.core.phase import Action, Standing
from controller.kinds import KINDS
from controller.service.contract import contract
from tests.journeys.stage import Stage, acting
from tests.kinds.cases import CASES, ELSEWHERE

CHANGES = [(kind, member) for kind, case in CASES.items() for member in case.changes]


def test_every_row_has_a_case() -> None:
    """A kind without a case would be untested, and so would an updatable member that no case changes."""
    assert set(CASES) == set(KINDS)
    for kind, case in CASES.items():
        told = contract(kind)
        members = told.updatable | set(told.kind.deltas)
        assert members == set(case.changes) | set(ELSEWHERE.get(kind, {})), kind


@pytest.mark.parametrize(("kind", "member"), CHANGES)
def test_a_changed_member_is_exactly_one_update(stage: Stage, kind: str, member: str) -> None:
    """Created, planned empty, changed by one Update call, planned empty again, destroyed to an empty account."""
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.changes[member])
    assert stage.apply(*case.needs, before).standing is Standing.SETTLED
    assert acting(stage.plan(*case.needs, before)) == {}
    stage.forget_calls()
    report = stage.apply(*case.needs, after)
    assert report.standing is Standing.SETTLED, [o.message for o in report.outcomes]
    assert stage.mutations() == [f"Update{kind}"]
    assert acting(stage.plan(*case.needs, after)) == {}
    assert stage.destroy(*case.needs, after).standing is Standing.SETTLED
    assert stage.sandbox.resources() == ()


@pytest.mark.parametrize("kind", [kind for kind, case in CASES.items() if case.frozen[1]])
def test_a_frozen_member_is_refused_or_succeeded(stage: Stage, kind: str) -> None:
    """What no update can change is a new generation where the row allows it, and else refused with the member named."""
    case = CASES[kind]
    before = case.document(kind, case.frozen[0])
    after = case.document(kind, case.frozen[1])
    if kind == "Workforce":
        after = after.replace(case.spec, "")
    assert stage.apply(*case.needs, before).standing is Standing.SETTLED
    stage.forget_calls()
    plan = stage.plan(*case.needs, after)
    (step,) = [each for each in plan.steps if each.ref.kind == kind and "@" not in each.id and each.changes]
    row = KINDS[kind]
    succeeds = row.succession is not None or row.found_by is not None
    assert step.action is (Action.SUCCEED if succeeds else Action.BLOCKED)
    assert all(change.forces for change in step.changes)
    report = stage.apply(*case.needs, after)
    assert report.standing is (Standing.SETTLED if succeeds else Standing.STUCK)
    assert stage.mutations().count(f"Create{kind}") == int(succeeds)
