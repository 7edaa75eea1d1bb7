"""A run that ends between a creation and its response: the resource is found again, whatever the document then is."""

from dataclasses import replace
from itertools import cycle, product

import pytest
import yaml

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import OWNER
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.remaining_resources import remaining_arns, remaining_counts
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import covering_kinds, walk
from tests.soak import soak

WAYS = {"killed": None, "silent": InjectedFault.SILENT, "garbled": InjectedFault.GARBLED}
# What nothing tells apart from other runs of its parent: neither a marker, nor members, nor tags.
INDISTINGUISHABLE = [
    kind for kind in CASES if (f := contract(kind).kind.identity.found_by) and not (f.marker or f.matches)
]
NUMBERED = [kind for kind in CASES if contract(kind).kind.identity.found_by]


class Killed(BaseException):
    """Stands for ``kill -9``: no code runs after it, and no handler catches it."""


def _document(kind: str) -> str:
    case = CASES[kind]
    return case.document(kind, next(iter(case.changes.values()), case.frozen)[0])


def _similar_arns(stage: Stage, arn: str) -> frozenset[str]:
    """The other resources whose ARNs differ from that one's only in the last part."""
    parent = arn.rpartition("/")[0]
    return frozenset(each for each in stage.sandbox.resources() if each.rpartition("/")[0] == parent)


def _begin(stage: Stage, kind: str, way: str, *documents: str) -> None:
    """Run a pass in which the creation of a kind is executed and its response is lost."""
    creates = contract(kind).creates.name
    fault = WAYS[way]
    if fault is not None:
        stage.sandbox.inject(fault, operation=creates, times=2)
        stage.reconcile(*documents)
        stage.sandbox.clear_faults()
        return

    def before(call: Call) -> None:
        if call.operation == creates:
            stage.cloud_now(call)
            raise Killed

    stage.before_call = before
    with pytest.raises(Killed):
        stage.reconcile(*documents, concurrency=1)
    stage.before_call = lambda _: None


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", walk(CASES))
def test_what_a_lost_creation_made_is_pruned_or_named(stage: Stage, kind: str, way: str) -> None:
    """Of every kind: created, the response lost, the document removed; then it is deleted, or every plan reports it."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs)
    needed, before = remaining_counts(stage), frozenset(stage.sandbox.resources())
    _begin(stage, kind, way, *case.needs, document)
    made = frozenset(stage.sandbox.resources()) - before
    stage.apply(*case.needs, timeout=600)
    mine = f"{kind}/{case.name}"
    report = stage.apply(*case.needs, prune=True, confirm_deletes=1)
    if report.plan.confirmations:  # its deletion causes an outage or loses data
        assert remaining_counts(stage) != needed
        named = frozenset(each.id for each in report.plan.steps if str(each.ref) == mine)
        report = stage.apply(*case.needs, prune=True, confirm_delete=named)
    if way == "silent" and not contract(kind).taggable and kind not in INDISTINGUISHABLE:
        return  # botocore's retry met the first try: the name is in use, and nothing shows whose it is
    if kind not in INDISTINGUISHABLE:
        assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
        assert mine not in map(str, stage.inventory().entries)
        assert remaining_counts(stage) == needed
    if kind not in INDISTINGUISHABLE:
        return
    planned = step_of(stage.plan(*case.needs), mine)
    assert (planned.action, planned.why) == (Action.NOOP, Reason.CREATION_UNFINISHED)
    assert "it may have created arn:" in planned.detail
    assert len(made) == 1
    stage.apply(*case.needs, document)
    assert _similar_arns(stage, *made) == made
    stage.apply(*case.needs, prune=True, confirm_deletes=1)
    assert mine not in map(str, stage.inventory().entries)


# What a creation's response has instead of the ARN: nothing, or something else. Each in turn; make soak takes
# all of all kinds.
_BODIES = ("{}", '{"ARN": null}', '{"ARN": "x"}', '{"ARN": 7}')
_NUMBERED_SHORT = list(zip(NUMBERED, cycle(_BODIES), strict=False))
_NUMBERED_LONG = [case for case in product(NUMBERED, _BODIES) if case not in _NUMBERED_SHORT]


@pytest.mark.parametrize(("kind", "body"), [*_NUMBERED_SHORT, *soak(*_NUMBERED_LONG, names=2)])
def test_an_answer_that_does_not_name_what_was_made_loses_nothing(stage: Stage, kind: str, body: str) -> None:
    """Of every kind whose identity the service assigns: the next run finds the resource, and creates no second one."""
    case, document, of = CASES[kind], _document(kind), contract(kind)
    stage.apply(*case.needs)
    before = frozenset(stage.sandbox.resources())
    text = body.replace("ARN", of.arn_member)
    stage.sandbox.inject(InjectedFault.GARBLED, operation=of.creates.name, reason=text)
    stage.reconcile(*case.needs, document)
    made = frozenset(stage.sandbox.resources()) - before
    report = stage.apply(*case.needs, document, timeout=90_000)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert len(made) == 1
    assert frozenset(stage.sandbox.resources()) - before == made


@pytest.mark.parametrize("kind", walk(CASES))
def test_what_a_lost_creation_made_is_destroyed(stage: Stage, kind: str) -> None:
    """Of every kind with distinguishable resources: created, the response lost, the tree destroyed; nothing remains."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs)
    _begin(stage, kind, "killed", *case.needs, document)
    report = stage.destroy(*case.needs, document)
    if kind in INDISTINGUISHABLE:
        assert report.convergence is Convergence.STUCK
        return
    assert remaining_arns(stage) == ()
    assert not [ref for ref in stage.inventory().entries if not contract(ref.kind).kind.lifecycle.runs]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", walk(kind for kind in CASES if kind not in INDISTINGUISHABLE))
