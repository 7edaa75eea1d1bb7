"""One false not-found response loses nothing and creates nothing twice."""

from contextlib import suppress

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.absence import BEGUN_INTERVAL, READ_DELAY
from controller.engine.converge import PlanUnread
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import GROUP, model, package, pipeline, serving
from tests.journeys.remaining_resources import remaining_arns, remaining_counts
from tests.journeys.stage import Stage, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk


def _document(kind: str) -> str:
    case = CASES[kind]
    return case.document(kind, next(iter(case.changes.values()), case.frozen)[0])


def _absence_operations(stage: Stage) -> list[str]:
    """The operations of SageMaker that may report a resource as absent, of those that were called."""
    operations = dict.fromkeys(
        record.operation for record in stage.sandbox.calls if record.service == "sagemaker"
    )
    return [name for name in operations if not name.startswith(("Create", "Add", "Put", "Start", "Enable"))]


@pytest.mark.parametrize("kind", walk(CASES))
def test_a_false_not_found_at_any_call_is_harmless(stage: Stage, kind: str) -> None:
    """Of every kind, at each operation of plan, apply, prune and destroy: nothing is forgotten or created twice."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs, document)
    there = remaining_counts(stage)
    stage.forget_calls()
    stage.plan(*case.needs, document)
    for operation in _absence_operations(stage):
        stage.sandbox.inject(InjectedFault.MISSING, operation=operation)
        stage.apply(*case.needs, document, timeout=600)
        stage.sandbox.clear_faults()
        assert stage.apply(*case.needs, document, timeout=600).convergence is Convergence.SETTLED, operation
        assert remaining_counts(stage) == there, operation
    _destroy_with_false_answers(stage, kind, document)


def _destroy_with_false_answers(stage: Stage, kind: str, document: str) -> None:
    """Destroy it with each operation's first answer false; the second run finds what the first one left."""
    case = CASES[kind]
    stage.forget_calls()
    stage.destroy(*case.needs, document)
    operations = _absence_operations(stage)
    for operation in operations:
        stage.apply(*case.needs, document)
        stage.sandbox.inject(InjectedFault.MISSING, operation=operation)
        with suppress(PlanUnread):  # the confirmation covers only the plan with the false answer
            stage.destroy(*case.needs, document, timeout=600)
        stage.sandbox.clear_faults()
        stage.destroy(*case.needs, document)
        assert remaining_arns(stage) == (), operation
        assert not [ref for ref in stage.inventory().entries if not contract(ref.kind).kind.lifecycle.runs], (
            operation
        )


@pytest.mark.parametrize("kind", walk(CASES))
def test_an_undocumented_resource_survives_a_false_not_found(stage: Stage, kind: str) -> None:
    """Without a document and after one false answer of Describe, a resource stays known and is pruned later."""
    case, document = CASES[kind], _document(kind)
    kind_contract = contract(kind)
    stage.apply(*case.needs, document)
    before = stage.inventory().entries.keys()
    stage.sandbox.inject(InjectedFault.MISSING, operation=kind_contract.describes.name)
    stage.reconcile(*case.needs)
    stage.sandbox.clear_faults()
    assert stage.inventory().entries.keys() == before
    stage.apply(*case.needs, prune=True, confirm_delete=frozenset({f"{kind}/{case.name}"}))
    assert kind not in {ref.kind for ref in stage.inventory().entries} - _kinds(case.needs)


# Their List shows each of them by name, so that Describe alone is no proof, however often it finds nothing.
LISTED = [
    kind
    for kind in CASES
    if (its := contract(kind)).lists is not None
    and not (its.listed_only or its.kind.lifecycle.runs or its.kind.lifecycle.shared)
    and (its.kind.identity.key is None or kind in ("App", "Space", "UserProfile"))
]


@pytest.mark.parametrize("kind", walk(LISTED))
def test_a_listed_resource_survives_any_number_of_false_answers(stage: Stage, kind: str) -> None:
    """Of every kind with a List: without a document, and not found by Describe in any pass, its entry stays."""
    case, document = CASES[kind], _document(kind)
    stage.apply(*case.needs, document)
    stage.wait(300)
    mine = f"{kind}/{case.name}"
    stage.sandbox.inject(InjectedFault.MISSING, operation=contract(kind).describes.name, times=40)
    for _ in range(3):
        planned = stage.reconcile(*case.needs).plan
        assert Action.FORGET not in {each.action for each in planned.steps if str(each.ref) == mine}
    stage.sandbox.clear_faults()
    assert mine in map(str, stage.inventory().entries)


