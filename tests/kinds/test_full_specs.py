"""Every kind with the minimal spec that the service accepts, and with specs of all writable members."""

from typing import Any

import pytest
import yaml

from controller.core.phase import Convergence
from controller.kinds import KINDS
from controller.schema.check import check
from controller.schema.contract import contract
from tests.journeys.remaining_resources import remaining_arns
from tests.journeys.stage import HEAD, Stage, acting_steps, full_stage
from tests.kinds import full
from tests.kinds.bounds import ALTERNATIVES, CHOSEN, ENDLESS, NEVER
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import covering_kinds, walk
from tests.soak import soak

FULL = [(kind, number) for kind in KINDS for number, _ in enumerate(full.specs(kind))]
ENDING = [each for each in FULL if each not in ENDLESS]
FIRST = {kind: (kind, number) for kind, number in reversed(ENDING)}.values()
SHORT = [each for each in ENDING if each in FIRST or each[0] in covering_kinds()]


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _document(kind: str, spec: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})


def _run_life_cycle(stage: Stage, *documents: str) -> None:
    """Apply settles, the next plan is empty, and no owned resource is left after the destruction."""
    report = stage.apply(*documents)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes if o.message]
    assert acting_steps(stage.plan(*documents)) == {}
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_is_in_some_spec(kind: str) -> None:
    """All writable members of the model are written at least once, or have a reason."""
    held = {member for spec in full.specs(kind) for member in full.filled_members(spec, kind)}
    assert full.writable_members(kind) - held == set(NEVER.get(kind, {}))


def test_bounds_name_members_of_the_model() -> None:
    """A misspelled member would have no effect."""
    for kind in KINDS:
        named = {each for group in ALTERNATIVES.get(kind, ()) for each in group.members}
        assert named | set(CHOSEN.get(kind, {})) | set(NEVER.get(kind, {})) <= full.writable_members(kind), (
            kind
        )


@pytest.mark.parametrize(("kind", "number"), FULL)
def test_a_full_spec_is_without_findings(kind: str, number: int) -> None:
    """A spec made from the model is checked by the model and the row, without a finding."""
    assert check(list(full.specs(kind))[number], contract(kind), defers=lambda _: False) == ()


@pytest.mark.parametrize("kind", walk(KINDS))
def test_the_life_cycle_of_the_minimal_spec(stage: Stage, kind: str) -> None:
    """The minimal spec that the service accepts settles, is planned empty and is destroyed."""
    _run_life_cycle(stage, *dependencies_of(kind), _document(kind, full.least_spec(kind)))


@pytest.mark.parametrize(
    ("kind", "number"), [*SHORT, *soak(*(each for each in ENDING if each not in SHORT), names=2)]
)
def test_the_life_cycle_of_a_full_spec(stage: Stage, kind: str, number: int) -> None:
    """Every member is sent, returned as it was sent, and no difference is found."""
    _run_life_cycle(stage, *dependencies_of(kind, number), _document(kind, list(full.specs(kind))[number]))


@pytest.mark.parametrize(("kind", "number"), sorted(ENDLESS))
def test_a_run_without_an_end_is_stopped_by_destroy(stage: Stage, kind: str, number: int) -> None:
    """A run without an end still waits at the timeout, has no difference, and is stopped."""
    documents = (*dependencies_of(kind, number), _document(kind, list(full.specs(kind))[number]))
    assert stage.apply(*documents).convergence is Convergence.WAITING
    assert acting_steps(stage.plan(*documents)) == {}
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()