def test_a_creation_whose_answer_was_lost_counts_and_is_destroyed(stage: Stage, kind: str, way: str) -> None:
    """Of every kind: it counts for the token of the next creation, and a setting that it enabled is disabled again."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs)
    _begin(stage, kind, way, *case.needs, document)
    if way == "silent" and not contract(kind).taggable and not contract(kind).kind.lifecycle.shared:
        return  # as above
    stage.apply(*case.needs, document)
    assert acting_steps(stage.plan(*case.needs, document)) == {}
    assert stage.inventory().of(Ref(kind, case.name)).made == 1
    assert stage.destroy(*case.needs, document).convergence is Convergence.SETTLED
    assert remaining_arns(stage) == ()


@pytest.mark.parametrize("kind", walk(CASES))
def test_a_creation_that_was_never_made_is_forgotten(stage: Stage, kind: str) -> None:
    """Killed before the call, with the document removed: two passes find nothing, and the entry goes."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs)

    def before(call: Call) -> None:
        if call.operation == contract(kind).creates.name:
            raise Killed

    stage.before_call = before
    with pytest.raises(Killed):
        stage.reconcile(*case.needs, document, concurrency=1)
    stage.before_call = lambda _: None
    assert f"{kind}/{case.name}" in map(str, stage.inventory().entries)
    stage.apply(*case.needs)
    stage.apply(*case.needs)
    assert f"{kind}/{case.name}" not in map(str, stage.inventory().entries)


def test_a_second_version_whose_answer_was_lost_goes_with_the_first(stage: Stage) -> None:
    """Of a version that was being replaced, both are found and pruned, and no foreign one is."""
    case = CASES["ModelPackage"]
    first, second = (case.document("ModelPackage", text) for text in case.frozen)
    stage.apply(*case.needs, first)
    stage.client().create_model_package(ModelPackageGroupName="fraud", ModelPackageDescription="theirs")
    _begin(stage, "ModelPackage", "killed", *case.needs, second)
    stage.apply(*case.needs, prune=True, confirm_deletes=2)
    assert [each.rpartition("/")[2] for each in stage.sandbox.resources() if "package/" in each] == ["2"]
    assert "ModelPackage" not in {ref.kind for ref in stage.inventory().entries}


