"""An accepted update that fails later, of every kind whose status shows it: neither success nor a loop."""

from collections.abc import Iterator

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.stage import Stage, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.kinds.test_every_kind import expected_call

# Kinds whose Update is complete with its response: their status is about something else.
AT_ONCE = frozenset({"ImageVersion", "ModelCard", "ModelPackage", "Pipeline"})


def _updatable_kinds() -> Iterator[str]:
    for kind, case in CASES.items():
        of = contract(kind)
        members = set(case.changes) - set(case.during)
        if of.updates and of.status_member and not of.kind.lifecycle.runs and kind not in AT_ONCE:
            yield from [kind] * any(expected_call(of, member) == of.updates.name for member in members)


def test_the_kinds_whose_updates_may_fail() -> None:
    """Every kind with an Update and a status is covered, or its Update is complete at once."""
    assert KINDS.keys() > AT_ONCE
    assert len([*_updatable_kinds()]) >= 20


@pytest.mark.parametrize("kind", walk(_updatable_kinds()))
def test_a_failed_update_is_reported_and_not_tried_again(stage: Stage, kind: str) -> None:
    """The run fails, the next plan shows the failure and makes no call, and another spec is tried."""
    case, of = CASES[kind], contract(kind)
    assert of.updates is not None
    member = next(
        each
        for each in case.changes
        if expected_call(of, each) == of.updates.name and each not in case.during
    )
    before, after = (case.document(kind, text) for text in case.changes[member])
    stage.apply(*case.needs, before)
    stage.sandbox.inject(InjectedFault.FAIL, operation=of.updates.name, reason="no capacity")
    stage.forget_calls()
    assert stage.apply(*case.needs, after).convergence is Convergence.STUCK
    assert stage.mutations().count(of.updates.name) == 1
    planned = step_of(stage.plan(*case.needs, after), f"{kind}/{case.name}")
    assert planned.action is Action.BLOCKED, planned.detail
    assert planned.why in (Reason.FAILED, Reason.ROLLED_BACK)
    assert "is not retried automatically" in planned.detail
    again = case.document(kind, case.changes[member][1], "retry: once more")
    assert stage.apply(*case.needs, again).convergence is Convergence.SETTLED
