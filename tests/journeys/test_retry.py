"""``policy.retry``: a failed creation or update is retried once for each new text, and never automatically."""

import pytest
import yaml

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.manifests.load import load_bytes
from controller.operator.outcome import verdict
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import config, endpoint, model, serving
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk
from tests.simulation.passes import Killed

REASON = "Request to service failed. Insufficient capacity."
# Kinds with a status, of which the sandbox can let a creation fail.
GROWING = sorted(
    kind
    for kind, row in KINDS.items()
    if contract(kind).status_member and row.lifecycle.runs is None and contract(kind).deletes
)


def _cause_rollback(stage: Stage) -> None:
    stage.apply(*serving())
    stage.sandbox.inject(InjectedFault.ROLLBACK, operation="UpdateEndpoint", reason=REASON, times=2)
    assert stage.apply(*serving("ml.m5.xlarge")).convergence is Convergence.STUCK
    stage.forget_calls()


def _with_retry(text: str, extra: str = "") -> list[str]:
    return [model(), config("ml.m5.xlarge"), endpoint(extra, policy=f"retry: '{text}'")]


def test_each_new_text_is_one_more_try(stage: Stage) -> None:
    """The same text has no effect, another one retries once: it fails again and is reported, or it settles."""
    _cause_rollback(stage)
    assert stage.apply(*_with_retry("monday")).convergence is Convergence.STUCK
    assert stage.mutations() == ["UpdateEndpoint"]
    assert stage.apply(*_with_retry("monday")).convergence is Convergence.STUCK
    assert stage.mutations() == ["UpdateEndpoint"]
    assert stage.apply(*_with_retry("tuesday")).convergence is Convergence.SETTLED
    assert stage.mutations()[:2] == ["UpdateEndpoint", "UpdateEndpoint"]
    assert acting_steps(stage.plan(*_with_retry("tuesday"))) == {}
    assert acting_steps(stage.plan(*serving("ml.m5.xlarge"))) == {}


def test_a_failure_is_not_retried_by_itself(stage: Stage) -> None:
    """However often a run is repeated, by a person or by itself, a rolled-back update is not retried."""
    _cause_rollback(stage)
    for hour in range(24):
        stage.reconcile(*serving("ml.m5.xlarge"), now=1.8e9 + 3600 * hour)
        stage.wait(3600)
    assert stage.mutations() == []


def test_a_blocked_step_names_policy_retry(stage: Stage) -> None:
    """The step and the operator's condition show the reason and ``policy.retry``."""
    _cause_rollback(stage)
    report = stage.apply(*serving("ml.m5.xlarge"))
    blocked = step_of(report.plan, "Endpoint/fraud")
    assert REASON in blocked.detail
    assert "policy.retry" in blocked.detail
    current_verdict = verdict(report, Ref("Endpoint", "fraud"))
    assert current_verdict.reason is Reason.ROLLED_BACK
    assert "policy.retry" in current_verdict.message


def test_a_tag_goes_on_while_the_update_is_blocked(stage: Stage) -> None:
    """The tag is written, the update is still reported as rolled back, and the next plan does not change the tag."""
    _cause_rollback(stage)
    tagged = [model(), config("ml.m5.xlarge"), endpoint("tags: {team: risk}")]
    plan = stage.plan(*tagged)
    blocked = step_of(plan, "Endpoint/fraud")
    assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.ROLLED_BACK)
    assert [call.operation for call in blocked.calls] == ["AddTags"]
    report = stage.apply(*tagged)
    assert report.convergence is Convergence.STUCK
    assert stage.mutations() == ["AddTags"]
    assert [each.step.id for each in report.of(Result.FAILED)] == ["Endpoint/fraud"]
    assert stage.apply(*tagged).convergence is Convergence.STUCK
    assert stage.mutations() == ["AddTags"]
    untagged = serving("ml.m5.xlarge")
    stage.apply(*untagged)
    assert stage.mutations() == ["AddTags", "DeleteTags"]


@pytest.mark.parametrize("kind", walk(kind for kind, case in CASES.items() if case.frozen[1]))
def test_a_tag_goes_on_while_a_frozen_member_is_refused(stage: Stage, kind: str) -> None:
    """For every kind with a refused change: changed tags are written, nothing else is."""
    case, of = CASES[kind], contract(kind)
    found_by = of.kind.identity.found_by
    made = (found_by and found_by.generations) or of.kind.lifecycle.has_hashed_names
    if made or not of.taggable:
        return
    before, after = (case.document(kind, text) for text in case.frozen)
    if kind == "Workforce":
        after = after.replace(case.spec, "")
    stage.apply(*case.needs, before)
    stage.forget_calls()
    tagged = after.rstrip() + "\n  tags: {team: risk}\n"
    assert stage.apply(*case.needs, tagged).convergence is Convergence.STUCK
    assert stage.mutations() == ["AddTags"]


