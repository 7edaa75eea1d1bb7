"""The README of the runs about triggers, call by call."""

from pathlib import Path

import pytest

from controller.core.phase import Convergence
from tests.examples.test_examples import texts
from tests.journeys.stage import Stage, acting_steps

TIME = "${Pipeline/churn.lastModifiedTime}"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account."""
    return Stage(tmp_path)


def documents(depth: str, trigger: str) -> str:
    """The pipeline and its runs, with a hyperparameter and a trigger."""
    whole = "---\n".join(texts("pipeline-runs"))
    return whole.replace('max_depth: "6"', f'max_depth: "{depth}"').replace(TIME, trigger)


def test_a_trigger_that_changes_with_the_pipeline_runs_the_new_one_in_one_apply(stage: Stage) -> None:
    """Pipeline and trigger changed in one commit: updated first, run after, and nothing is left to do."""
    stage.apply(documents("6", "october"))
    stage.forget_calls()
    assert stage.apply(documents("8", "november")).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdatePipeline", "StartPipelineExecution"]
    assert acting_steps(stage.plan(documents("8", "november"))) == {}


def test_a_trigger_that_reads_the_pipeline_runs_it_in_one_apply(stage: Stage) -> None:
    """A trigger that reads the time of the pipeline is known only after the update, and the run follows it."""
    stage.apply(documents("6", TIME))
    stage.forget_calls()
    stage.apply(documents("8", TIME))
    assert stage.mutations() == ["UpdatePipeline", "StartPipelineExecution"]
    assert acting_steps(stage.plan(documents("8", TIME))) == {}
