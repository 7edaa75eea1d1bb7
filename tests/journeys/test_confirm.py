"""``policy.deletion: Confirm``: no deletion without a person's word to it."""

from controller.core.phase import Standing
from tests.journeys.documents import GROUP, pipeline
from tests.journeys.stage import Stage

ASKING = "policy: {deletion: Confirm}\n"


def test_a_deletion_waits_for_its_word(stage: Stage) -> None:
    """Row 42: what asks is held back alone, by its name; the word with the right number lets it go."""
    other = pipeline().replace("name: train", "name: other")
    stage.apply(GROUP, pipeline() + ASKING, other)
    held = stage.apply(GROUP, prune=True)
    assert held.standing is Standing.STUCK
    (brake,) = held.plan.brakes
    assert "policy.deletion of Pipeline/train is Confirm" in brake.message
    assert stage.mutations().count("DeletePipeline") == 1  # the one that does not ask
    assert stage.apply(GROUP, prune=True, confirm_deletes=2).standing is Standing.STUCK
    assert stage.apply(GROUP, prune=True, confirm_deletes=1).standing is Standing.SETTLED
    assert stage.mutations().count("DeletePipeline") == 2


def test_the_word_is_wanted_of_many_as_well(stage: Stage) -> None:
    """Row 42: asking and being many are one brake with one number."""
    many = [pipeline().replace("name: train", f"name: p{n}") + ASKING for n in range(5)]
    stage.apply(GROUP, *many)
    (brake,) = stage.plan(GROUP, prune=True).brakes
    assert "5 deletions" in brake.message
    assert stage.apply(GROUP, prune=True, confirm_deletes=5).standing is Standing.SETTLED
