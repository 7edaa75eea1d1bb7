"""Large plans like those of a platform team: stacks of models behind endpoints, a domain with users, feature groups."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise

from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.plan import DependencyForm, Edge, Plan, Step
from tests.output import plans

_CHANGES = (plans.CREATE, plans.CREATE_BEFORE_DELETE, plans.UPDATE, plans.PRUNE)
_CHAIN = ("ModelPackageGroup", "ModelPackage", "Model", "EndpointConfig", "Endpoint", "MonitoringSchedule")


def _team_documents(number: int) -> Iterator[tuple[str, tuple[tuple[str, DependencyForm], ...]]]:
    """The documents of one team: each with what it needs."""
    name = f"team-{number:02}-fraud"
    chain = [f"{kind}/{name}" for kind in _CHAIN]
    yield chain[0], ()
    for need, user in pairwise(chain):
        yield user, ((need, DependencyForm.OUTPUT if user.startswith("Model/") else DependencyForm.NAME),)
    yield f"DataQualityJobDefinition/{name}", ((chain[4], DependencyForm.NAME),)
    yield (
        f"Pipeline/{name}-train",
        ((f"ModelPackageGroup/{name}", DependencyForm.NAME), ("Image/training", DependencyForm.ARN)),
    )
    for each in range(4):
        yield f"FeatureGroup/{name}-features-{each}", ()
    for each in range(3):
        yield f"UserProfile/{name}-person-{each}", (("Domain/studio", DependencyForm.ID),)
        yield (
            f"Space/{name}-person-{each}",
            (
                ("Domain/studio", DependencyForm.ID),
                (f"UserProfile/{name}-person-{each}", DependencyForm.NAME),
            ),
        )


def _documents() -> Iterator[tuple[str, tuple[tuple[str, DependencyForm], ...]]]:
    yield "Image/training", ()
    yield "ImageVersion/training-1", (("Image/training", DependencyForm.NAME),)
    yield "Domain/studio", ()
    number = 0
    while True:
        yield from _team_documents(number)
        number += 1


def large_plan(count: int, *, changed: int = 10) -> Plan:
    """A plan of so many resources, of which every ``changed``-th changes; 1 changes all."""
    documents = list(islice(_documents(), count))
    ids = {each for each, _ in documents}
    steps = [
        _step_like(each, _CHANGES[number // changed % len(_CHANGES)] if number % changed == 0 else plans.NOOP)
        for number, (each, _) in enumerate(documents)
    ]
    edges = tuple(Edge(user, need, by) for user, needs in documents for need, by in needs if need in ids)
    return replace(plans.plan(*steps), edges=edges)


def _step_like(each: str, base: Step) -> Step:
    ref = Ref.parse(each)
    base = base if base.action is not Action.DELETE else replace(base, needs=frozenset())
    return replace(base, id=each, ref=ref, name=ref.name)
