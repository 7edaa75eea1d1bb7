"""An optional member that a document drops is removed if the service can do that, else reported until it is solved."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.plan import Plan, Step
from controller.insight.drift import DriftCategory, drifts
from controller.kinds import KINDS, SameAs
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from controller.schema.rules import check_rules
from controller.schema.shape import Shape, shape
from tests.journeys.stage import HEAD, Stage, acting_steps, compile_documents, full_stage
from tests.kinds import full
from tests.kinds.bounds import ALTERNATIVES
from tests.kinds.cases import CASES
from tests.kinds.linked_documents import dependencies_of
from tests.kinds.sample import walk
from tests.soak import soak

MOST = 3  # members to remove from a spec; a domain or a tracking server has very many
UPDATED = [kind for kind in KINDS if contract(kind).updates and not KINDS[kind].lifecycle.runs]
# Members that no update removes and that no test can remove alone: they identify the resource, or are required.
_NEEDED = frozenset({"MemberDefinitions", "ResourcePolicy", "GitConfig", "EndpointConfigName"})


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _document(kind: str, spec: dict[str, Any]) -> str:
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})


def _step_of(plan: Plan, kind: str) -> Step:
    return next(step for step in plan.steps if step.ref.name == "full" and step.ref.kind == kind)


def _other_value(default: str | int, of: Shape) -> str | int:
    """Another value than the default."""
    if isinstance(default, str):
        return next((each for each in of.enum if each != default), "shown")
    return not default if of.type == "boolean" else default + 1


def _non_default(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with values that are not the service's defaults, so that their removal is a change."""
    row, members = KINDS[kind], contract(kind).spec.members
    named = {
        lower_camel(name): "shown" for name, value in row.write.cleared.items() if isinstance(value, SameAs)
    }
    others = {
        lower_camel(name): _other_value(default, shape(members[name]))
        for name, default in row.compare.defaults.items()
        if name in members and isinstance(default, str | int)
    }
    plain = {"ipAddressType": "dualstack"}
    return spec | {name: value for name, value in (named | others | plain).items() if name in spec}


def _is_whole(spec: dict[str, Any], kind: str) -> bool:
    """Whether a spec satisfies the row's rules: a member required by another one can't be removed alone."""
    return next(check_rules(spec, contract(kind), lambda _: False), None) is None


def _without_member(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: each for key, each in spec.items() if key != lower_camel(name)}


def _optional_members(kind: str, spec: dict[str, Any]) -> Iterator[str]:
    kind_contract = contract(kind)
    fixed = {name for group in ALTERNATIVES.get(kind, ()) for name in group.members}
    # without a desired state the state is left to others
    fixed |= {"Tags", kind_contract.state_member, *kind_contract.kind.write.write_only}
    fixed |= set(kind_contract.kind.compare.rewritten)  # left to other users
    for name in sorted(kind_contract.updatable - kind_contract.spec.required - fixed - _NEEDED):
        if lower_camel(name) in spec and _is_whole(_without_member(spec, name), kind):
            yield name


def _select_members(names: list[str], most: int | None, number: int) -> list[str]:
    """A number of members of the spec, and others of the next spec; all of them if there is no number."""
    if most is None or len(names) <= most:
        return names
    return [names[(number + at * len(names) // most) % len(names)] for at in range(most)]


@pytest.mark.parametrize("most", [MOST, *soak(None)])
@pytest.mark.parametrize("kind", walk(UPDATED))
def test_a_removed_member_is_unset_or_named(stage: Stage, kind: str, most: int | None) -> None:
    """Applied and then removed, each optional member is a change or is named; once it is removed, the plan is empty."""
    for number, made in enumerate(full.specs(kind)):
        spec = _non_default(kind, made)
        needs = dependencies_of(kind, number)
        for name in _select_members(list(_optional_members(kind, spec)), most, number):
            less = _without_member(spec, name)
            assert stage.apply(*needs, _document(kind, spec)).convergence is Convergence.SETTLED, name
            step = _step_of(stage.plan(*needs, _document(kind, less)), kind)
            shown = {str(change.path[0]) for change in step.changes}
            assert name in shown, (name, step)
            if step.action is Action.BLOCKED:
                continue
            report = stage.apply(*needs, _document(kind, less))
            assert report.convergence is Convergence.SETTLED, (name, [o.message for o in report.outcomes])
            again = stage.reconcile(*needs, _document(kind, less), consent=False)
            assert acting_steps(again.plan) == {}, name
            left = [change for change in _step_of(again.plan, kind).changes if change.path[0] == name]
            drift = [
                each
                for each in drifts(compile_documents(*needs, _document(kind, less)), again)
                if each.drifts
            ]
            assert bool(left) == (_step_of(again.plan, kind).why is Reason.NOT_REMOVABLE), name
            changes = [
                change
                for each in drift
                if each.ref.kind == kind
                for tier in (DriftCategory.DECLARED, DriftCategory.UNDECLARED)
                for change in each.of(tier)
                if change.path[0] == name
            ]
            assert bool(left) == bool(changes), (name, changes)
        stage.destroy(*needs, _document(kind, spec))


def test_a_foreign_member_stays(stage: Stage) -> None:
    """A member that no document ever had is neither removed nor reported."""
    document = HEAD + yaml.safe_dump({"kind": "Experiment", "metadata": {"name": "e"}, "spec": {}})
    stage.apply(document)
    stage.client().update_experiment(ExperimentName="e", Description="theirs")
    assert [step.why for step in stage.plan(document).steps] == [Reason.READY]


def test_a_foreign_alias_stays(stage: Stage) -> None:
    """Of a dropped list of strings that Update adds to and removes from, foreign strings are not removed."""
    case = CASES["ImageVersion"]
    whole, bare = case.document("ImageVersion", case.changes["Aliases"][0]), case.frozen[0]
    stage.apply(*case.needs, whole)
    stage.client().update_image_version(ImageName="lab", Version=1, AliasesToAdd=["theirs"])
    stage.apply(*case.needs, case.document("ImageVersion", bare))
    answer = stage.client().list_aliases(ImageName="lab", Version=1)
    assert answer["SageMakerImageVersionAliases"] == ["theirs"]


def test_a_foreign_group_stays(stage: Stage) -> None:
    """Of a dropped list whose elements Update removes by key, foreign elements are not removed."""
    case, client = CASES["Cluster"], stage.client()
    groups, bare = (case.changes[name][0] for name in ("InstanceGroups", "RestrictedInstanceGroups"))
    stage.apply(case.document("Cluster", f"{groups}\n{bare}"))
    ours = client.describe_cluster(ClusterName=case.name)["InstanceGroups"][0]
    theirs = {
        name: ours[name] for name in ("InstanceType", "ExecutionRole", "LifeCycleConfig") if name in ours
    }
    client.update_cluster(
        ClusterName=case.name,
        InstanceGroups=[{**theirs, "InstanceGroupName": "theirs", "InstanceCount": 1}],
    )
    stage.wait(3600)
    report = stage.apply(case.document("Cluster", bare))
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    shown = client.describe_cluster(ClusterName=case.name)["InstanceGroups"]
    assert [each["InstanceGroupName"] for each in shown] == ["theirs"]
