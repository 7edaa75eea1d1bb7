"""A lost inventory: nothing is adopted automatically, and the rebuilt one is equivalent."""

import re
from dataclasses import replace

import pytest

from controller.core.cloud import Call, CloudError
from controller.core.cloud import Fault as Refusal
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.observed import OWNER
from controller.engine.order import Order
from controller.engine.ownership_search import OwnershipProof
from controller.engine.rebuilding_inventory import RebuildingInventory
from controller.engine.reconcile import Rebuilt, rebuild
from controller.inventory.model import Entry, Inventory
from controller.kinds import KINDS, SAGEMAKER
from controller.manifests.document import Deletion
from controller.sandbox import InjectedFault
from controller.schema.contract import contract
from tests.journeys.documents import GROUP, ROLE, all_documents, model, package, pipeline, serving
from tests.journeys.remaining_resources import remaining_arns
from tests.journeys.stage import Stage, acting_steps, compile_documents, step_of
from tests.journeys.test_everything import DOCUMENTS
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

LASTING = 15  # kinds of the tree that show an ownership tag, except runs and dependents of a blocked resource
ADOPTING = "policy: {adopt: Always}\n"


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """An account with a longer time between polls."""
    stage.poll = 300
    return stage


def lose_inventory(stage: Stage) -> Inventory:
    """The lost inventory; its file is deleted."""
    held = stage.inventory()
    stage.inventory_store.path.unlink()
    stage.forget_calls()
    return held


def rebuild_inventory(stage: Stage, *documents: str) -> Rebuilt:
    """Rebuild the inventory and store it, as the command does; nothing else is changed."""
    made = stage.rebuild(*documents)
    assert made.recovery.errors == {}
    assert stage.mutations() == []
    return made


def test_every_kind_is_rebuilt(stage: Stage) -> None:
    """Entry by entry it equals the lost one; the plan is empty, and destroying deletes the same resources."""
    stage.apply(*DOCUMENTS)
    before = lose_inventory(stage)
    made = rebuild_inventory(stage, *DOCUMENTS)
    assert made.recovery.unproved == ()
    for ref, entry in before.entries.items():
        # the account does not show whether a switch of the whole account was changed here or found so
        desired = replace(entry, made=0, instance="") if KINDS[ref.kind].lifecycle.shared else entry
        assert _without_digests(made.inventory.of(ref)) == _without_digests(desired)
    assert made.inventory.entries.keys() == before.entries.keys()
    assert {ref.kind for ref in before.entries} == set(KINDS)
    assert acting_steps(stage.plan(*DOCUMENTS)) == {}
    assert stage.plan(*DOCUMENTS).blocked == ()
    assert stage.destroy(*DOCUMENTS).convergence is Convergence.SETTLED
    shared = [arn for arn in remaining_arns(stage) if "servicecatalog" not in arn.casefold()]
    assert shared == []


def _without_digests(entry: Entry) -> Entry:
    """An entry without the digests of sensitive values, whose key was lost with the inventory."""
    applied = {
        name: re.sub(r"^\(sensitive [0-9a-f]+\)$", "(sensitive)", value) if isinstance(value, str) else value
        for name, value in (entry.applied or {}).items()
    }
    return replace(entry, applied=applied if entry.applied is not None else None)


def test_a_rebuilt_entry_without_a_document_needs_a_confirmation(stage: Stage) -> None:
    """Without a document the policy is unknown: the resource is found, and each deletion needs its name."""
    stage.apply(*all_documents())
    lose_inventory(stage)
    made = rebuild_inventory(stage, GROUP)
    assert {ref.kind for ref in made.inventory.entries} >= {"Pipeline", "ModelPackage", "Endpoint"}
    gone = {ref: entry for ref, entry in made.inventory.entries.items() if ref.kind != "ModelPackageGroup"}
    assert {entry.deletion for entry in gone.values()} == {Deletion.CONFIRM}
    assert stage.apply(GROUP, prune=True).convergence is Convergence.STUCK
    assert stage.mutations() == []
    report = stage.apply(GROUP, prune=True, confirm_delete=frozenset(map(str, gone)))
    assert report.convergence is Convergence.SETTLED, report.plan.confirmations
    assert len(stage.sandbox.resources()) == 1


_FOUND = [kind for kind in CASES if contract(kind).taggable and not KINDS[kind].lifecycle.runs]
_ELSEWHERE = [kind for kind in _FOUND if contract(kind).service != SAGEMAKER]