@pytest.mark.parametrize("kind", ["ClusterSchedulerConfig", "ComputeQuota"])
def test_an_input_that_is_not_known_yet_is_not_noted(stage: Stage, kind: str) -> None:
    """Before its cluster exists, the only identifying input is its name; the inventory holds nothing else."""
    case, noted = CASES[kind], []

    def look(call: Call) -> None:
        if call.operation == "CreateCluster":
            noted.append(stage.inventory().of(Ref(kind, case.name)).attempt)

    stage.before_call = look
    assert stage.apply(*case.needs, _document(kind)).convergence is Convergence.SETTLED
    (attempt,) = noted
    assert attempt is not None
    assert "ClusterArn" not in attempt.by


def _kinds_with_update() -> list[str]:
    """Kinds with an Update, except runs."""
    return [
        kind
        for kind, case in CASES.items()
        if contract(kind).updates
        and not contract(kind).kind.lifecycle.runs
        and set(case.changes) - set(case.during)
    ]


@pytest.mark.parametrize("kind", walk(_kinds_with_update()))
def test_an_update_that_is_refused_after_a_lost_creation_keeps_what_was_made(stage: Stage, kind: str) -> None:
    """Created, the response lost, the document changed, and the update refused once: the next run makes it."""
    case, updates = CASES[kind], contract(kind).updates
    member = next(each for each in case.changes if each not in case.during)
    before, after = (case.document(kind, text) for text in case.changes[member])
    stage.apply(*case.needs)
    _begin(stage, kind, "killed", *case.needs, before)
    stage.wait(7200)
    assert updates is not None
    stage.sandbox.inject(InjectedFault.LIMIT, operation=updates.name)
    stage.apply(*case.needs, after)
    stage.sandbox.clear_faults()
    report = stage.apply(*case.needs, after)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert len(stage.inventory().of(Ref(kind, case.name)).names) == 1


@pytest.mark.parametrize("kind", walk(CASES))
def test_a_lost_creation_that_fails_stays_in_the_inventory(stage: Stage, kind: str) -> None:
    """Created, the response lost, and failed in AWS: later runs report it, and it is deleted with its document."""
    case, of = CASES[kind], contract(kind)
    if not of.status_member or kind in INDISTINGUISHABLE:
        return
    stage.apply(*case.needs)
    stage.sandbox.inject(InjectedFault.FAIL, operation=of.creates.name)
    _begin(stage, kind, "killed", *case.needs, _document(kind))
    stage.sandbox.clear_faults()
    stage.wait(90000)
    reasons = [
        step_of(stage.reconcile(*case.needs, _document(kind)).plan, f"{kind}/{case.name}").why
        for _ in range(3)
    ]
    # A creation with a client token is first sent again, and returns what it created.
    assert len(set(reasons) - {Reason.ABSENT}) == 1
    assert not {Reason.NOT_IN_INVENTORY, Reason.NOT_OWNED} & set(reasons)


