from pathlib import Path

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.plan import Plan
from controller.engine.scope import TargetSelection
from tests.cli.conftest import Shell
from tests.cli.trees import GROUP as GROUP_TEXT
from tests.cli.trees import SERVING
from tests.journeys.documents import GROUP, config, endpoint, model, package, serving
from tests.journeys.stage import Stage, acting_steps
from tests.plan.test_documents import pipeline_of

MODEL, CONFIG, ENDPOINT = (Ref(kind, "fraud") for kind in ("Model", "EndpointConfig", "Endpoint"))
OTHER = Ref("ModelPackageGroup", "fraud")


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A sandbox, an inventory and a clock."""
    return Stage(tmp_path)


def only(*refs: Ref) -> TargetSelection:
    """Only these."""
    return TargetSelection(targets=frozenset(refs))


def all_except(*refs: Ref) -> TargetSelection:
    """All but these."""
    return TargetSelection(excludes=frozenset(refs))


def excluded_steps(plan: Plan) -> set[str]:
    """The steps that were left alone."""
    return {step.id for step in plan.steps if step.why is Reason.OUT_OF_SCOPE}


def test_a_target_takes_along_what_it_needs(stage: Stage) -> None:
    """A target includes its dependencies, which are listed, and nothing else is changed."""
    plan = stage.plan(*serving(), GROUP, choice=only(CONFIG))
    assert set(acting_steps(plan)) == {"Model/fraud", "EndpointConfig/fraud"}
    assert plan.along == {"Model/fraud": "included: EndpointConfig/fraud needs it"}
    report = stage.apply(*serving(), GROUP, choice=only(CONFIG))
    assert report.convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 2


def test_what_is_excluded_takes_along_what_needs_it(stage: Stage) -> None:
    """Dependents of an excluded document are excluded too, and listed."""
    plan = stage.plan(*serving(), GROUP, choice=all_except(CONFIG))
    assert set(acting_steps(plan)) == {"Model/fraud", "ModelPackageGroup/fraud"}
    assert plan.along == {"Endpoint/fraud": "excluded too: it needs EndpointConfig/fraud"}


def test_an_exclusion_wins_over_a_target(stage: Stage) -> None:
    """A target that depends on an excluded document is left out."""
    both = TargetSelection(targets=frozenset({ENDPOINT}), excludes=frozenset({MODEL}))
    plan = stage.plan(*serving(), choice=both)
    assert acting_steps(plan) == {}
    assert plan.along["Endpoint/fraud"] == "excluded too: it needs EndpointConfig/fraud"


def test_a_target_never_deletes_what_others_are_on(stage: Stage) -> None:
    """A new generation of a target alone keeps the old one, because its other users were not selected."""
    stage.apply(*serving())
    documents = serving(data="s3://bucket/two.tar.gz")
    report = stage.apply(*documents, choice=only(MODEL))
    assert report.convergence is Convergence.SETTLED
    assert [o.step.id for o in report.outcomes if o.step.action is Action.DELETE] == []
    assert len([arn for arn in stage.sandbox.resources() if ":model/" in arn]) == 2
    assert stage.apply(*documents).convergence is Convergence.SETTLED
    assert len([arn for arn in stage.sandbox.resources() if ":model/" in arn]) == 1


def test_prune_with_a_target_deletes_no_more_than_it_names(stage: Stage) -> None:
    """With targets, a resource without a document is deleted only if it is a target itself."""
    stage.apply(*serving(), GROUP)
    plan = stage.plan(*serving(), prune=True, choice=only(ENDPOINT))
    assert acting_steps(plan) == {}
    assert "ModelPackageGroup/fraud" in excluded_steps(plan)
    assert set(acting_steps(stage.plan(*serving(), prune=True, choice=only(OTHER)))) == {
        "ModelPackageGroup/fraud"
    }


def test_prune_spares_what_an_excluded_document_may_still_use(stage: Stage) -> None:
    """A resource without a document stays while an excluded document that has yet to change may use it."""
    stage.apply(*serving())
    moved = endpoint().replace("endpointConfigName: fraud", "endpointConfigName: other")
    renamed = config().replace("name: fraud}", "name: other}", 1)
    plan = stage.plan(model(), renamed, moved, prune=True, choice=all_except(ENDPOINT))
    assert "EndpointConfig/fraud" in excluded_steps(plan)
    assert not [step for step in plan.acting if step.action is Action.DELETE]
    free = stage.plan(model(), renamed, moved, prune=True)
    assert [step.id for step in free.acting if step.action is Action.DELETE] == ["EndpointConfig/fraud"]


def test_destroy_of_a_target_deletes_nothing_else(stage: Stage) -> None:
    """A target with dependents is blocked, and neither is deleted."""
    stage.apply(*serving())
    plan = stage.plan(*serving(), destroy=True, choice=only(MODEL))
    assert acting_steps(plan) == {}
    (blocked,) = plan.blocked
    assert (blocked.id, blocked.why) == ("Model/fraud", Reason.STILL_USED)
    assert "EndpointConfig/fraud uses it" in blocked.detail
    assert set(acting_steps(stage.plan(*serving(), destroy=True, choice=only(ENDPOINT)))) == {
        "Endpoint/fraud"
    }


def test_destroy_keeps_what_an_excluded_one_stands_on(stage: Stage) -> None:
    """The dependencies of a document excluded from destruction stay; the rest is deleted."""
    stage.apply(*serving(), GROUP, package())
    named = frozenset({"Endpoint/fraud"})  # because not all of the set is deleted
    plan = stage.plan(
        *serving(), GROUP, package(), destroy=True, choice=all_except(CONFIG), confirm_delete=named
    )
    assert "Model/fraud" in excluded_steps(plan)
    assert plan.along["Model/fraud"] == "excluded too: EndpointConfig/fraud depends on it"
    assert {"Endpoint/fraud", "ModelPackageGroup/fraud"} <= set(acting_steps(plan))


def test_what_was_left_is_not_taken_for_done(stage: Stage) -> None:
    """A change that was left out is still a change in the next run."""
    stage.apply(*serving(), pipeline_of("train"))
    changed = pipeline_of("train", message="other")
    stage.apply(*serving(), changed, choice=only(MODEL))
    assert set(acting_steps(stage.plan(*serving(), changed))) == {"Pipeline/train"}


def test_unknown_names_are_guessed(shell: Shell) -> None:
    """A name that is neither in the tree nor in the inventory is refused, with a suggestion."""
    shell.write("ml/serving.yaml", SERVING)
    ran = shell.run("plan", "ml", "--target", "Endpoint/fruad")
    assert ran.code == 1
    assert "there is no document Endpoint/fruad" in ran.err
    assert "did you mean 'Endpoint/fraud'?" in ran.err
    assert "write KIND/NAME" in shell.run("destroy", "ml", "--yes", "--exclude", "nothing").err


def test_the_text_says_what_came_along(shell: Shell) -> None:
    """The plan's text names the added dependencies, and counts the documents left alone."""
    shell.write("ml/serving.yaml", SERVING)
    shell.write("ml/group.yaml", GROUP_TEXT)
    ran = shell.run("plan", "ml", "--target", "EndpointConfig/fraud")
    assert "i Model/fraud is included: EndpointConfig/fraud needs it" in ran.out
    assert "2 resources are excluded by the selection." in ran.out
    assert "Endpoint/fraud will" not in ran.out