@pytest.mark.parametrize("kind", [*_ELSEWHERE, *walk(kind for kind in _FOUND if kind not in _ELSEWHERE)])
def test_a_tagged_resource_is_found_without_its_document(stage: Stage, kind: str) -> None:
    """Of every kind with tags, in SageMaker's tagging index or only in its own List, the entry is found again."""
    case = CASES[kind]
    stage.apply(*case.needs, case.document(kind, next(iter(case.changes.values()), case.frozen)[0]))
    before = lose_inventory(stage)
    made = rebuild_inventory(stage, GROUP)
    assert made.inventory.of(Ref(kind, case.name)).names == before.of(Ref(kind, case.name)).names


@pytest.mark.parametrize("kind", _ELSEWHERE)
def test_a_denied_service_is_named_and_blocks_no_other_kind(stage: Stage, kind: str) -> None:
    """Missing permissions for a kind are reported; they fail the rebuild only if the tree has a document of it."""
    case = CASES[kind]
    document = case.document(kind, next(iter(case.changes.values()), case.frozen)[0])
    stage.apply(*case.needs, document)
    lose_inventory(stage)
    stage.sandbox.inject(InjectedFault.DENIED, operation=contract(kind).describes.name, times=None)
    made = rebuild_inventory(stage, *case.needs)
    assert set(made.recovery.unlisted) == {kind}
    assert {ref.kind for ref in made.inventory.entries} >= {"Endpoint", "Model"}
    assert stage.rebuild(*case.needs, document).recovery.errors


def test_older_generations_are_found(stage: Stage) -> None:
    """Old generations are added to ``old``, in the order of their creation, and are deleted as before."""
    kept = "generations: 2"
    for data in ("one", "two", "three"):
        stage.apply(model(f"s3://bucket/{data}.tar.gz", policy=kept))
        stage.wait(60)  # the time of creation, in seconds, is the only sign of which one is older
    before = lose_inventory(stage)
    assert len(before.of(Ref("Model", "fraud")).old) == 2
    made = rebuild_inventory(stage, model("s3://bucket/three.tar.gz", policy=kept))
    assert made.inventory.entries == before.entries
    assert stage.apply(model("s3://bucket/three.tar.gz")).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 1


@pytest.mark.parametrize("with_document", [True, False])
def test_older_versions_are_found_by_their_marker(stage: Stage, *, with_document: bool) -> None:
    """Of resources numbered by the service the newest belongs to the document, and the others are older."""
    for data in ("one", "two"):
        stage.apply(GROUP, package(f"s3://bucket/{data}.tar.gz"))
    ref = Ref("ModelPackage", "candidate")
    before = lose_inventory(stage)
    documents = (GROUP, package("s3://bucket/two.tar.gz")) if with_document else (GROUP,)
    made = rebuild_inventory(stage, *documents)
    assert made.recovery.proofs[ref] is OwnershipProof.MARKER
    assert (made.inventory.of(ref).name, made.inventory.of(ref).old) == (
        before.of(ref).name,
        before.of(ref).old,
    )


def test_a_copied_tag_proves_nothing(stage: Stage) -> None:
    """A resource that was copied with its tags is no generation: it is left out, and reported."""
    stage.apply(*serving())
    container = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"}
    stage.client().create_model(
        ModelName="a-clone",
        ExecutionRoleArn=ROLE,
        PrimaryContainer=container,
        Tags=[{"Key": OWNER, "Value": "default/Model/fraud"}],
    )
    before = lose_inventory(stage)
    for documents in (serving(), []):
        made = rebuild(compile_documents(*documents), stage.cloud(), stage.inventory(), Order())
        assert made.inventory.of(Ref("Model", "fraud")).name == before.of(Ref("Model", "fraud")).name
        assert [each.name for each in made.recovery.unproved] == ["a-clone"]
        assert not any(entry.holds("a-clone") for entry in made.inventory.entries.values())


def test_a_different_resource_without_tags_is_left_out(stage: Stage) -> None:
    """A policy that differs from its document may be foreign: it needs ``policy.adopt``."""
    from tests.journeys.standalone_documents import POLICY

    stage.apply(GROUP, POLICY)
    lose_inventory(stage)
    other = stage.client().get_model_package_group_policy(ModelPackageGroupName="fraud")["ResourcePolicy"]
    other = other.replace("210987654321", "333333333333")
    stage.client().put_model_package_group_policy(ModelPackageGroupName="fraud", ResourcePolicy=other)
    made = rebuild(compile_documents(GROUP, POLICY), stage.cloud(), stage.inventory(), Order())
    assert [each.ref.kind for each in made.recovery.unproved] == ["ModelPackageGroupPolicy"]
    assert {ref.kind for ref in made.inventory.entries} == {"ModelPackageGroup"}


