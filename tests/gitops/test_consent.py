"""The consent of a sync: the actions that it permits."""

from dataclasses import replace

import pytest

from controller.engine.plan import Confirmation, ConfirmationRequired
from controller.gitops.apply_pass import Consent
from controller.gitops.sync import SyncMode
from tests.journeys.conftest import stage
from tests.journeys.documents import GROUP
from tests.journeys.stage import Stage

__all__ = ["stage"]


@pytest.mark.parametrize("mode", SyncMode)
def test_only_the_approval_of_this_plan_executes_it(stage: Stage, mode: SyncMode) -> None:
    """In mode Plan, and for deletions in either mode: another fingerprint, a part of it or none is no approval."""
    plan = stage.plan(GROUP)
    held = ConfirmationRequired("many", frozenset(each.id for each in plan.steps), Confirmation.NUMBER)
    stopped = replace(plan, confirmations=(held,))
    right = plan.fingerprint
    for approved in ("", "x", right[:-1], right.upper() + "0", "0" * len(right)):
        assert Consent(mode, approved)(plan) is (mode is SyncMode.APPLY)
        consent = Consent(mode, approved)
        consent(stopped)
        assert consent.confirmed == frozenset()
    assert Consent(mode, right)(plan)
    consent = Consent(mode, right)
    assert not consent(stopped)
    assert consent.confirmed == held.deletions
