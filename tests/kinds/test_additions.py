"""An added structure is applied by an update that accepts all of it, or refused by the plan, for all kinds."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from controller.core.path import Path, get, without_value
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.diff import not_updatable
from controller.engine.plan import Plan, Step
from controller.kinds import KINDS
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel, to_aws
from controller.schema.rules import check_rules
from controller.schema.shape import Shape, shape
from tests.journeys.stage import HEAD, Stage, acting_steps, full_stage
from tests.kinds import full
from tests.kinds.linked_documents import dependencies_of
from tests.soak import soak

UPDATED = [kind for kind in KINDS if contract(kind).updates and not KINDS[kind].lifecycle.runs]
Json = dict[str, Any]
# Refusals of a service that no shape shows, with a part of the message.
REFUSED = {"Pipeline": "Aliases can be assigned only when the pipeline definition changes"}


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account whose S3 holds a pipeline's definition."""
    return full_stage(stage.folder)


def _leaves(of: Shape, path: Path, seen: frozenset[str]) -> Iterator[Path]:
    """The paths of the scalar members of a shape."""
    if of.name in seen:
        return
    inner = of.members if of.type == "structure" else {"[]": of.element} if of.type == "list" else {}
    for name, each in inner.items():
        yield from _leaves(shape(each), (*path, name), seen | {of.name})
    if not inner:
        yield path


def partly_updatable(kind: str) -> dict[str, tuple[Path, ...]]:
    """By member of Create that an update accepts in part: the scalars that it does not accept."""
    its = contract(kind)
    found = {
        name: tuple(
            path
            for path in _leaves(shape(its.spec.members[name]), (name,), frozenset())
            if not its.is_updatable(path)
        )
        for name in sorted(its.updatable - its.unsent_members)
    }
    return {name: lasting for name, lasting in found.items() if lasting}


PARTIAL = [kind for kind in UPDATED if partly_updatable(kind)]


def test_the_members_that_updates_accept_in_part() -> None:
    """A new botocore that adds or completes one fails here."""
    assert {f"{kind}.{name}" for kind in KINDS for name in partly_updatable(kind)} == {
        "Cluster.Orchestrator",
        "CodeRepository.GitConfig",
        "FeatureGroup.OnlineStoreConfig",
        "Project.ServiceCatalogProvisioningDetails",
        "Project.TemplateProviders",
        "Space.SpaceSettings",
        "TrainingJob.ResourceConfig",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_the_scalars_that_an_update_does_not_accept(kind: str) -> None:
    """Of a whole member with all possible parts: each scalar that the shapes lack, also in lists."""
    its, found = contract(kind), set[Path]()
    for spec in full.specs(kind):
        written = to_aws(spec, its.spec)
        for name in set(written) & (its.updatable - its.unsent_members):
            paths = not_updatable((name,), written[name], its)
            found |= {tuple("[]" if isinstance(part, int) else part for part in path) for path in paths}
    lasting = {path for leaves in partly_updatable(kind).values() for path in leaves}
    covered = {path for path in lasting if any(path[: len(each)] == each for each in found)}
    assert covered == lasting
    assert all(any(path[: len(each)] == each for path in lasting) for each in found)


def _document(kind: str, spec: Json) -> str:
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec})


def _step(plan: Plan, kind: str) -> Step:
    return next(step for step in plan.steps if step.ref.name == "full" and step.ref.kind == kind)


def _inner_structures(value: Any, of: Shape, path: Path) -> Iterator[Path]:
    """The paths of the optional structures of a spec."""
    if of.type == "list" and isinstance(value, list):
        for number, each in enumerate(value):
            yield from _inner_structures(each, shape(of.element), (*path, number))
    for name, inner in of.members.items() if of.type == "structure" and isinstance(value, dict) else ():
        here = (*path, lower_camel(name))
        if lower_camel(name) in value and name not in of.required and isinstance(get(value, here[-1:]), dict):
            yield here
        if lower_camel(name) in value:
            yield from _inner_structures(value[lower_camel(name)], shape(inner), here)


