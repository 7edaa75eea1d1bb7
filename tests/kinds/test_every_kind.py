"""One journey for every row: create, plan empty, change each member, refuse or replace, delete."""

import pytest

from controller.core.phase import Action, Convergence
from controller.kinds import KINDS
from controller.schema.contract import Contract, contract
from tests.journeys.remaining_resources import remaining_arns
from tests.journeys.stage import Stage, acting_steps
from tests.kinds.cases import CASES, ELSEWHERE
from tests.kinds.sample import covering_kinds
from tests.soak import soak

CHANGES = [(kind, member) for kind, case in CASES.items() for member in case.changes]
FIRST = {kind: (kind, member) for kind, member in reversed(CHANGES)}.values()
SHORT = [each for each in CHANGES if each in FIRST or each[0] in covering_kinds()]
FROZEN = [kind for kind, case in CASES.items() if case.frozen[1]]


def expected_call(contract: Contract, member: str) -> str:
    """The one call that makes a change of that member."""
    if contract.kind.lifecycle.runs and member == contract.kind.lifecycle.runs.state:
        return contract.kind.lifecycle.runs.stop
    state = contract.kind.lifecycle.desired_state
    if state and member == state.member:
        return state.stop
    if member in contract.kind.write.children:
        return contract.kind.write.children[member].put
    memberships = [
        membership.add for membership in contract.kind.lifecycle.memberships if membership.member == member
    ]
    return memberships[0] if memberships else contract.updates.name if contract.updates else ""


def _makes_generation(contract: Contract) -> bool:
    """Whether a change that no update can make creates another resource beside the first."""
    found = contract.kind.identity.found_by
    return contract.kind.lifecycle.has_hashed_names or bool(found and found.generations)


def test_every_row_has_a_case() -> None:
    """A kind without a case would be untested, and so would an updatable member that no case changes."""
    assert set(CASES) == set(KINDS)
    for kind, case in CASES.items():
        kind_contract = contract(kind)
        members = kind_contract.updatable | set(kind_contract.kind.write.deltas)
        assert members == set(case.changes) | set(ELSEWHERE.get(kind, {})), kind
        assert (
            bool(case.frozen[1]) or not kind_contract.frozen - kind_contract.identity or kind in CHANGED_ONLY
        ), kind


# Kinds of which only the identity is immutable, as far as a small spec shows.
CHANGED_ONLY = frozenset({"Workteam", "Endpoint", "Pipeline"})


@pytest.mark.parametrize(
    ("kind", "member"), [*SHORT, *soak(*(each for each in CHANGES if each not in SHORT), names=2)]
)
def test_a_changed_member_is_exactly_one_update(stage: Stage, kind: str, member: str) -> None:
    """Created, planned empty, changed by one call, planned empty again, destroyed to an empty account."""
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.changes[member])
    if member in case.during:
        stage.apply(*case.needs)
        stage.reconcile(*case.needs, before)
        stage.wait(case.during[member])
    else:
        assert stage.apply(*case.needs, before).convergence is Convergence.SETTLED
        assert acting_steps(stage.plan(*case.needs, before)) == {}
    stage.forget_calls()
    report = stage.apply(*case.needs, after)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes]
    assert stage.mutations() == [expected_call(contract(kind), member)]
    assert acting_steps(stage.plan(*case.needs, after)) == {}
    assert stage.destroy(*case.needs, after).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", FROZEN)
def test_a_frozen_member_is_refused_or_makes_a_generation(stage: Stage, kind: str) -> None:
    """A change that no update can make is a new generation or run if the row allows it, and refused otherwise."""
    case, kind_contract = CASES[kind], contract(kind)
    before = case.document(kind, case.frozen[0])
    after = case.document(kind, case.frozen[1])
    if kind == "Workforce":
        after = after.replace(case.spec, "")
    assert stage.apply(*case.needs, before).convergence is Convergence.SETTLED
    stage.forget_calls()
    plan = stage.plan(*case.needs, after)
    (step,) = [
        each
        for each in plan.steps
        if each.ref.kind == kind and "@" not in each.id and each.ref.name == case.name
    ]
    assert step.action is (
        Action.CREATE_BEFORE_DELETE if _makes_generation(kind_contract) else Action.BLOCKED
    )
    assert all(change.forces for change in step.changes)
    assert step.changes or step.action is Action.CREATE_BEFORE_DELETE
    report = stage.apply(*case.needs, after)
    assert report.convergence is (
        Convergence.SETTLED if _makes_generation(kind_contract) else Convergence.STUCK
    )
    assert stage.mutations().count(kind_contract.creates.name) == int(_makes_generation(kind_contract))
