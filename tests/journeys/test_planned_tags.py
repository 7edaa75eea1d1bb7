"""The tags of a plan: what its JSON shows before and after each step, and what AWS has then."""

from typing import Any

import pytest

from controller.core.phase import Action, Convergence
from controller.core.ref import Ref
from controller.engine.observed import is_foreign_tag
from controller.engine.plan import Plan, Step
from controller.output.plan_json import plan_json
from controller.schema.contract import contract
from tests.journeys.stage import Stage
from tests.kinds.cases import CASES

_BEFORE, _AFTER = {"team": "one", "cost": "c"}, {"team": "two", "cost": "c"}
_ADDED = {"added": "elsewhere"}  # by another user
_KINDS = [
    kind
    for kind, case in CASES.items()
    if case.frozen[1]
    and contract(kind).taggable
    and not contract(kind).kind.lifecycle.irreplaceable
    and not contract(kind).kind.identity.found_by  # numbered: their groups have the tags
]


def _document(kind: str, spec: str, tags: dict[str, str]) -> str:
    written = ", ".join(f"{key}: {value}" for key, value in tags.items())
    return CASES[kind].document(kind, f"{spec}\ntags: {{{written}}}", "replace: Allow")


def _step(plan: Plan, kind: str) -> tuple[Step, dict[str, Any]]:
    """The step of the kind's document, and its change in the plan's JSON."""
    found = next(
        each for each in plan.steps if each.ref == Ref(kind, CASES[kind].name) and "@" not in each.id
    )
    shown = plan_json(plan, "0")["resource_changes"]
    return found, next(each for each in shown if each["id"] == found.id)


def _tags_in_aws(stage: Stage, arn: str) -> dict[str, str]:
    """The tags of a resource, without ownership tags."""
    now, states = stage.sandbox.clock.now(), stage.sandbox._states.values()
    (row,) = [row for state in states for row in state.all_rows(now) if row.arn == arn]
    return {key: value for key, value in (row.tags or {}).items() if not is_foreign_tag(key)}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_plan_shows_the_tags_that_a_replacement_has(stage: Stage, kind: str) -> None:
    """All of them, and as changes those that differ from the replaced resource, also the ones that others added."""
    case = CASES[kind]
    before, after = (
        _document(kind, spec, tags) for spec, tags in zip(case.frozen, (_BEFORE, _AFTER), strict=True)
    )
    if kind == "Workforce":  # its other form excludes what its minimal spec has
        after = after.replace(case.spec, "")
    assert stage.apply(*case.needs, before).convergence is Convergence.SETTLED
    _, shown = _step(stage.plan(*case.needs, before), kind)
    assert shown["change"]["before"]["tags"] == shown["change"]["after"]["tags"] == _BEFORE
    ref = Ref(kind, case.name)
    added = [{"Key": key, "Value": value} for key, value in _ADDED.items()]
    stage.client().add_tags(ResourceArn=stage.inventory().entries[ref].arn, Tags=added)
    step, shown = _step(stage.plan(*case.needs, after), kind)
    assert step.action.creates
    changed = [each for each in shown["changed"] if each.startswith("/tags/")]
    assert changed == ["/tags/added", "/tags/team"]
    if step.action is Action.REPLACE:
        assert shown["change"]["before"]["tags"] == _BEFORE | _ADDED
    assert shown["change"]["after"]["tags"] == _AFTER
    assert stage.apply(*case.needs, after).convergence is Convergence.SETTLED
    assert _tags_in_aws(stage, stage.inventory().entries[ref].arn) == _AFTER


@pytest.mark.parametrize("kind", _KINDS)
def test_a_plan_shows_all_tags_of_an_update(stage: Stage, kind: str) -> None:
    """Also the unchanged ones, so that a policy over the plan sees each declared tag; not those of others."""
    case = CASES[kind]
    before, after = (_document(kind, case.frozen[0], tags) for tags in (_BEFORE, _AFTER))
    assert stage.apply(*case.needs, before).convergence is Convergence.SETTLED
    step, shown = _step(stage.plan(*case.needs, after), kind)
    assert (step.action, shown["changed"]) == (Action.UPDATE, ["/tags/team"])
    assert (shown["change"]["before"]["tags"], shown["change"]["after"]["tags"]) == (_BEFORE, _AFTER)
