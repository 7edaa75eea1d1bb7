"""After AWS refused a deletion its blockers are read: the deletion waits, and the message names them."""

from typing import Any

import pytest

from controller.core.phase import Convergence
from controller.engine.report import Result
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from tests.journeys.documents import pipeline
from tests.journeys.stage import Stage, document_text

PIPELINE, EXPERIMENT = pipeline(), document_text("Experiment", "lab", "description: one")
# By document: the deletion, the List that shows why it is refused, the message, the occupation, and what ends it.
CASES: dict[str, tuple[str, str, str]] = {
    PIPELINE: ("DeletePipeline", "ListPipelineExecutions", "kept: "),
    EXPERIMENT: ("DeleteExperiment", "ListTrials", "kept: 'theirs'"),
}


def use_as_other_user(aws: Any, document: str) -> None:
    """Run the pipeline, or add a trial to the experiment, as another user."""
    if document == PIPELINE:
        aws.start_pipeline_execution(PipelineName="train", ClientRequestToken="t" * 32)
    else:
        aws.create_trial(TrialName="theirs", ExperimentName="lab")


def test_every_refused_deletion_has_a_case() -> None:
    """Each List of a row that shows why AWS refuses a deletion is in a case."""
    lists = {
        blocker.lists
        for row in KINDS.values()
        for blocker in row.lifecycle.delete_blockers
        if blocker.refused
    }
    assert lists == {lists for _, lists, _ in CASES.values()}


@pytest.mark.parametrize("document", CASES, ids=[deletes for deletes, *_ in CASES.values()])
@pytest.mark.parametrize("way", ["destroy", "prune"])
def test_a_refused_deletion_waits_with_its_cause(stage: Stage, document: str, way: str) -> None:
    """It is no failure; the deletion is made once the cause of the refusal has ended."""
    deletes, lists, start = CASES[document]
    stage.apply(document)
    use_as_other_user(stage.client(), document)
    stage.forget_calls()
    documents, order = ((document,), {"destroy": True}) if way == "destroy" else ((), {"prune": True})
    report = stage.reconcile(*documents, **order, confirm_deletes=1)
    (outcome,) = (each for each in report.outcomes if each.step.changes_account)
    called = [record.operation for record in stage.sandbox.calls]
    assert outcome.result is Result.WAITING
    assert outcome.message.startswith(start)
    assert f"({lists}) must be deleted first" in outcome.message
    assert called.index(deletes) < called.index(lists)
    assert stage.mutations() == []
    if document == EXPERIMENT:
        stage.client().delete_trial(TrialName="theirs")
    stage.wait(24 * 3600)
    run = stage.destroy if way == "destroy" else stage.apply
    ended = run(*documents, confirm_deletes=1, **({} if way == "destroy" else order))
    assert ended.convergence is Convergence.SETTLED
    assert deletes in stage.mutations()


@pytest.mark.parametrize("document", CASES, ids=[deletes for deletes, *_ in CASES.values()])
def test_without_the_list_the_refusal_of_aws_is_shown(stage: Stage, document: str) -> None:
    """Where the List is denied, the refusal is shown as AWS wrote it, and nothing is forgotten."""
    deletes, lists, _ = CASES[document]
    stage.apply(document)
    use_as_other_user(stage.client(), document)
    stage.sandbox.inject(InjectedFault.DENIED, operation=lists, times=None)
    report = stage.reconcile(document, destroy=True)
    (outcome,) = (each for each in report.outcomes if each.step.changes_account)
    assert outcome.result in (Result.WAITING, Result.FAILED)
    assert "cannot be deleted" in outcome.message
    assert deletes not in stage.mutations()
    assert len(stage.inventory().entries) == 1
