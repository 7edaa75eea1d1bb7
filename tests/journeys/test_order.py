"""The order of steps, which of them run concurrently, and that each ends once."""

import random
import threading
from collections import Counter

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.engine.report import Result
from controller.sandbox import InjectedFault
from tests.journeys.documents import all_documents, pipeline
from tests.journeys.stage import Stage, document_text

pytestmark = pytest.mark.usefixtures("parallel")

NODES = 12


GROWING = """
recordIdentifierFeatureName: id
eventTimeFeatureName: time
featureDefinitions:
- {featureName: id, featureType: String}
- {featureName: time, featureType: String}
onlineStoreConfig: {enableOnlineStore: true}
"""


def _node_document(number: int, needs: list[int], kinds: list[str]) -> str:
    """A pipeline, which is created at once, or a feature group, which takes a minute; it refers to its dependencies."""
    message = "of" + "".join(f" ${{{kinds[need]}/x{need}.creationTime}}" for need in needs)
    if kinds[number] == "Pipeline":
        extra = f"pipelineDescription: {message}"
        return pipeline(extra=extra).replace("name: train", f"name: x{number}")
    return document_text("FeatureGroup", f"x{number}", f"{GROWING}description: {message}")


@pytest.mark.parametrize("seed", range(4))
def test_nothing_starts_before_its_dependencies_are_ready(stage: Stage, seed: int) -> None:
    """Row 28: in a random graph of quick and slow kinds, each creation finds all its dependencies Ready in AWS."""
    chance = random.Random(seed)
    kinds = [chance.choice(["Pipeline", "FeatureGroup"]) for _ in range(NODES)]
    needs = {n: chance.sample(range(n), chance.randint(0, min(n, 3))) for n in range(NODES)}
    documents = [_node_document(n, needs[n], kinds) for n in range(NODES)]
    chance.shuffle(documents)
    client, early = stage.client(), list[str]()

    def status(number: int) -> str:
        if kinds[number] == "Pipeline":
            return str(client.describe_pipeline(PipelineName=f"x{number}")["PipelineStatus"])
        return str(client.describe_feature_group(FeatureGroupName=f"x{number}")["FeatureGroupStatus"])

    def before(call: Call) -> None:
        name = str(call.params.get("FeatureGroupName") or call.params.get("PipelineName") or "")
        if call.operation in ("CreateFeatureGroup", "CreatePipeline"):
            early.extend(
                f"{name} before {need} was there"
                for need in needs[int(name[1:])]
                if status(need) not in ("Active", "Created")
            )

    stage.before_call = before
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert not early
    assert Counter(stage.mutations()) == Counter(f"Create{kind}" for kind in kinds)


def test_independent_documents_run_concurrently(stage: Stage) -> None:
    """Row 28: four independent documents are all in progress at the same moment."""
    barrier = threading.Barrier(4)

    def before(call: Call) -> None:
        if call.operation == "CreatePipeline":
            barrier.wait(10)  # sequentially, the first one would wait for nothing

    stage.before_call = before
    documents = [pipeline().replace("name: train", f"name: p{n}") for n in range(4)]
    assert stage.apply(*documents).convergence is Convergence.SETTLED


def test_each_step_has_exactly_one_end(stage: Stage) -> None:
    """Row 58: after a partial failure each step has exactly one action, one result and one final state."""
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreateEndpointConfig", times=None)
    report = stage.apply(*all_documents(), timeout=600)
    assert [outcome.step.id for outcome in report.outcomes] == [step.id for step in report.plan.steps]
    ends = {outcome.step.id: (outcome.step.action, outcome.result) for outcome in report.outcomes}
    assert len(ends) == len(report.outcomes) == 8
    assert ends["Model/fraud"] == (Action.NOOP, Result.UNCHANGED)
    assert ends["EndpointConfig/fraud"] == (Action.CREATE, Result.FAILED)
    assert ends["Endpoint/fraud"] == (Action.CREATE, Result.SKIPPED)
    stuck = {str(ref) for ref, standing in report.by_document().items() if standing is Convergence.STUCK}
    assert stuck == {"EndpointConfig/fraud", "Endpoint/fraud"}
    assert set(report.by_document().values()) == {Convergence.STUCK, Convergence.SETTLED}