def test_an_equal_document_proves_nothing_for_an_annotation(stage: Stage) -> None:
    """An annotation recovers resources with tag or marker; an equal document of a kind without tags proves nothing."""
    from tests.journeys.standalone_documents import POLICY

    stage.apply(GROUP, POLICY, package())
    lose_inventory(stage)
    documents, cloud = compile_documents(GROUP, POLICY, package()), stage.cloud()
    rebuilding_inventory = RebuildingInventory(stage.inventory_store, documents, cloud, 4)
    found = rebuilding_inventory.load(cloud.identity.account, cloud.identity.region)
    assert {ref.kind for ref in found.entries} == {"ModelPackageGroup", "ModelPackage"}
    assert (found.fresh, stage.inventory().entries) == (False, found.entries)
    one = step_of(stage.plan(GROUP, POLICY, package()), "ModelPackageGroupPolicy/fraud-readers")
    assert (one.action, one.why) == (Action.BLOCKED, Reason.NOT_OWNED)


def test_rebuilding_keeps_intact_entries(stage: Stage) -> None:
    """Rebuilding an intact inventory changes nothing, and adds missing entries to a partial one."""
    stage.apply(*all_documents())
    stage.forget_calls()
    before = stage.inventory()
    assert rebuild_inventory(stage, *all_documents()).recovery.proofs == {}
    assert stage.inventory() == before
    lacking = Ref("Endpoint", "fraud")
    stage.inventory_store.save(
        replace(before, entries={ref: e for ref, e in before.entries.items() if ref != lacking})
    )
    made = rebuild_inventory(stage, *all_documents())
    assert set(made.recovery.proofs) == {lacking}
    assert stage.inventory() == before


def test_an_unreadable_kind_is_reported(stage: Stage) -> None:
    """A denied List leaves the inventory incomplete, which is returned as an error."""
    stage.apply(*all_documents())
    lose_inventory(stage)
    stage.sandbox.inject(InjectedFault.DENIED, operation="ListPipelines", times=None)
    made = rebuild(compile_documents(*all_documents()), stage.cloud(), stage.inventory(), Order())
    assert set(made.recovery.errors) == {"Pipeline"}


def test_without_the_inventory_no_kind_is_changed(stage: Stage) -> None:
    """Two CI jobs with one set: the second adopts, changes and deletes nothing that the first one created."""
    stage.apply(*DOCUMENTS)
    resources = stage.sandbox.resources()
    folder = stage.folder / "other"
    folder.mkdir()
    other = Stage(folder, stage.sandbox, poll=300)
    stage.forget_calls()
    changed = [
        text.replace("ml.m5.large", "ml.m5.xlarge").replace("Approved", "Rejected") for text in DOCUMENTS
    ]
    for documents in (DOCUMENTS, changed):
        report = other.apply(*documents)
        assert report.convergence is Convergence.STUCK
        assert acting_steps(report.plan) == {}
        stuck = {s.ref.kind for s in report.plan.steps if s.why is Reason.NOT_IN_INVENTORY}
        assert len(stuck) >= LASTING
    other.destroy(*DOCUMENTS)
    other.apply(*DOCUMENTS[:1], prune=True, confirm_deletes=len(DOCUMENTS))
    other.apply(prune=True, confirm_deletes=len(DOCUMENTS))
    assert stage.mutations() == []
    assert stage.sandbox.resources() == resources
    assert acting_steps(stage.plan(*DOCUMENTS)) == {}