def _kinds(documents: tuple[str, ...]) -> set[str]:
    return {
        line.partition(": ")[2]
        for text in documents
        for line in text.splitlines()
        if line.startswith("kind:")
    }


def _somebody_deletes(stage: Stage) -> None:
    stage.client().delete_pipeline(PipelineName="train", ClientRequestToken="x" * 32)
    stage.wait(600)


def test_a_foreign_deletion_is_reported_and_its_entry_removed(stage: Stage) -> None:
    """A foreign deletion of a resource without a document: the plan reports it, and an apply removes the entry."""
    stage.apply(GROUP, pipeline())
    _somebody_deletes(stage)
    for _ in range(2):
        planned = step_of(stage.plan(GROUP), "Pipeline/train")
        assert (planned.action, planned.why) == (Action.FORGET, Reason.DELETED_OUTSIDE)
        assert "deleted outside of sagectl" in planned.detail
    assert stage.apply(GROUP).convergence is Convergence.SETTLED
    assert [ref.kind for ref in stage.inventory().entries] == ["ModelPackageGroup"]


def test_a_recreation_after_a_foreign_deletion_is_reported(stage: Stage) -> None:
    """A desired resource that another user deleted is created again, and plan and drift show why."""
    stage.apply(GROUP, pipeline())
    _somebody_deletes(stage)
    planned = step_of(stage.plan(GROUP, pipeline()), "Pipeline/train")
    assert (planned.action, planned.why) == (Action.CREATE, Reason.DELETED_OUTSIDE)
    assert "deleted outside of sagectl" in planned.detail
    assert stage.apply(GROUP, pipeline()).convergence is Convergence.SETTLED


def test_destroy_reports_foreign_deletions(stage: Stage) -> None:
    """Destroy reports resources that it did not delete itself."""
    stage.apply(GROUP, pipeline())
    _somebody_deletes(stage)
    assert (
        step_of(stage.plan(GROUP, pipeline(), destroy=True), "Pipeline/train").why is Reason.DELETED_OUTSIDE
    )
    report = stage.destroy(GROUP, pipeline())
    assert report.convergence is Convergence.SETTLED
    assert stage.inventory().entries == {}


@pytest.mark.parametrize("fault", [InjectedFault.DENIED, InjectedFault.UNKNOWN, InjectedFault.INVALID])
def test_without_a_list_that_agrees_nothing_is_forgotten(stage: Stage, fault: InjectedFault) -> None:
    """Describe alone is no proof: where List is refused, the entry stays and every plan reports the doubt."""
    stage.apply(GROUP, pipeline())
    _somebody_deletes(stage)
    stage.sandbox.inject(fault, operation="ListPipelines", times=None)
    for _ in range(3):
        stage.apply(GROUP)
        planned = step_of(stage.plan(GROUP), "Pipeline/train")
        assert (planned.action, planned.why) == (Action.NOOP, Reason.UNREADABLE)
        assert "ListPipelines" in planned.detail
    pruned = step_of(stage.plan(GROUP, prune=True), "Pipeline/train")
    assert pruned.action is Action.BLOCKED
    assert stage.destroy(GROUP, pipeline()).convergence is Convergence.STUCK
    stage.sandbox.clear_faults()
    assert stage.apply(GROUP).convergence is Convergence.SETTLED