def test_a_creation_that_failed_is_made_anew_for_a_new_text(stage: Stage) -> None:
    """A Failed endpoint never served: with another text it is deleted and created, with the same text it stays."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason=REASON)
    assert stage.apply(*serving()).convergence is Convergence.STUCK
    stage.forget_calls()
    requested = [model(), config(), endpoint(policy="retry: once")]
    assert stage.apply(*requested).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteEndpoint", "CreateEndpoint"]


def test_with_a_rebuilt_inventory_the_next_text_retries(stage: Stage) -> None:
    """With a rebuilt inventory the first run records the failure, and the next new text retries."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint", reason=REASON)
    stage.apply(*serving())
    for path in stage.folder.glob("inventory-*.json"):
        path.unlink()
    stage.rebuild(*serving())
    stage.forget_calls()
    assert stage.apply(*serving()).convergence is Convergence.STUCK
    assert "CreateEndpoint" not in stage.mutations()
    requested = [model(), config(), endpoint(policy="retry: once")]
    assert stage.apply(*requested).convergence is Convergence.SETTLED
    assert "CreateEndpoint" in stage.mutations()


@pytest.mark.parametrize("kind", GROWING)
def test_every_failed_creation_names_policy_retry(stage: Stage, kind: str) -> None:
    """A resource that failed to be created shows its reason and ``policy.retry``, and is recreated with that alone."""
    case = CASES[kind]
    extra = next(iter(case.changes.values()), case.frozen)[0]
    stage.apply(*case.needs)
    stage.sandbox.inject(InjectedFault.FAIL, operation=contract(kind).creates.name, reason=REASON)
    report = stage.apply(*case.needs, case.document(kind, extra))
    failed = [each for each in report.of(Result.FAILED) if each.step.ref.kind == kind]
    if not failed:
        assert report.convergence is Convergence.SETTLED, "this kind can't fail in the sandbox"
        return
    columns = "FailureReason" in contract(kind).body.members or KINDS[kind].lifecycle.reasons
    assert (REASON in failed[0].message) is bool(columns)
    assert "policy.retry" in failed[0].message
    stage.forget_calls()
    stage.apply(*case.needs, case.document(kind, extra))
    assert stage.mutations() == []
    assert (
        stage.apply(*case.needs, case.document(kind, extra, "retry: once")).convergence is Convergence.SETTLED
    )


# Kinds whose resources can be changed, also by another user before a read shows the result of our own change.
CHANGED = sorted(
    kind
    for kind, case in CASES.items()
    if case.changes and contract(kind).updates and KINDS[kind].lifecycle.runs is None and not case.during
)


def _change_as_other_tool(stage: Stage, *documents: str) -> None:
    """Apply documents as another tool does, without changing our tags and our inventory."""
    held = stage.inventory_store.path.read_bytes()
    stage.wait(7200)
    stage.apply(*documents)
    stage.inventory_store.path.write_bytes(held)
    stage.wait(7200)


@pytest.mark.parametrize("kind", walk(CHANGED))
def test_a_foreign_change_before_a_creation_is_read_is_no_rollback(stage: Stage, kind: str) -> None:
    """A creation has no previous state: a difference after it is a foreign change, and is corrected."""
    case = CASES[kind]
    ours, theirs = (case.document(kind, extra) for extra in next(iter(case.changes.values())))
    stage.apply(*case.needs)
    stage.reconcile(*case.needs, ours)
    _change_as_other_tool(stage, *case.needs, theirs)
    assert step_of(stage.plan(*case.needs, ours), f"{kind}/{case.name}").why is not Reason.ROLLED_BACK
    stage.apply(*case.needs, ours)
    left = step_of(stage.plan(*case.needs, ours), f"{kind}/{case.name}")
    # No update removes what another user added.
    assert left.action is Action.NOOP or left.why is Reason.IMMUTABLE


@pytest.mark.parametrize("kind", walk(kind for kind in CHANGED if len(CASES[kind].changes) > 1))
def test_a_foreign_change_after_a_killed_run_is_no_rollback(stage: Stage, kind: str) -> None:
    """An update that AWS may not have accepted is made, whatever another user changed meanwhile."""
    case = CASES[kind]
    (before, after), (_, other) = list(case.changes.values())[:2]
    ours = case.document(kind, after)
    stage.apply(*case.needs, case.document(kind, before))
    stage.before_call = _kill_at_a_change
    with pytest.raises(Killed):
        stage.reconcile(*case.needs, ours)
    stage.before_call = lambda _: None
    assert stage.inventory().of(Ref(kind, case.name)).attempt is not None
    theirs = _with_members(case.document(kind, before), case.document(kind, other))
    _change_as_other_tool(stage, *case.needs, theirs)
    assert step_of(stage.plan(*case.needs, ours), f"{kind}/{case.name}").why is not Reason.ROLLED_BACK
    assert stage.apply(*case.needs, ours).convergence is Convergence.SETTLED


def _with_members(one: str, other: str) -> str:
    """A document with the members that another one has in addition or otherwise; that one if both conflict."""
    value = yaml.safe_load(one)
    both = yaml.safe_dump({**value, "spec": {**value["spec"], **yaml.safe_load(other)["spec"]}})
    return other if load_bytes([("both.yaml", both.encode())]).findings else both


def _kill_at_a_change(call: Call) -> None:
    if call.changes:
        raise Killed
