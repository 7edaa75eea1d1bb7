"""The reason of a step or of a refusal is the reason in the object's condition, Event and metric."""

import json

import pytest

from controller.core.cloud import CloudError, Fault, Identity
from controller.core.phase import Action, Convergence
from controller.core.reason import RECONCILE_STATES, Reason, ReconcileState, reconcile_state
from controller.core.ref import Ref
from controller.engine.plan import Plan, Step
from controller.engine.report import Outcome, Report, Result
from controller.operator.cached_object import Item, item
from controller.operator.conditions import status_of
from controller.operator.events import EventRecorder
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.metrics import OperatorMetrics
from controller.operator.object_cache import ObjectCache
from controller.operator.outcome import Verdict, refusal, verdict, with_plan
from controller.runtime.clock import Clock
from controller.runtime.metrics import Metrics
from controller.runtime.workqueue import Queue
from docs.dev.reasons import PLAN, ROWS
from tests.kubernetes.documents import group
from tests.operator.clock import StepClock
from tests.operator.objects import as_served, ref_of
from tests.operator.wire import serve_wire

REF = Ref("ModelPackageGroup", "fraud")
REFUSED = {
    Fault.THROTTLED: "Throttled",
    Fault.BUSY: "Busy",
    Fault.DENIED: "Denied",
    Fault.LIMIT: "LimitExceeded",
    Fault.INVALID: "Rejected",
    Fault.UNSUPPORTED: "Rejected",
    Fault.REFERENCE: "Rejected",
    Fault.MISSING: "Retrying",
    Fault.EXISTS: "Retrying",
    Fault.UNKNOWN: "Retrying",
    Fault.UNANSWERED: "Retrying",
}
# Reasons of steps for which a condition gives a more general one; reasons of results for all without their own.
GENERAL = {
    Reason.NOT_OWNED: "ForeignOwner",
    Reason.NOT_IN_INVENTORY: "ForeignOwner",
    Reason.STILL_USED: "Immutable",
    Reason.DEPENDENCY_BLOCKED: "Retrying",
}
OF_PLANS = [row.reason for row in ROWS if PLAN in row.shown]


def _report(why: Reason, result: Result, fault: Fault | None = None) -> Report:
    outcome = Outcome(Step(str(REF), REF, Action.BLOCKED, why), result, fault=fault)
    plan = Plan(Identity("123456789012", "us-east-1"), "default", (outcome.step,))
    return Report(plan, (outcome,), Convergence.STUCK)


def _item() -> Item:
    value = as_served(group())
    return item(ref_of(value), value, None)


@pytest.mark.parametrize("fault", Fault)
def test_a_refusal_of_aws_has_its_reason(fault: Fault) -> None:
    """Before a plan, and at one of its steps: each class of refusal has one reason."""
    error = CloudError(fault, "Code", "no", "DescribeModel")
    assert refusal(error).reason.value == REFUSED[fault]
    assert verdict(_report(Reason.ABSENT, Result.FAILED, fault), REF).reason.value == REFUSED[fault]


@pytest.mark.parametrize("why", OF_PLANS)
def test_the_reason_of_a_step_is_that_of_the_object(why: Reason) -> None:
    """A condition gives the reason of the plan, or a more general one that is listed here."""
    expected = GENERAL.get(why) or (why.value if why in RECONCILE_STATES else "Retrying")
    assert verdict(_report(why, Result.SKIPPED), REF).reason.value == expected


@pytest.mark.parametrize("action", [each for each in Action if each.acts])
def test_a_planned_action_has_the_verb_of_the_field(action: Action) -> None:
    """The message and ``status.plan.action``: both orders of a replacement are ``replace``."""
    step = Step(str(REF), REF, action, Reason.CANNOT_UPDATE)
    plan = Plan(Identity("123456789012", "us-east-1"), "default", (step,))
    planned = Report(plan, (Outcome(step, Result.SKIPPED),), Convergence.STUCK, consented=False)
    found = with_plan(verdict(planned, REF), plan)
    assert f"the plan is to {action.verb} it; approve status.fingerprint" in found.message
    assert found.plan is not None
    assert found.plan["action"] == action.verb


@pytest.mark.parametrize("reason", RECONCILE_STATES)
def test_conditions_and_metrics_give_the_reason(reason: Reason) -> None:
    """All conditions of an object have the reason of its verdict, and so does the label ``result``."""
    conditions = status_of(_item(), Verdict(reason, "text"), None, "now")["conditions"]
    assert conditions
    assert {each["reason"] for each in conditions if each["type"] != "Drifted"} == {reason.value}
    metrics = Metrics()
    OperatorMetrics(metrics, Queue[Ref](Clock(StepClock())), ObjectCache(StepClock())).reconciled(
        REF, reason, 1.0, 0.0
    )
    assert f'result="{reason.value}"' in metrics.text().decode()


def test_an_event_gives_the_reason() -> None:
    """Each transition is posted with its reason, as a warning if the object is stuck; intermediate steps are not."""
    quiet = {Reason.CHANGED, Reason.RETRYING, Reason.BUSY, Reason.THROTTLED}
    with serve_wire() as server:
        recorder = EventRecorder(Api(Access(server.url), connections=1), "host")
        recorder.start()
        for reason in RECONCILE_STATES:
            recorder.record_transition(_item(), reason, "text", "now")
        recorder.stop()
        events = [json.loads(body) for body in server.bodies]
    assert [each["reason"] for each in events] == [
        each.value for each in RECONCILE_STATES if each not in quiet
    ]
    warned = {each["reason"] for each in events if each["type"] == "Warning"}
    assert warned >= {
        each.value for each in RECONCILE_STATES if reconcile_state(each) is ReconcileState.STUCK
    }
    assert Reason.READY.value not in warned
