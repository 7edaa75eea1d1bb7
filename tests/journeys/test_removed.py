"""An optional member that is taken out of a document is lifted where the service can, else named until it is solved."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.core.phase import Action, Standing
from controller.core.reason import Reason
from controller.engine.plan import Plan, Step
from controller.insight.drift import Tier, drifts
from controller.kinds import KINDS, Same
from controller.kinds.rule import Needs
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.journeys.stage import HEAD, Stage, acting, compiled, full_stage
from tests.kinds import full
from tests.kinds.linked import needed

UPDATED = [kind for kind in KINDS if contract(kind).updates and not KINDS[kind].lifecycle.runs]
# What no update takes back and no test can try alone: with it the resource is another one, or may not be without.
_NEEDED = frozenset({"MemberDefinitions", "ResourcePolicy", "GitConfig", "EndpointConfigName"})


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _document(kind: str, spec: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})


def _step(plan: Plan, kind: str) -> Step:
    return next(step for step in plan.steps if step.ref.name == "full" and step.ref.kind == kind)


def _remarkable(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with values that are not the service's defaults, so that their removal is a change."""
    row = KINDS[kind]
    named = {
        lower_camel(name): "shown" for name, value in row.write.cleared.items() if isinstance(value, Same)
    }
    plain = {"ipAddressType": "dualstack", "activationState": "Disabled"}
    return spec | {name: value for name, value in (named | plain).items() if name in spec}


def _optional(kind: str, spec: dict[str, Any]) -> Iterator[str]:
    kind_contract = contract(kind)
    rules = kind_contract.kind.write.rules
    needs = {rule.member for rule in rules if isinstance(rule, Needs) and not (rule.when or rule.within)}
    needs |= {name for group in full.alternatives(kind) for name in group} | kind_contract.spec.required
    needs |= {"Tags", kind_contract.state_member}  # without a DesiredState the state is left as it is
    for name in sorted(kind_contract.updatable - needs - _NEEDED):
        if lower_camel(name) in spec and name not in kind_contract.kind.write.write_only:
            yield name


@pytest.mark.parametrize("kind", UPDATED)
def test_a_removed_member_is_lifted_or_named(stage: Stage, kind: str) -> None:
    """Written, applied and taken out, each optional member is a change, or is named; once lifted, the plan is empty."""
    for number, made in enumerate(full.specs(kind)):
        spec = _remarkable(kind, made)
        needs = needed(kind, number)
        for name in _optional(kind, spec):
            whole, less = dict(spec), {key: each for key, each in spec.items() if key != lower_camel(name)}
            assert stage.apply(*needs, _document(kind, whole)).standing is Standing.SETTLED, name
            step = _step(stage.plan(*needs, _document(kind, less)), kind)
            shown = {str(change.path[0]) for change in step.changes}
            assert name in shown, (name, step)
            if step.action is Action.BLOCKED:
                continue
            report = stage.apply(*needs, _document(kind, less))
            assert report.standing is Standing.SETTLED, (name, [o.message for o in report.outcomes])
            again = stage.reconcile(*needs, _document(kind, less), consent=False)
            assert acting(again.plan) == {}, name
            left = [change for change in _step(again.plan, kind).changes if change.path[0] == name]
            drift = [each for each in drifts(compiled(*needs, _document(kind, less)), again) if each.drifts]
            assert bool(left) == (_step(again.plan, kind).why is Reason.NOT_REMOVABLE), name
            changes = [
                change
                for each in drift
                if each.ref.kind == kind
                for tier in (Tier.DECLARED, Tier.UNDECLARED)
                for change in each.of(tier)
                if change.path[0] == name
            ]
            assert bool(left) == bool(changes), (name, changes)
        stage.destroy(*needs, _document(kind, spec))


def test_what_somebody_else_set_stays_alone(stage: Stage) -> None:
    """A member that no document of ours ever said is neither lifted nor named."""
    document = HEAD + yaml.safe_dump({"kind": "Experiment", "metadata": {"name": "e"}, "spec": {}})
    stage.apply(document)
    stage.client().update_experiment(ExperimentName="e", Description="theirs")
    assert [step.why for step in stage.plan(document).steps] == [Reason.READY]
