"""Aliases of a pipeline belong to its newest version: moved by calls of their own, or with a new version."""

import pytest

from controller.core.phase import Convergence
from controller.engine.report import Result
from controller.sandbox import InjectedFault
from tests.journeys.documents import GROUP, pipeline
from tests.journeys.stage import Stage, acting_steps


def pipeline_with_aliases(*aliases: str, message: str = "stop") -> str:
    """A pipeline with these aliases."""
    return pipeline(message, f"pipelineVersionAliases: [{', '.join(aliases)}]\n")


def live_aliases(stage: Stage) -> list[str]:
    """The aliases of the newest version."""
    return sorted(stage.client().describe_pipeline(PipelineName="train").get("PipelineVersionAliases", []))


@pytest.mark.parametrize("desired", [("blue", "green"), ("green",), ()])
def test_changed_aliases_alone_are_one_call(stage: Stage, desired: tuple[str, ...]) -> None:
    """Aliases added, removed or changed without a new definition take UpdatePipelineVersion; then the plan is empty."""
    stage.apply(pipeline_with_aliases("blue"))
    stage.forget_calls()
    assert stage.apply(pipeline_with_aliases(*desired)).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdatePipelineVersion"]
    assert live_aliases(stage) == sorted(desired)
    assert acting_steps(stage.plan(pipeline_with_aliases(*reversed(desired)))) == {}


def test_a_new_definition_takes_the_aliases_along(stage: Stage) -> None:
    """They are removed from the old version before the new one is created with them."""
    stage.apply(pipeline_with_aliases("live"))
    stage.forget_calls()
    assert (
        stage.apply(pipeline_with_aliases("live", "next", message="halt")).convergence is Convergence.SETTLED
    )
    assert stage.mutations() == ["UpdatePipelineVersion", "UpdatePipeline"]
    assert live_aliases(stage) == ["live", "next"]
    assert acting_steps(stage.plan(pipeline_with_aliases("live", "next", message="halt"))) == {}


def test_aliases_that_no_document_declares_stay(stage: Stage) -> None:
    """If no document ever had an alias, a new definition is one call and moves no alias."""
    stage.apply(pipeline())
    alias = {"PipelineVersionAliasOperations": {"Add": ["live"]}}
    arn = stage.client().describe_pipeline(PipelineName="train")["PipelineArn"]
    stage.client().update_pipeline_version(PipelineArn=arn, PipelineVersionId=1, **alias)
    stage.forget_calls()
    assert stage.apply(pipeline("halt")).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdatePipeline"]


def test_aliases_removed_from_the_document_are_removed(stage: Stage) -> None:
    """A member removed from the document is unset: the alias is removed, and no new version gets it."""
    stage.apply(pipeline_with_aliases("live"))
    stage.forget_calls()
    assert stage.apply(pipeline("halt")).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdatePipelineVersion", "UpdatePipeline"]
    assert live_aliases(stage) == []
    assert acting_steps(stage.plan(pipeline("halt"))) == {}


@pytest.mark.parametrize("versions", ["[]", "[{}]", "[null]", "{}"])
def test_a_list_without_the_newest_version_is_a_refusal(stage: Stage, versions: str) -> None:
    """The step fails, the others are executed, and the next run completes it; no exception leaves the run."""
    stage.apply(pipeline_with_aliases("blue"))
    answer = f'{{"PipelineVersionSummaries": {versions}}}'
    stage.sandbox.inject(InjectedFault.GARBLED, operation="ListPipelineVersions", reason=answer, times=None)
    report = stage.reconcile(pipeline_with_aliases("green"), GROUP)
    ends = {outcome.step.id: outcome.result for outcome in report.outcomes}
    assert ends == {"Pipeline/train": Result.FAILED, "ModelPackageGroup/fraud": Result.STARTED}
    stage.sandbox.clear_faults()
    assert stage.apply(pipeline_with_aliases("green"), GROUP).convergence is Convergence.SETTLED
    assert live_aliases(stage) == ["green"]
