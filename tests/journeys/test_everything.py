"""One tree with a document of every kind: applied in one run, in any order, with any single fault."""

import random
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
import yaml

from controller.core.cloud import Call
from controller.core.phase import Convergence
from controller.core.ref import Ref
from controller.engine.converge import PlanMoved
from controller.engine.report import Report, Result
from controller.kinds import KINDS
from controller.sandbox import InjectedFault
from controller.sandbox.service import is_mutating
from tests.journeys.references import REFERENCES
from tests.journeys.remaining_resources import remaining_arns, remaining_counts
from tests.journeys.stage import Stage, acting_steps, compile_documents
from tests.journeys.tree import ENDS, TREE
from tests.soak import soak

pytestmark = pytest.mark.usefixtures("parallel")

DOCUMENTS = (*TREE.values(), *ENDS)
AT_ONCE = 4  # seeds in one test, so that the workers share them
# Nothing is updated while everything is created.
SORTS = [fault for fault in InjectedFault if fault is not InjectedFault.ROLLBACK]
PARTS = -(-len(SORTS) // AT_ONCE)

# One more member, by kind; a run has a member for this, and any other kind has policy.retry.
AGAIN: Mapping[str, str] = {
    "Workforce": "ipAddressType: dualstack",
    "Algorithm": "algorithmDescription: again",
    "ModelPackageGroup": "managedConfiguration: {managedStorageType: Restricted}",
    "ModelPackage": "modelPackageDescription: again",
    "FeatureGroup": "description: again",
    "Endpoint": "deploymentConfig: {autoRollbackConfiguration: {alarms: [{alarmName: again}]}}",
    "Hub": "hubDisplayName: again",
    "Cluster": "nodeRecovery: None",
    "ClusterSchedulerConfig": "description: again",
    "ComputeQuota": "description: again",
    "InferenceComponent": "deploymentConfig:\n    rollingUpdatePolicy:\n"
    "      maximumBatchSize: {type: COPY_COUNT, value: 1}\n      waitIntervalInSeconds: 60",
    "InferenceRouter": "inferenceRouterName: fraud\npolicy: {retry: again}",
    "MonitoringSchedule": "desiredState: Stopped",
    "Project": "projectDescription: again",
}


def document_with_retry(kind: str) -> str:
    """The tree's document of that kind, changed so that a failed creation is retried."""
    if kind in AGAIN or KINDS[kind].lifecycle.runs:
        return TREE[kind] + f"  {AGAIN.get(kind, 'trigger: again')}\n"
    return TREE[kind] + "policy: {retry: again}\n"


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account with a longer time between polls."""
    stage.poll = 300
    return stage


def test_the_tree_has_every_kind() -> None:
    """Every kind has a document here, so that it is tested beside all others."""
    assert set(TREE) == set(KINDS)


def test_the_tree_has_every_link_of_the_reference_table() -> None:
    """Every line of the reference table is an edge of the tree, so each is resolved in one run."""
    edges = {
        (ref.kind, linked.link.field, linked.target.kind)
        for ref, resource in compile_documents(*DOCUMENTS).resources.items()
        for linked in resource.links
        if linked.target is not None
    }
    assert edges == REFERENCES


def test_everything_in_one_run(stage: Stage) -> None:
    """From an empty account: one run, exactly one of each, an empty plan, and an empty account again."""
    report = stage.apply(*DOCUMENTS)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes if o.message]
    # the component is added to its trial, and the scaling target has a policy
    assert len(stage.mutations()) == len(DOCUMENTS) + 2
    assert acting_steps(stage.plan(*DOCUMENTS)) == {}
    report = stage.destroy(*DOCUMENTS)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes if o.message]
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("orders", [3, *soak(100)])
def test_any_order_of_files_is_the_same_plan(stage: Stage, orders: int) -> None:
    """Shuffled files have the same fingerprint, byte for byte, for an empty account and for a full one."""
    shuffled = [random.Random(seed).sample(DOCUMENTS, len(DOCUMENTS)) for seed in range(orders)]
    assert len({stage.plan(*documents).fingerprint for documents in shuffled}) == 1
    stage.apply(*shuffled[0])
    assert acting_steps(stage.plan(*shuffled[1])) == {}


@dataclass
class InjectedAtCall:
    """One fault, injected just before the n-th call of a run."""

    stage: Stage
    fault: InjectedFault
    number: int
    operation: str | None
    calls: int = 0

    def __call__(self, call: Call) -> None:
        """Count a call."""
        del call
        self.calls += 1
        if self.calls == self.number:
            self.stage.sandbox.inject(self.fault, operation=self.operation, seconds=90)


def _clear_account(stage: Stage) -> None:
    """A new account and an empty inventory, behind the same client."""
    stage.sandbox.reset()
    for file in stage.folder.iterdir():
        file.unlink()


def _inject_fault(stage: Stage, seed: int, calls: list[str]) -> InjectedAtCall:
    """A fault of the seed's type, at a random time, for the next call it can affect or one like a random one."""
    chance = random.Random(seed)
    fault = SORTS[seed % len(SORTS)]
    changing = sorted({name for name in calls if is_mutating(name)})
    operation = chance.choice(changing) if fault is InjectedFault.IN_USE or chance.random() < 1 / 2 else None
    return InjectedAtCall(stage, fault, chance.randint(1, len(calls) // 2), operation)


def _apply_again(stage: Stage, tree: Sequence[str]) -> Report:
    """The next apply, and one more if the account changed meanwhile, as when a shadow test of the first run ends."""
    with suppress(PlanMoved):
        return stage.apply(*tree)
    return stage.apply(*tree)


def _tree_parts() -> list[tuple[str, ...]]:
    """The tree in parts for the tests of the short form, each less than half, with all dependencies."""
    resources = compile_documents(*DOCUMENTS).resources
    needed = {ref for each in resources.values() for ref in each.needs}
    return [_with_needs(sorted(resources.keys() - needed)[first::PARTS]) for first in range(PARTS)]


def _with_needs(group: Iterable[Ref]) -> tuple[str, ...]:
    """Documents of the tree with all their dependencies."""
    resources = compile_documents(*DOCUMENTS).resources
    part, todo = set(group), list(group)
    while todo:
        new = resources[todo.pop()].needs & resources.keys() - part
        part |= new
        todo += new
    return tuple(text for text in DOCUMENTS if _ref(text) in part)


def _ref(text: str) -> Ref:
    body = yaml.safe_load(text)
    return Ref(body["kind"], body["metadata"]["name"])


def test_each_document_is_in_a_part() -> None:
    """In the short form, a fault is tried with a part of the tree; all parts together are the tree."""
    assert {text for part in _tree_parts() for text in part} == set(DOCUMENTS)


def _failed_kinds(report: Report) -> list[str]:
    return [each.step.ref.kind for each in report.outcomes if each.result is Result.FAILED]


@pytest.mark.parametrize(
    "first", [*range(0, len(SORTS), AT_ONCE), *soak(*range(len(SORTS), 5 * len(SORTS), AT_ONCE))]
)
def test_any_single_fault_heals_with_the_next_apply(stage: Stage, first: int) -> None:
    """One fault of each type, or several, at random moments: after another apply the account is as without them.

    In short, each with a part of the tree.
    """
    tree = _tree_parts()[first // AT_ONCE] if first < len(SORTS) else DOCUMENTS
    assert stage.apply(*tree).convergence is Convergence.SETTLED
    desired, lasts = stage.sandbox.resources(), remaining_counts(stage)
    calls = [each.operation for each in stage.sandbox.calls]
    for seed in range(first, first + AT_ONCE):
        _clear_account(stage)
        stage.before_call = injected = _inject_fault(stage, seed, calls)
        with suppress(PlanMoved):
            stage.apply(*tree, concurrency=1)
        stage.before_call = lambda _: None
        stage.sandbox.clear_faults()
        report = _apply_again(stage, tree)
        lines = (seed, injected, [each.message for each in report.outcomes if each.message])
        if injected.fault is InjectedFault.FAIL and _failed_kinds(report):
            (kind,) = _failed_kinds(report)
            documents = [document_with_retry(kind) if text == TREE[kind] else text for text in tree]
            assert stage.apply(*documents).convergence is Convergence.SETTLED, lines
            assert remaining_counts(stage) == lasts, lines
            assert acting_steps(stage.plan(*documents)) == {}, lines
        else:
            assert report.convergence is Convergence.SETTLED, lines
            assert stage.sandbox.resources() == desired, lines
            assert acting_steps(stage.plan(*tree)) == {}, lines


def test_a_rollback_is_reported_until_the_spec_changes(stage: Stage) -> None:
    """An update that AWS rolls back changes nothing and is not retried; the next change of the document is applied.

    Of the tree, with the endpoint and all that needs it.
    """
    endpoint = _ref(TREE["Endpoint"])
    users = [ref for ref, each in compile_documents(*DOCUMENTS).resources.items() if endpoint in each.needs]
    tree = _with_needs([endpoint, *users])
    stage.apply(*tree)
    lasts = remaining_counts(stage)
    failing, healing = (_on_instance_type(machine, tree) for machine in ("ml.m5.xlarge", "ml.m5.2xlarge"))
    stage.sandbox.inject(InjectedFault.ROLLBACK)
    assert stage.apply(*failing).convergence is Convergence.STUCK
    stage.forget_calls()
    assert stage.apply(*failing).convergence is Convergence.STUCK
    assert stage.mutations() == []
    assert stage.apply(*healing).convergence is Convergence.SETTLED
    assert remaining_counts(stage) == lasts
    assert acting_steps(stage.plan(*healing)) == {}


def _on_instance_type(machine: str, tree: Sequence[str]) -> list[str]:
    """The tree with its endpoint on another instance type."""
    moved = TREE["EndpointConfig"].replace("ml.m5.large", machine)
    return [moved if text == TREE["EndpointConfig"] else text for text in tree]
