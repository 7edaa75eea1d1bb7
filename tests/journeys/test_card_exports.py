"""Exports of model cards: runs that cannot be stopped, whose ARN consists of the card and the name."""

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.standalone_documents import MODEL_CARD, MODEL_CARD_EXPORT

EXPORT = "ModelCardExportJob/fraud-pdf"
ELSEWHERE = MODEL_CARD_EXPORT.replace("s3://bucket/cards", "s3://bucket/archive")


def list_exports(stage: Stage, card: str = "fraud-card") -> list[str]:
    """The names of a card's exports, oldest first."""
    answer = stage.client().list_model_card_export_jobs(ModelCardName=card, SortOrder="Ascending")
    return [each["ModelCardExportJobName"] for each in answer["ModelCardExportJobSummaries"]]


def test_a_card_is_exported_once_for_each_spec(stage: Stage) -> None:
    """The same spec exports nothing; another path, another version or a trigger exports again beside the old record."""
    assert stage.apply(MODEL_CARD, MODEL_CARD_EXPORT).convergence is Convergence.SETTLED
    (first,) = list_exports(stage)
    assert first.startswith("fraud-pdf-")
    stage.forget_calls()
    assert stage.apply(MODEL_CARD, MODEL_CARD_EXPORT).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    again = (ELSEWHERE, f"{ELSEWHERE}  modelCardVersion: 1\n", f"{ELSEWHERE}  trigger: monday\n")
    for count, document in enumerate(again, start=2):
        assert step_of(stage.plan(MODEL_CARD, document), EXPORT).action is Action.CREATE_BEFORE_DELETE
        assert stage.apply(MODEL_CARD, document).convergence is Convergence.SETTLED
        assert len(list_exports(stage)) == count
        assert acting_steps(stage.plan(MODEL_CARD, document)) == {}
    stage.forget_calls()
    assert stage.apply(MODEL_CARD, MODEL_CARD_EXPORT).convergence is Convergence.SETTLED  # the run before
    assert stage.mutations() == []


def test_another_card_is_another_export(stage: Stage) -> None:
    """Names are unique within one card: the export of another card runs."""
    other = MODEL_CARD.replace("fraud-card", "churn-card")
    stage.apply(MODEL_CARD, other, MODEL_CARD_EXPORT)
    moved = MODEL_CARD_EXPORT.replace("fraud-card", "churn-card")
    assert stage.apply(MODEL_CARD, other, moved).convergence is Convergence.SETTLED
    assert (len(list_exports(stage)), len(list_exports(stage, "churn-card"))) == (1, 1)


def test_a_card_may_be_named_by_its_arn(stage: Stage) -> None:
    """An ARN that names the same card is the same export."""
    stage.apply(MODEL_CARD, MODEL_CARD_EXPORT)
    by_arn = MODEL_CARD_EXPORT.replace(
        "fraud-card", "arn:aws:sagemaker:us-east-1:123456789012:model-card/fraud-card"
    )
    stage.forget_calls()
    assert stage.apply(MODEL_CARD, by_arn).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_nothing_stops_an_export(stage: Stage) -> None:
    """A deletion waits until the export has ended and makes no call; then the record is removed, also with its card."""
    stage.apply(MODEL_CARD)
    stage.reconcile(MODEL_CARD, MODEL_CARD_EXPORT)
    waits = step_of(stage.plan(MODEL_CARD, MODEL_CARD_EXPORT, destroy=True), EXPORT)
    assert (waits.action, waits.why, waits.calls) == (Action.WAIT, Reason.IN_TRANSITION, ())
    assert "no operation that stops it" in waits.detail
    stage.forget_calls()
    stage.destroy(MODEL_CARD, MODEL_CARD_EXPORT)
    assert stage.mutations() == ["DeleteModelCard"]
    assert not stage.sandbox.resources()
    assert not stage.inventory().entries


def test_a_failed_export_shows_its_reason_and_is_not_repeated(stage: Stage) -> None:
    """Another trigger exports again."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateModelCardExportJob", reason="AccessDenied: s3")
    report = stage.apply(MODEL_CARD, MODEL_CARD_EXPORT)
    assert report.convergence is Convergence.STUCK
    assert any("AccessDenied: s3" in outcome.message for outcome in report.outcomes)
    stage.forget_calls()
    assert stage.apply(MODEL_CARD, MODEL_CARD_EXPORT).convergence is Convergence.STUCK
    assert stage.mutations() == []
    assert (
        stage.apply(MODEL_CARD, f"{MODEL_CARD_EXPORT}  trigger: again\n").convergence is Convergence.SETTLED
    )


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_the_creation(stage: Stage, *, after: bool) -> None:
    """A process that is killed before or after the call leaves one export, which the next run finds."""
    stage.apply(MODEL_CARD)

    def die(call: Call) -> None:
        if call.operation == "CreateModelCardExportJob":
            if after:
                stage.cloud_now(call)
            raise KeyboardInterrupt

    stage.before_call = die
    with pytest.raises(KeyboardInterrupt):
        stage.apply(MODEL_CARD, MODEL_CARD_EXPORT)
    stage.before_call = lambda _: None
    assert stage.apply(MODEL_CARD, MODEL_CARD_EXPORT).convergence is Convergence.SETTLED
    assert len(list_exports(stage)) == 1
    assert acting_steps(stage.plan(MODEL_CARD, MODEL_CARD_EXPORT)) == {}
