from pathlib import Path
from typing import Any

import pytest

from controller.core.phase import Action
from controller.engine.plan import Plan, Step
from controller.kinds import KINDS, Impact
from controller.schema.contract import contract
from controller.schema.shape import shape
from tests.journeys.documents import GROUP, config, endpoint, model, serving
from tests.journeys.stage import Stage
from tests.journeys.standalone_documents import ALGORITHM, EXPERIMENT, TRAINING_JOB, TRIAL

FLEETS = [(name, fleet) for name, row in KINDS.items() for fleet in row.lifecycle.fleets]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A sandbox, an inventory and a clock."""
    return Stage(tmp_path)


def step_of(plan: Plan, of: str) -> Step:
    """The step of a document."""
    return next(each for each in plan.steps if each.id == of)


def effects_of(plan: Plan, of: str) -> dict[Impact, str]:
    """The effects of a document's step."""
    return {effect.impact: effect.message for effect in step_of(plan, of).effects}


def test_effects_of_an_endpoint_update(stage: Stage) -> None:
    """Shifted traffic, new and old instances are effects with number and type."""
    assert effects_of(stage.plan(*serving()), "Endpoint/fraud") == {
        Impact.STARTS: "starts 2 x ml.m5.large (main)"
    }
    stage.apply(*serving())
    effects = effects_of(stage.plan(*serving("ml.m5.xlarge")), "Endpoint/fraud")
    assert effects == {
        Impact.SHIFTS: "traffic moves to the new configuration once its instances are healthy",
        Impact.STARTS: "starts 2 x ml.m5.xlarge (main) beside the old ones",
        Impact.STOPS: "stops 2 x ml.m5.large (main) after that",
    }


def test_effects_show_the_scaled_number_of_instances(stage: Stage) -> None:
    """The effect shows the autoscaler's number of instances, unless the documents change the number."""
    stage.apply(*serving())
    desired = [{"VariantName": "main", "DesiredInstanceCount": 7}]
    stage.client().update_endpoint_weights_and_capacities(
        EndpointName="fraud", DesiredWeightsAndCapacities=desired
    )
    stage.wait(3600)
    kept = effects_of(stage.plan(*serving("ml.m5.xlarge")), "Endpoint/fraud")
    assert kept[Impact.STARTS] == "starts 7 x ml.m5.xlarge (main) beside the old ones"
    assert Impact.RESETS not in kept
    reset = effects_of(stage.plan(model(), config("ml.m5.large", 3), endpoint()), "Endpoint/fraud")
    assert reset[Impact.STARTS] == "starts 3 x ml.m5.large (main) beside the old ones"
    assert reset[Impact.STOPS] == "stops 7 x ml.m5.large (main) after that"
    assert reset[Impact.RESETS].endswith("DesiredInstanceCount")


def test_effects_of_an_endpoint_deletion(stage: Stage) -> None:
    """The effects of a deletion are its interrupted clients and stopped instances."""
    stage.apply(*serving())
    effects = effects_of(stage.plan(*serving(), destroy=True), "Endpoint/fraud")
    assert effects[Impact.INTERRUPTS] == "this endpoint will stop serving requests"
    assert effects[Impact.STOPS] == "stops 2 x ml.m5.large (main)"


def test_effects_of_a_run_and_of_its_stop(stage: Stage) -> None:
    """The effects of a job are its instances; those of a stop also that it ends early."""
    documents = (ALGORITHM, EXPERIMENT, TRIAL, GROUP, TRAINING_JOB)
    made = stage.plan(*documents)
    run = next(each for each in made.steps if each.ref.kind == "TrainingJob")
    assert [effect.message for effect in run.effects] == ["starts 1 x ml.m5.large"]
    stage.reconcile(*documents)
    stage.wait(600)
    stage.reconcile(*documents)
    end = next(each for each in stage.plan(*documents, destroy=True).steps if each.ref == run.ref)
    assert (end.action, [effect.impact for effect in end.effects]) == (
        Action.STOP,
        [Impact.INTERRUPTS, Impact.STOPS],
    )


def test_a_step_that_does_nothing_has_no_effects(stage: Stage) -> None:
    """A step without an action has no effects."""
    stage.apply(*serving())
    assert not [each for each in stage.plan(*serving()).steps if each.effects]


@pytest.mark.parametrize(("kind", "fleet"), FLEETS, ids=[f"{kind}-{fleet.at}" for kind, fleet in FLEETS])
def test_declared_instances_of_rows_are_in_the_model(kind: str, fleet: Any) -> None:
    """If a row declares instances, the recorded model has members for their number and type."""
    here = contract(kind).spec
    if fleet.through:
        link = next(link for link in KINDS[kind].identity.links if link.field == fleet.through)
        here = contract(link.to).spec
    for part in fleet.at.replace("[]", ".[]").split("."):
        here = shape(here.element) if part == "[]" else shape(here.members[part])
    assert {fleet.count, fleet.type, *filter(None, [fleet.named])} <= set(here.members)


@pytest.mark.parametrize("kind", [name for name, row in KINDS.items() if row.lifecycle.consequences])
def test_the_consequences_of_rows_name_existing_members(kind: str) -> None:
    """The members and parameters on which a consequence depends exist."""
    kind_contract = contract(kind)
    created = frozenset(shape(kind_contract.creates.input).members)
    for each in KINDS[kind].lifecycle.consequences:
        assert set(each.members) <= kind_contract.settable
        assert not each.sent or each.sent in (
            created if Action.CREATE in each.on else kind_contract.update_members
        )
        assert all(action.acts for action in each.on)