def test_a_permanent_not_found_of_describe_is_no_proof(stage: Stage) -> None:
    """Describe never finds what List shows: it is not deleted, not removed from the inventory, and reported."""
    stage.apply(GROUP, pipeline())
    stage.sandbox.inject(InjectedFault.MISSING, operation="DescribePipeline", times=None)
    for _ in range(2):
        stage.apply(GROUP, prune=True)
        assert "its List shows it" in step_of(stage.plan(GROUP, prune=True), "Pipeline/train").detail
    assert stage.destroy(GROUP, pipeline()).convergence is Convergence.STUCK
    stage.sandbox.clear_faults()
    assert stage.destroy(GROUP, pipeline()).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_a_version_is_not_made_twice_while_it_is_not_found(stage: Stage) -> None:
    """A numbered resource that Describe does not find is recreated only when List and a second pass agree."""
    stage.apply(GROUP, package())
    stage.sandbox.inject(InjectedFault.MISSING, operation="DescribeModelPackage", times=None)
    for _ in range(3):
        stage.reconcile(GROUP, package())
    assert len(stage.sandbox.resources()) == 2
    stage.sandbox.clear_faults()
    stage.apply(GROUP, package())
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"
    stage.client().delete_model_package(ModelPackageName=arn)
    stage.wait(600)
    assert step_of(stage.plan(GROUP, package()), "ModelPackage/candidate").action is Action.WAIT
    assert stage.apply(GROUP, package()).convergence is Convergence.SETTLED
    assert [each.rpartition("/")[2] for each in stage.sandbox.resources()] == ["fraud", "2"]


def test_a_not_found_message_about_another_resource_is_a_refusal(stage: Stage) -> None:
    """DeleteModel's "Could not find ..." about a key or a bucket is a refusal: the model stays in the inventory."""
    stage.apply(model())
    message = "Could not find the KMS key arn:aws:kms:us-east-1:123456789012:key/1"
    stage.sandbox.inject(InjectedFault.MISSING, operation="DeleteModel", reason=message)
    report = stage.destroy(model())
    assert report.convergence is Convergence.STUCK
    assert any(message in each.message for each in report.outcomes)
    assert len(stage.sandbox.resources()) == len(stage.inventory().entries) == 1
    assert stage.destroy(model()).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


