"""A deletion that AWS accepted and that failed: its reason is reported, and it is not retried in every pass."""

import pytest

from controller.core.phase import Action, Convergence, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.decide import BACKOFF
from controller.engine.lookup import phase_of_status
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.kinds.display import UNDELETED
from controller.operator.outcome import verdict
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from controller.schema.shape import shape
from tests.journeys.documents import WORKFORCE, workteam
from tests.journeys.stage import Stage, document_text, step_of
from tests.kinds.cases import CASES

REASON = "The template could not be deleted."
PORTFOLIO = document_text("ServicecatalogPortfolio", "templates", "{}")


def _status_values(kind: str) -> frozenset[str]:
    """The statuses of a kind."""
    member = contract(kind).status_member
    return frozenset(shape(contract(kind).body.members[member]).enum) if member else frozenset()


# Every kind with such a status, of which the sandbox can let a slow deletion fail.
FAILING = sorted(kind for kind in KINDS if _status_values(kind) & UNDELETED)
PLAYED = [kind for kind in FAILING if kind in ("Project", "FeatureGroup")]


def _create(stage: Stage, kind: str) -> tuple[str, ...]:
    case = CASES[kind]
    extra = next(iter(case.changes.values()), case.frozen)[0]
    documents = (*case.needs, case.document(kind, extra))
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    return documents


def _count_deletes(stage: Stage, kind: str) -> int:
    of = contract(kind).deletes
    assert of is not None
    return stage.mutations().count(of.name)


def test_each_status_of_a_failed_deletion_is_a_failure() -> None:
    """Each status of a failed deletion is a failure of its kind, and the two of the sandbox are among them."""
    assert {"Project", "FeatureGroup"} <= set(FAILING)
    for kind in FAILING:
        undeleted = _status_values(kind) & UNDELETED
        assert {phase_of_status(contract(kind), word) for word in undeleted} == {Phase.FAILED}, kind


@pytest.mark.parametrize("kind", PLAYED)
def test_a_failed_deletion_is_tried_once_in_a_run(stage: Stage, kind: str) -> None:
    """One Delete, then stuck with AWS's reason; the next run of a person retries once, and may succeed."""
    documents = _create(stage, kind)
    of = contract(kind).deletes
    assert of is not None
    stage.sandbox.inject(InjectedFault.FAIL, operation=of.name, reason=REASON, times=2)
    stage.forget_calls()
    first = stage.destroy(*documents)
    assert (first.convergence, _count_deletes(stage, kind)) == (Convergence.STUCK, 1)
    (outcome,) = first.of(Result.FAILED)
    assert (outcome.step.action, outcome.step.why) == (Action.BLOCKED, Reason.FAILED)
    assert REASON in outcome.message
    assert "DeleteFailed" in outcome.message
    assert (stage.destroy(*documents).convergence, _count_deletes(stage, kind)) == (Convergence.STUCK, 2)
    assert (stage.destroy(*documents).convergence, _count_deletes(stage, kind)) == (Convergence.SETTLED, 3)


@pytest.mark.parametrize("kind", PLAYED)
def test_repeated_runs_retry_a_failed_deletion_hourly(stage: Stage, kind: str) -> None:
    """A sync and the operator retry a failed deletion once an hour, and report the reason in between."""
    documents = _create(stage, kind)
    of = contract(kind).deletes
    assert of is not None
    stage.sandbox.inject(InjectedFault.FAIL, operation=of.name, reason=REASON, times=None)
    stage.forget_calls()
    start = 1_800_000_000.0
    for minute in range(0, 180, 10):
        report = stage.reconcile(*documents, destroy=True, now=start + 60 * minute)
        stage.wait(600)
        if minute:
            (outcome,) = [each for each in report.outcomes if each.step.id.startswith(kind)]
            assert outcome.result is Result.STARTED or REASON in outcome.message
    assert _count_deletes(stage, kind) == 180 * 60 // BACKOFF


def test_the_operator_reports_a_failed_deletion(stage: Stage) -> None:
    """An object whose resource can't be deleted is Failed, with the reason, and not permanently in transition."""
    documents = _create(stage, "FeatureGroup")
    stage.sandbox.inject(InjectedFault.FAIL, operation="DeleteFeatureGroup", reason=REASON, times=None)
    stage.reconcile(*documents, destroy=True, now=1.8e9)
    stage.wait(600)
    report = stage.reconcile(*documents, destroy=True, now=1.8e9 + 600)
    current_verdict = verdict(report, Ref("FeatureGroup", CASES["FeatureGroup"].name))
    assert current_verdict.reason is Reason.FAILED
    assert REASON in current_verdict.message


def test_a_failed_prune_is_tried_once_in_a_run(stage: Stage) -> None:
    """If the document is removed the deletion fails in the same way: one try, the reason, and the run ends."""
    documents = _create(stage, "FeatureGroup")
    stage.sandbox.inject(InjectedFault.FAIL, operation="DeleteFeatureGroup", reason=REASON, times=None)
    stage.forget_calls()
    group = document_text("ModelPackageGroup", "other", "{}")
    agreed = frozenset({f"FeatureGroup/{CASES['FeatureGroup'].name}"})
    report = stage.apply(*documents[:-1], group, prune=True, confirm_delete=agreed)
    assert (report.convergence, _count_deletes(stage, "FeatureGroup")) == (Convergence.STUCK, 1)
    assert any(REASON in outcome.message for outcome in report.outcomes)


def test_a_restored_document_reports_the_failed_deletion(stage: Stage) -> None:
    """If its document is restored, a resource that could not be deleted accepts no update, which is reported."""
    documents = _create(stage, "FeatureGroup")
    stage.sandbox.inject(InjectedFault.FAIL, operation="DeleteFeatureGroup", reason=REASON)
    stage.destroy(*documents)
    stage.forget_calls()
    report = stage.apply(*documents)
    held = step_of(report.plan, f"FeatureGroup/{CASES['FeatureGroup'].name}")
    assert (held.action, stage.mutations()) == (Action.BLOCKED, [])
    assert REASON in held.detail


def test_a_setting_enabled_before_stays_enabled(stage: Stage) -> None:
    """The portfolio was enabled before: destroy leaves it enabled; one that the document enabled is disabled again."""
    stage.client().enable_sagemaker_servicecatalog_portfolio()
    project = document_text(
        "Project", "pr", "serviceCatalogProvisioningDetails: {productId: prod-abcdefghijklm}"
    )
    stage.apply(PORTFOLIO, project)
    report = stage.destroy(PORTFOLIO, project)
    assert report.convergence is Convergence.SETTLED
    assert stage.client().get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Enabled"
    assert stage.inventory().entries == {}
    stage.client().disable_sagemaker_servicecatalog_portfolio()
    stage.apply(PORTFOLIO)
    assert stage.destroy(PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.client().get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Disabled"


def test_a_deletion_that_answers_success_false_is_not_done(stage: Stage) -> None:
    """DeleteWorkteam returns ``Success: false`` if it refuses (API reference): it waits, and the entry is kept."""
    documents = (WORKFORCE, workteam())
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    stage.sandbox.inject(InjectedFault.GARBLED, operation="DeleteWorkteam", reason='{"Success": false}')
    ended = stage.reconcile(*documents, destroy=True)
    (outcome,) = [each for each in ended.outcomes if each.step.ref.kind == "Workteam"]
    assert (outcome.result, "Success: false" in outcome.message) == (Result.WAITING, True)
    assert Ref("Workteam", "reviewers") in stage.inventory().entries
