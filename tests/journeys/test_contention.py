"""Fields that another writer sets again and again: corrected five times an hour, then only reported."""

from pathlib import Path

import pytest

from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.contention import field_of
from controller.engine.plan import Step
from controller.schema.contract import contract
from tests.journeys.stage import Stage, document_text

DOCUMENT = document_text("Experiment", "churn", "displayName: ours\ndescription: why")
REF = Ref("Experiment", "churn")
HOUR = 3600


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An account with one owned experiment."""
    made = Stage(tmp_path)
    made.apply(DOCUMENT, now=0)
    return made


def update_as_other_user(stage: Stage, **members: str) -> None:
    """Another user sets the experiment's description."""
    stage.client().update_experiment(ExperimentName="churn", **(members or {"DisplayName": "theirs"}))


def reconcile_step(stage: Stage, now: float | None, document: str = DOCUMENT) -> Step:
    """Run one pass, and return its step."""
    report = stage.reconcile(document, now=now)
    return next(step for step in report.plan.steps if step.ref == REF)


def correct_repeatedly(stage: Stage, times: int, every: int = 600, start: int = 0) -> list[Action]:
    """Another user reverts it again and again; the step of each pass."""
    done = []
    for number in range(times):
        update_as_other_user(stage)
        done.append(reconcile_step(stage, start + every * number).action)
    return done


def live_value(stage: Stage, member: str = "DisplayName") -> str:
    """The live value."""
    return str(stage.client().describe_experiment(ExperimentName="churn")[member])


def test_the_sixth_correction_is_not_made(stage: Stage) -> None:
    """Row 47: five corrections of a field within an hour are made; the sixth is not, and the step reports it."""
    assert correct_repeatedly(stage, 6) == [Action.UPDATE] * 5 + [Action.NOOP]
    step = reconcile_step(stage, 3300)
    assert (step.why, step.calls) == (Reason.CONTENDED, ())
    assert "displayName was corrected 5 times within an hour" in step.detail
    assert "last by arn:aws:iam::123456789012:user/" in step.detail
    assert live_value(stage) == "theirs"


def test_other_fields_are_corrected_all_the_same(stage: Stage) -> None:
    """Other fields are corrected as usual, the contended one is not changed, and the step reports it."""
    correct_repeatedly(stage, 5)
    update_as_other_user(stage, DisplayName="theirs", Description="by hand")
    step = reconcile_step(stage, 3000)
    assert (step.action, len(step.contended)) == (Action.UPDATE, 1)
    assert step.contended[0] in step.notes
    assert (live_value(stage), live_value(stage, "Description")) == ("theirs", "why")
    assert reconcile_step(stage, 3000).why is Reason.CONTENDED


def test_rare_corrections_are_not_contended(stage: Stage) -> None:
    """Corrections are made without limit if there are not more than five in an hour."""
    assert set(correct_repeatedly(stage, 12, every=1000)) == {Action.UPDATE}


def test_a_contended_field_is_corrected_again_after_an_hour(stage: Stage) -> None:
    """An hour after the last correction one more is made; if the conflict continues, the field is left alone again."""
    correct_repeatedly(stage, 6)
    assert reconcile_step(stage, 2400 + HOUR - 1).why is Reason.CONTENDED
    assert reconcile_step(stage, 2400 + HOUR).action is Action.UPDATE
    assert live_value(stage) == "ours"
    assert correct_repeatedly(stage, 6, every=60, start=2500 + HOUR)[-1] is Action.NOOP


def test_a_new_document_begins_anew(stage: Stage) -> None:
    """After a change of the document the field is set at once, and the counts restart."""
    correct_repeatedly(stage, 6)
    mine = DOCUMENT.replace("ours", "mine")
    assert reconcile_step(stage, 3100, mine).why is Reason.SPEC_CHANGED
    assert live_value(stage) == "mine"
    assert stage.inventory().of(REF).corrected == {}


def test_an_apply_by_a_person_corrects_a_contended_field(stage: Stage) -> None:
    """A run without a clock, such as `sagectl apply`, corrects a contended field, and keeps its record."""
    correct_repeatedly(stage, 6)
    before = stage.inventory().of(REF).corrected
    assert reconcile_step(stage, None).action is Action.UPDATE
    assert stage.inventory().of(REF).corrected == before