@pytest.mark.parametrize(
    "operation", ["ListEndpoints", "DescribeEndpoint", "ListEndpointConfigs", "DescribeEndpointConfig"]
)
def test_a_user_that_only_list_shows_is_a_user(stage: Stage, operation: str) -> None:
    """An endpoint that List shows and Describe does not find still counts as a user: its configuration is kept."""
    stage.apply(*serving())
    image = {"VariantName": "v", "ModelName": "", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    name = next(each for each in stage.sandbox.resources() if ":model/" in each).rpartition("/")[2]
    stage.client().create_endpoint_config(
        EndpointConfigName="theirs", ProductionVariants=[{**image, "ModelName": name}]
    )
    stage.sandbox.inject(InjectedFault.MISSING, operation=operation, name="theirs", times=None)
    stage.destroy(*serving(), timeout=600)
    assert any(":model/" in each for each in stage.sandbox.resources())


def test_a_refused_list_of_siblings_is_not_an_empty_one(stage: Stage) -> None:
    """With a lost inventory no second version is created because its siblings could not be listed."""
    stage.apply(GROUP, package())
    stage.inventory_store.path.unlink()
    for fault in (InjectedFault.DENIED, InjectedFault.UNKNOWN, InjectedFault.MISSING, InjectedFault.INVALID):
        stage.sandbox.inject(fault, operation="ListModelPackages", times=None)
        stage.reconcile(GROUP, package())
        stage.sandbox.clear_faults()
    stage.sandbox.inject(InjectedFault.MISSING, operation="DescribeModelPackage", times=1)
    stage.reconcile(GROUP, package())
    assert len(stage.sandbox.resources()) == 2
    stage.rebuild(GROUP, package())
    assert stage.apply(GROUP, package()).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 2


def test_a_page_without_its_list_is_no_empty_page(stage: Stage) -> None:
    """A List response without its list of elements is an error of that call, and no proof of absence."""
    stage.apply(GROUP, pipeline())
    _somebody_deletes(stage)
    stage.sandbox.inject(InjectedFault.GARBLED, operation="ListPipelines", times=None, reason="{}")
    assert "the response is invalid" in step_of(stage.plan(GROUP), "Pipeline/train").detail


_MADE = 1.8e9  # seconds since 1970


def _is_deleted(kind: str) -> bool:
    """Whether a resource of the kind is deleted with its document."""
    return contract(kind).deletes is not None and not contract(kind).kind.lifecycle.shared


def _is_found_again(kind: str) -> bool:
    """Whether a created resource is found without the response, and not only by its name."""
    found_by = contract(kind).kind.identity.found_by
    return found_by is None or bool(found_by.marker or found_by.matches)


@pytest.mark.parametrize("answered", [True, False], ids=["answered", "cut short"])
@pytest.mark.parametrize("kind", walk(kind for kind in CASES if _is_deleted(kind)))
def test_a_resource_that_no_read_shows_yet_keeps_its_entry(
    stage: Stage, kind: str, *, answered: bool
) -> None:
    """Removed right after its creation, while Describe and List both lag: the entry is kept, and pruned later."""
    case, document = CASES[kind], _document(kind)
    creates = contract(kind).creates.name
    stage.apply(*case.needs)
    before = remaining_arns(stage)
    stage.sandbox.inject(InjectedFault.STALE, operation=creates, seconds=100)
    if not answered:
        stage.sandbox.inject(InjectedFault.SILENT, operation=creates)
    stage.reconcile(*case.needs, document, at=_MADE)
    entry = stage.inventory().of(Ref(kind, case.name))
    stage.reconcile(*case.needs, prune=True, at=_MADE + 10)
    stage.reconcile(*case.needs, prune=True, at=_MADE + 20)
    assert stage.inventory().of(Ref(kind, case.name)).names == entry.names
    stage.wait(7200)
    if not answered and not _is_found_again(kind):
        left = stage.plan(*case.needs, prune=True, at=_MADE + 7200).steps
        assert Reason.CREATION_UNFINISHED in {each.why for each in left}
        return
    confirmations = stage.plan(*case.needs, prune=True, at=_MADE + 7200).confirmations
    names = frozenset(each for required in confirmations for each in required.deletions)
    stage.apply(*case.needs, prune=True, at=_MADE + 7200, confirm_delete=names, timeout=600)
    assert remaining_arns(stage) == before


_WITH_GENERATIONS = [
    kind
    for kind, case in CASES.items()
    if contract(kind).kind.lifecycle.has_hashed_names
    and case.frozen[1]
    and _is_deleted(kind)
    and not contract(kind).kind.lifecycle.runs
]


@pytest.mark.parametrize("kind", walk(_WITH_GENERATIONS))
def test_an_old_generation_that_no_read_shows_yet_is_deleted_later(stage: Stage, kind: str) -> None:
    """Changed right after its creation, while Describe and List lag: the old generation is deleted in the end."""
    case = CASES[kind]
    before, after = (case.document(kind, text) for text in case.frozen)
    stage.apply(*case.needs)
    lived = len(remaining_arns(stage))
    stage.sandbox.inject(InjectedFault.STALE, operation=contract(kind).creates.name, times=2, seconds=100)
    for second, document in enumerate((before, after, after, after)):
        stage.reconcile(*case.needs, document, at=_MADE + second)
    assert len(stage.inventory().of(Ref(kind, case.name)).names) == 2
    stage.wait(7200)
    stage.apply(*case.needs, after, prune=True, at=_MADE + 7200, timeout=600)
    assert len(stage.inventory().of(Ref(kind, case.name)).names) == 1
    assert len(remaining_arns(stage)) == lived + 1


def test_the_entry_of_a_refused_creation_is_removed_later(stage: Stage) -> None:
    """No read shows what a refused creation was to create: two minutes later that is a proof, and not before."""
    stage.sandbox.inject(InjectedFault.SILENT, operation="CreatePipeline", times=1)
    stage.reconcile(pipeline(), at=_MADE)
    stage.client().delete_pipeline(PipelineName="train", ClientRequestToken="x" * 32)
    stage.wait(10)
    assert (
        step_of(
            stage.reconcile(prune=True, at=_MADE + READ_DELAY + BEGUN_INTERVAL - 1).plan, "Pipeline/train"
        ).action
        is Action.WAIT
    )
    stage.reconcile(prune=True, at=_MADE + READ_DELAY + BEGUN_INTERVAL)
    assert not stage.inventory().entries


def test_a_creation_that_is_tried_again_is_noted_once_a_minute(stage: Stage) -> None:
    """The time of the last creation is updated by a retry a minute later, and not by each retry."""
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreatePipeline", times=9)
    noted = []
    for seconds in (0, 30, BEGUN_INTERVAL, BEGUN_INTERVAL + 30):
        stage.reconcile(pipeline(), at=_MADE + seconds)
        noted.append(stage.inventory().of(Ref("Pipeline", "train")).begun - _MADE)
    assert noted == [0, 0, BEGUN_INTERVAL, BEGUN_INTERVAL]