@pytest.mark.parametrize("document", [GROUP, pipeline(), model(), model(extra="modelName: fraud")])
def test_adopt_always_adds_the_entry(stage: Stage, document: str) -> None:
    """``policy.adopt: Always`` is a person's consent: the entry is added, and nothing in AWS is changed."""
    stage.apply(document)
    lose_inventory(stage)
    never = stage.plan(document.partition("policy:")[0] + "policy: {adopt: IfUnowned}\n").steps[0]
    assert (never.action, never.why) == (Action.BLOCKED, Reason.NOT_IN_INVENTORY)
    assert "sagectl inventory rebuild" in never.detail
    assert "--set" in never.detail
    assert stage.apply(document + ADOPTING).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    assert acting_steps(stage.plan(document)) == {}
    assert stage.destroy(document).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_a_plan_counts_what_a_lost_inventory_held(stage: Stage) -> None:
    """With a mistyped path the plan shows how many resources have this set's tag, and not those of other sets."""
    stage.apply(*all_documents())
    Stage(stage.folder, stage.sandbox, set="other").apply(pipeline().replace("name: train", "name: other"))
    assert stage.plan(*all_documents()).notices == ()
    lose_inventory(stage)
    (notice,) = stage.plan(*all_documents()).notices
    # All but the marked version.
    assert notice.startswith("7 resources carry the ownership tag of set default")
    assert Stage(stage.folder, stage.sandbox, set="third").plan(*all_documents()).notices == ()


def test_prune_is_refused_until_it_is_rebuilt(stage: Stage) -> None:
    """Whatever else a run may do, --prune does nothing while resources without a document may be unknown."""
    stage.apply(*all_documents())
    lose_inventory(stage)
    new = pipeline().replace("train", "new")
    report = stage.apply(GROUP, new, prune=True)
    assert report.convergence is Convergence.STUCK
    assert report.plan.confirmations[0].message.startswith("--prune is refused: 7 resources")
    assert stage.mutations() == []
    stage.apply(GROUP, new)
    assert stage.mutations() == ["CreatePipeline"]
    assert stage.inventory().fresh  # a run that created a resource of its own has not found the lost ones
    assert "--prune is refused: 7" in stage.apply(GROUP, new, prune=True).plan.confirmations[0].message
    stage.forget_calls()
    rebuild_inventory(stage, GROUP, new)
    assert not stage.inventory().fresh
    gone = map(str, stage.inventory().entries.keys() - compile_documents(GROUP, new).resources.keys())
    assert (
        stage.apply(GROUP, new, prune=True, confirm_delete=frozenset(gone)).convergence is Convergence.SETTLED
    )


def test_a_refused_index_is_reported(stage: Stage) -> None:
    """Without tag:GetResources nothing can be counted, and a first run continues."""
    stage.sandbox.inject(InjectedFault.DENIED, operation="GetResources", times=None)
    assert "tag:GetResources" in stage.plan(GROUP).notices[0]
    assert stage.apply(GROUP, prune=True).convergence is Convergence.SETTLED
    assert "tag:GetResources" in stage.plan(GROUP).notices[0]
    stage.sandbox.clear_faults()
    assert stage.plan(GROUP).notices == ()


def test_of_two_concurrent_runs_only_the_creator_owns(stage: Stage) -> None:
    """Of two runs that create one name at once, the refused one owns nothing and prunes nothing, also in later runs."""
    folder = stage.folder / "other"
    folder.mkdir()
    other = Stage(folder, stage.sandbox)

    def first(call: Call) -> None:
        if call.operation == "CreateModel":
            stage.before_call = lambda _: None
            other.apply(named)

    named = model(extra="modelName: fraud-model")
    stage.before_call = first
    report = stage.apply(named)
    assert report.convergence is Convergence.STUCK
    assert report.plan.steps[0].why is Reason.NOT_IN_INVENTORY
    stage.forget_calls()
    stage.apply(prune=True, confirm_deletes=1)
    stage.apply(GROUP, prune=True, confirm_deletes=1)
    stage.destroy(named)
    assert stage.mutations() == ["CreateModelPackageGroup"]


@pytest.mark.parametrize("fault", [Refusal.UNANSWERED, Refusal.UNKNOWN, Refusal.BUSY])
@pytest.mark.parametrize("number", range(1, 9))
def test_each_creation_with_a_lost_response_is_found(stage: Stage, number: int, fault: Refusal) -> None:
    """Each creation in turn is executed without a response: nothing is created twice, and nothing counts as foreign."""
    seen = 0

    def silent(call: Call) -> None:
        nonlocal seen
        seen += call.operation.startswith("Create")
        if call.operation.startswith("Create") and seen == number:
            stage.cloud_now(call)
            lost = CloudError(fault, "Lost", "no answer", call.operation)
            lost.ambiguous = True
            raise lost

    stage.before_call = silent
    stage.apply(*all_documents(), concurrency=1)
    stage.before_call = lambda _: None
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 8
    assert acting_steps(stage.plan(*all_documents())) == {}
    assert step_of(stage.plan(GROUP, prune=True), "Pipeline/train").action is Action.DELETE