@pytest.mark.parametrize("kind", INDISTINGUISHABLE)
def test_what_nothing_tells_apart_comes_back_once_its_parent_is_ours(stage: Stage, kind: str) -> None:
    """The inventory lost and its parent blocked, it waits; its token returns it, and no second one is created."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs, document, timeout=90_000)
    made = frozenset(stage.sandbox.resources())
    for ref, entry in stage.inventory().entries.items():
        if contract(ref.kind).taggable:
            stage.client().delete_tags(ResourceArn=entry.arn, TagKeys=[OWNER])
    (stage.folder / "inventory-default.json").unlink()
    planned = step_of(stage.reconcile(*case.needs, document).plan, f"{kind}/{case.name}")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.DEPENDENCY_BLOCKED)
    adopting = [
        yaml.safe_dump({**yaml.safe_load(each), "policy": {"adopt": "IfUnowned"}}) for each in case.needs
    ]
    report = stage.apply(*adopting, document, timeout=90_000)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert frozenset(stage.sandbox.resources()) == made


def test_what_somebody_else_made_in_the_place_of_a_lost_creation_stays_theirs(stage: Stage) -> None:
    """Killed before the creation, another tool used the name, and that resource failed: the inventory has no entry."""
    case = CASES["Endpoint"]
    stage.apply(*case.needs)

    def before(call: Call) -> None:
        if call.operation == "CreateEndpoint":
            raise Killed

    stage.before_call = before
    with pytest.raises(Killed):
        stage.reconcile(*case.needs, _document("Endpoint"), concurrency=1)
    stage.before_call = lambda _: None
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateEndpoint")
    made = stage.client().describe_endpoint_config(
        EndpointConfigName=stage.inventory().of(Ref("EndpointConfig", "fraud")).name
    )
    stage.client().create_endpoint(EndpointName=case.name, EndpointConfigName=made["EndpointConfigName"])
    stage.wait(7200)
    for _ in range(3):
        planned = step_of(stage.reconcile(*case.needs, _document("Endpoint")).plan, f"Endpoint/{case.name}")
        assert (planned.action, planned.why) == (Action.BLOCKED, Reason.NOT_OWNED)
    assert not stage.inventory().of(Ref("Endpoint", case.name)).was_made


@pytest.mark.parametrize(
    "kind", [kind for kind in CASES if not contract(kind).taggable and kind not in INDISTINGUISHABLE]
)
def test_a_list_that_lags_behind_a_creation_takes_nothing_from_us(stage: Stage, kind: str) -> None:
    """Of every kind without tags: not visible for a while, its name refused, and then visible, and owned."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs)
    stage.sandbox.knobs = replace(stage.sandbox.knobs, list_lag=600.0)
    for _ in range(4):
        stage.reconcile(*case.needs, document)
        stage.wait(30)
    stage.sandbox.knobs = replace(stage.sandbox.knobs, list_lag=0.0)
    report = stage.apply(*case.needs, document)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]


# What may end the retry, before or after it was sent, while no read shows what the first try created.
ENDS = {
    "prune": None,  # the plan is refused: the tag index shows a resource that the inventory does not hold
    **{each.value: each for each in (InjectedFault.DENIED, InjectedFault.LIMIT, InjectedFault.THROTTLE)},
}


# For each kind of the sample one of these, in turn; make soak takes all of them for all kinds.
_SHORT = [
    (kind, end) for kind, end in zip(sorted(covering_kinds()), cycle(ENDS), strict=False) if kind in CASES
]
_LONG = [case for case in product(CASES, ENDS) if case not in _SHORT]


@pytest.mark.parametrize(("kind", "end"), [*_SHORT, *soak(*_LONG, names=2)])
def test_a_second_try_that_is_not_made_takes_nothing_from_us(stage: Stage, kind: str, end: str) -> None:
    """Of every kind: created, the response lost, not visible, and the retry refused; once visible, it is owned."""
    case, document, creates = CASES[kind], _document(kind), contract(kind).creates.name
    stage.apply(*case.needs)
    before = frozenset(stage.sandbox.resources())
    stage.sandbox.inject(InjectedFault.STALE, operation=creates, seconds=100)
    _begin(stage, kind, "killed", *case.needs, document)
    made = frozenset(stage.sandbox.resources()) - before
    if (fault := ENDS[end]) is not None:
        stage.sandbox.inject(fault, operation=creates, times=20)
    stage.reconcile(*case.needs, document, prune=fault is None)
    stage.sandbox.clear_faults()
    stage.wait(300)
    report = stage.apply(*case.needs, document)
    assert report.convergence is Convergence.SETTLED, [each.message for each in report.outcomes]
    assert frozenset(stage.sandbox.resources()) - before == made