def test_recorded_corrections_are_bounded_and_persistent(stage: Stage) -> None:
    """The inventory's file holds the last five corrections of a field, so that a restart continues to count."""
    correct_repeatedly(stage, 30, every=1000)
    assert {key: len(times) for key, times in stage.inventory().of(REF).corrected.items()} == {
        "/DisplayName": 5
    }


ADOPTED = DOCUMENT + "policy: {adopt: Always}\n"
THEIRS = ADOPTED.replace("ours", "theirs")


@pytest.fixture
def other_set(stage: Stage) -> Stage:
    """Another set on the same account, whose document names the same experiment."""
    return Stage(stage.folder, stage.sandbox, set="other")


def _take_alternately(stage: Stage, other: Stage, times: int, every: int = 600) -> list[Action]:
    """Two sets take the experiment from each other; the steps of the other set, which begins."""
    done = []
    for number in range(times):
        done.append(other.reconcile(THEIRS, now=every * number).plan.steps[0].action)
        reconcile_step(stage, every * number + 60, ADOPTED)
    return done


def test_two_sets_do_not_take_a_resource_from_each_other_for_ever(stage: Stage, other_set: Stage) -> None:
    """After five times in an hour one leaves it to the other, which then changes nothing, also a day later."""
    assert _take_alternately(stage, other_set, 7) == [Action.ADOPT] * 5 + [Action.BLOCKED] * 2
    (step,) = other_set.reconcile(THEIRS, now=30 * HOUR).plan.steps
    assert (step.action, step.why, step.calls) == (Action.BLOCKED, Reason.FOREIGN_OWNER, ())
    assert step.detail.startswith("it belongs to default/Experiment/churn. ")
    assert "took it back each of 5 times within an hour" in step.detail
    assert reconcile_step(stage, 30 * HOUR, ADOPTED).action is Action.NOOP
    assert live_value(stage) == "ours"


def test_a_new_document_takes_a_contended_resource_over(stage: Stage, other_set: Stage) -> None:
    """A change of the document, or a person with `sagectl apply`, takes it over again."""
    _take_alternately(stage, other_set, 6)
    assert other_set.plan(THEIRS).steps[0].action is Action.ADOPT
    mine = THEIRS.replace("theirs", "mine")
    assert other_set.reconcile(mine, now=3600).plan.steps[0].action is Action.ADOPT
    assert live_value(stage) == "mine"


def test_a_resource_taken_over_now_and_then_is_no_contention(stage: Stage, other_set: Stage) -> None:
    """Adoptions further apart than five in an hour continue, and those of a resource without an owner do not count."""
    assert set(_take_alternately(stage, other_set, 8, every=1000)) == {Action.ADOPT}
    assert len(stage.inventory().of(REF).corrected["/Tags"]) == 5
    free = Stage(stage.folder, stage.sandbox, set="free")
    stage.client().create_experiment(ExperimentName="unowned", DisplayName="d")
    unowned = document_text("Experiment", "unowned", "displayName: d", "adopt: IfUnowned")
    assert free.reconcile(unowned, now=0).plan.steps[0].action is Action.ADOPT
    assert free.inventory().of(Ref("Experiment", "unowned")).corrected == {}


@pytest.mark.parametrize(
    ("kind", "path", "field"),
    [
        ("Endpoint", ("EndpointConfigName",), ("EndpointConfigName",)),
        ("EndpointConfig", ("ProductionVariants", "main", "InitialInstanceCount"), ("ProductionVariants",)),
        ("Pipeline", ("PipelineDefinition", "Steps", 0, "Name"), ("PipelineDefinition",)),
        ("Model", ("PrimaryContainer", "Environment", "1"), ("PrimaryContainer", "Environment", "1")),
    ],
)
def test_a_field_ends_where_elements_have_no_names(
    kind: str, path: tuple[str | int, ...], field: tuple[str, ...]
) -> None:
    """Lists and documents count as one field each, because their elements move; members and keys of maps are fields."""
    assert field_of(path, contract(kind)) == field