def _is_whole(spec: Json, its: Contract) -> bool:
    return next(check_rules(spec, its, lambda _: False), None) is None


def _without_parts(kind: str, spec: Json, within: frozenset[str] | None) -> Iterator[Json]:
    """The spec without a member that updates accept, or without a structure inside of one, for each of these."""
    its = contract(kind)
    for name in sorted(its.updatable - its.unsent_members if within is None else within):
        camel, member = lower_camel(name), shape(its.spec.members[name])
        paths = [(camel,)] if name not in its.spec.required else []
        inner = _inner_structures(spec.get(camel), member, (camel,)) if within is None else ()
        for path in (*paths, *inner):
            less = without_value(spec, path)
            if less != spec and _is_whole(less, its):
                yield less


def _specs(kind: str) -> list[Json]:
    """The full specs without tags, which are written beside a refused change."""
    return [without_value(spec, ("tags",)) for spec in full.specs(kind)]


def _pairs(kind: str) -> Iterator[tuple[int, Json, Json]]:
    """A spec before and after, with the number of the full spec whose dependencies both have."""
    made, its = _specs(kind), contract(kind)
    named = {lower_camel(name) for name in (*its.identity, *(its.kind.identity.key or ()), its.name_member)}
    for number, spec in enumerate(made):
        for other, made_first in ((0, full.least_valid_spec(kind)), *enumerate(made)):
            before = made_first | {name: spec[name] for name in named if name in spec}
            if (
                before != spec
                and dependencies_of(kind, other) == dependencies_of(kind, number)
                and _is_whole(before, its)
            ):
                yield number, before, spec


def _is_accepted(stage: Stage, kind: str, number: int, spec: Json) -> bool:
    """Whether the service accepts a spec; some need parts of the structure that is left out."""
    settled = (
        stage.apply(*dependencies_of(kind, number), _document(kind, spec)).convergence is Convergence.SETTLED
    )
    if not settled:
        stage.destroy(*dependencies_of(kind, number), _document(kind, spec))
    return settled


def _check_addition(stage: Stage, kind: str, number: int, after: Json) -> None:
    """Assert that the planned change is made and the next plan is empty, or that it is refused without a call."""
    documents = (*dependencies_of(kind, number), _document(kind, after))
    stage.forget_calls()
    report = stage.apply(*documents)
    step = _step(report.plan, kind)
    if step.action is Action.BLOCKED:
        assert step.why is Reason.IMMUTABLE, (after, step.detail)
        assert stage.mutations() == [], after
    elif report.convergence is Convergence.STUCK and kind in REFUSED:
        assert any(REFUSED[kind] in each.message for each in report.outcomes), after
    else:
        assert report.convergence is Convergence.SETTLED, (after, [each.message for each in report.outcomes])
        assert acting_steps(stage.plan(*documents)) == {}, after
    stage.destroy(*documents)


@pytest.mark.parametrize("kind", [*PARTIAL, *soak(*(kind for kind in UPDATED if kind not in PARTIAL))])
def test_from_one_spec_to_another(stage: Stage, kind: str) -> None:
    """From the minimal spec to each full one, and from each full one to the others: updated or refused."""
    for number, before, after in _pairs(kind):
        assert _is_accepted(stage, kind, number, before), before
        _check_addition(stage, kind, number, after)


def _add_each(stage: Stage, kind: str, within: frozenset[str] | None) -> None:
    for number, after in enumerate(_specs(kind)):
        for before in _without_parts(kind, after, within):
            if _is_accepted(stage, kind, number, before):
                _check_addition(stage, kind, number, after)


@pytest.mark.parametrize("kind", PARTIAL)
def test_a_member_that_updates_accept_in_part(stage: Stage, kind: str) -> None:
    """Added to a resource without it, it is updated, or refused before a call."""
    _add_each(stage, kind, frozenset(partly_updatable(kind)))


@pytest.mark.parametrize("kind", soak(*UPDATED))
def test_a_structure_that_is_added(stage: Stage, kind: str) -> None:
    """Each optional member, and each structure inside of one, that is added: updated, or refused before a call."""
    _add_each(stage, kind, None)
