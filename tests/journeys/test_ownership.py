"""Owned and foreign resources, and the two proofs of a deletion."""

from dataclasses import replace

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.observed import OWNER, PROTECT
from controller.engine.requests import delete_call
from controller.schema.contract import contract
from tests.journeys.documents import (
    GROUP,
    ROLE,
    WORKFORCE,
    all_documents,
    model,
    package,
    pipeline,
    serving,
    workteam,
)
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.kinds.cases import CASES
from tests.kinds.sample import walk

NAMED = "modelName: fraud-model"


def _foreign_model(stage: Stage, data: str = "s3://bucket/one.tar.gz") -> str:
    container = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1", "ModelDataUrl": data}
    made = stage.client().create_model(
        ModelName="fraud-model", ExecutionRoleArn=ROLE, PrimaryContainer=container
    )
    return str(made["ModelArn"])


def _tags(stage: Stage, arn: str) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in stage.client().list_tags(ResourceArn=arn)["Tags"]}


def test_a_foreign_resource_of_our_name_is_refused(stage: Stage) -> None:
    """Row 43: a foreign model with the document's name is not changed, and the plan shows why."""
    _foreign_model(stage)
    stage.forget_calls()
    report = stage.apply(model(extra=NAMED))
    assert report.convergence is Convergence.STUCK
    assert report.plan.steps[0].why is Reason.NOT_OWNED
    assert stage.mutations() == []


def test_adoption_writes_only_tags(stage: Stage) -> None:
    """Row 43: ``adopt: IfUnowned`` writes the ownership tag, and nothing else if the resource is as desired."""
    arn = _foreign_model(stage)
    stage.forget_calls()
    documents = model(extra=NAMED, policy="adopt: IfUnowned")
    assert stage.plan(documents).steps[0].action is Action.ADOPT
    assert stage.apply(documents).convergence is Convergence.SETTLED
    assert stage.mutations() == ["AddTags"]
    assert _tags(stage, arn)[OWNER] == "default/Model/fraud"
    assert acting_steps(stage.plan(documents)) == {}


def test_a_resource_of_another_set_is_refused(stage: Stage) -> None:
    """Row 43: a resource of another set is refused even to IfUnowned, and its owner is shown."""
    stage.apply(pipeline())
    other = Stage(stage.folder, stage.sandbox, set="other")
    report = other.apply(pipeline() + "policy: {adopt: IfUnowned}\n")
    assert report.convergence is Convergence.STUCK
    assert report.plan.steps[0].why is Reason.FOREIGN_OWNER
    assert "default/Pipeline/train" in report.plan.steps[0].detail


def test_a_removed_owner_tag_stops_changes(stage: Stage) -> None:
    """Row 43: without the ownership tag on the live resource, the inventory alone changes and deletes nothing."""
    stage.apply(pipeline())
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
    stage.client().delete_tags(ResourceArn=arn, TagKeys=[OWNER])
    stage.forget_calls()
    assert stage.apply(pipeline("other")).convergence is Convergence.STUCK
    pruned = step_of(stage.plan(GROUP, prune=True), "Pipeline/train")
    assert (pruned.action, pruned.why) == (Action.BLOCKED, Reason.NOT_OWNED)
    stage.apply(GROUP, prune=True)
    assert "UpdatePipeline" not in stage.mutations()
    assert "DeletePipeline" not in stage.mutations()


def test_removing_a_document_does_nothing_without_prune(stage: Stage) -> None:
    """Row 40: the resource of a removed document is not changed; the plan shows that it is kept."""
    stage.apply(GROUP, pipeline())
    stage.forget_calls()
    report = stage.apply(GROUP)
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == []
    assert [s.why for s in report.plan.steps if s.ref.kind == "Pipeline"] == [Reason.PRUNE_OFF]


def test_prune_deletes_only_resources_without_a_document(stage: Stage) -> None:
    """With --prune the resource of a removed document is deleted, and nothing else."""
    stage.apply(*all_documents())
    left = [text for text in all_documents() if "kind: Pipeline\n" not in text]
    stage.forget_calls()
    report = stage.apply(*left, prune=True)
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeletePipeline"]
    assert len(stage.sandbox.resources()) == 7


def test_prune_goes_in_reverse_order(stage: Stage) -> None:
    """Row 40: pruned resources are deleted dependents first, although no document declares their links any more."""
    stage.apply(*serving(), WORKFORCE, workteam(), GROUP, package(), pipeline())
    stage.forget_calls()
    named = frozenset({"Endpoint/fraud", "Workteam/reviewers"})
    report = stage.apply(GROUP, package(), pipeline(), prune=True, confirm_deletes=3, confirm_delete=named)
    assert report.convergence is Convergence.SETTLED
    gone = stage.mutations()
    assert gone.index("DeleteEndpoint") < gone.index("DeleteEndpointConfig") < gone.index("DeleteModel")
    assert gone.index("DeleteWorkteam") < gone.index("DeleteWorkforce")


def test_an_empty_tree_prunes_nothing(stage: Stage) -> None:
    """Row 41: an empty tree deletes nothing: the limit's message has the number of deletions."""
    stage.apply(GROUP, pipeline())
    stage.forget_calls()
    report = stage.apply(prune=True)
    assert report.convergence is Convergence.STUCK
    assert "empty" in report.plan.confirmations[0].message
    assert "2" in report.plan.confirmations[0].message
    assert stage.mutations() == []


def test_many_deletions_need_a_confirmation(stage: Stage) -> None:
    """Row 41: more deletions than three and a fifth of the inventory are blocked until their number is confirmed."""
    stage.apply(*all_documents())
    stage.forget_calls()
    held = stage.apply(WORKFORCE, workteam(), GROUP, prune=True)
    assert held.convergence is Convergence.STUCK
    assert stage.mutations() == []
    assert "--confirm-delete Endpoint/fraud" in held.plan.confirmations[0].message
    assert "--confirm-deletes 4" in held.plan.confirmations[1].message
    named = frozenset({"Endpoint/fraud"})
    report = stage.apply(WORKFORCE, workteam(), GROUP, prune=True, confirm_deletes=4, confirm_delete=named)
    assert report.convergence is Convergence.SETTLED
    assert len(stage.sandbox.resources()) == 3


def test_a_confirmed_number_covers_the_remaining_deletions(stage: Stage) -> None:
    """Fewer deletions remain as some are done: a confirmation of four covers the last two."""
    second = [text.replace("fraud", "churn") for text in serving()]
    stage.apply(GROUP, *serving(), *second)
    named = frozenset({"Endpoint/fraud", "Endpoint/churn"})
    report = stage.apply(GROUP, prune=True, confirm_deletes=4, confirm_delete=named)
    assert report.convergence is Convergence.SETTLED, report.plan.confirmations
    assert len(stage.sandbox.resources()) == 1


def test_a_failed_apply_prunes_nothing(stage: Stage) -> None:
    """Row 40: while any document has failed, nothing is pruned."""
    from controller.sandbox import InjectedFault

    stage.apply(GROUP, pipeline())
    stage.sandbox.inject(InjectedFault.DENIED, operation="CreateModel", times=None)
    stage.forget_calls()
    report = stage.apply(GROUP, model(), prune=True)
    assert report.convergence is Convergence.STUCK
    assert "DeletePipeline" not in stage.mutations()


def test_a_read_error_prunes_nothing(stage: Stage) -> None:
    """Row 41: a resource that could not be read is not absent."""
    from controller.sandbox import InjectedFault

    stage.apply(GROUP, pipeline())
    stage.sandbox.inject(InjectedFault.DENIED, operation="DescribeModelPackageGroup", times=None)
    stage.forget_calls()
    report = stage.apply(GROUP, prune=True)
    assert report.convergence is Convergence.STUCK
    assert stage.mutations() == []


def test_retain_removes_the_entry_without_deleting(stage: Stage) -> None:
    """Row 42: ``deletion: Retain`` still applies when the document is removed: the resource stays, its entry goes."""
    stage.apply(GROUP, pipeline() + "policy: {deletion: Retain}\n")
    stage.forget_calls()
    report = stage.apply(GROUP, prune=True)
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == []
    assert [str(ref) for ref in stage.inventory().entries] == ["ModelPackageGroup/fraud"]


def test_protection_outlives_the_file(stage: Stage) -> None:
    """A protected resource survives prune and destroy until a document has ``protect: false``."""
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
    stage.apply(GROUP, pipeline() + "policy: {protect: true}\n")
    assert _tags(stage, arn)[PROTECT] == "true"
    report = stage.apply(GROUP, prune=True)
    assert any(s.why is Reason.PROTECTED for s in report.plan.steps)
    assert any(":pipeline/" in each for each in stage.sandbox.resources())
    stage.apply(GROUP, pipeline() + "policy: {protect: false}\n")
    assert PROTECT not in _tags(stage, arn)
    stage.apply(GROUP, prune=True)
    assert not any(":pipeline/" in each for each in stage.sandbox.resources())


def test_destroy_keeps_foreign_resources(stage: Stage) -> None:
    """A foreign resource under a document's name is not destroyed."""
    _foreign_model(stage)
    report = stage.destroy(model(extra=NAMED))
    assert report.convergence is Convergence.STUCK
    assert len(stage.sandbox.resources()) == 1


def test_a_lost_inventory_is_rebuilt_from_tags(stage: Stage) -> None:
    """Without the inventory's file nothing is created twice; rebuilt from tags and markers it is as before."""
    stage.apply(*all_documents())
    for file in stage.folder.glob("inventory-*"):
        file.unlink()
    stage.forget_calls()
    assert stage.apply(*all_documents()).convergence is Convergence.STUCK
    assert stage.mutations() == []
    stage.rebuild(*all_documents())
    assert stage.apply(*all_documents()).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    assert stage.destroy(*all_documents()).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_the_ownership_marker_keeps_the_users_metadata(stage: Stage) -> None:
    """A numbered version has the ownership marker beside the user's own metadata, and its next plan is empty."""
    described = package(extra="customerMetadataProperties: {stage: test}")
    stage.apply(GROUP, described)
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"
    metadata = stage.client().describe_model_package(ModelPackageName=arn)["CustomerMetadataProperties"]
    assert metadata == {"stage": "test", OWNER: "default/ModelPackage/candidate"}
    assert step_of(stage.plan(GROUP, described), "ModelPackage/candidate").action is Action.NOOP


@pytest.mark.parametrize("policy", ["deletion: Retain", "mode: Plan", "mode: 'Off'"])
def test_destroy_keeps_resources_by_policy(stage: Stage, policy: str) -> None:
    """Row 42: a document with Retain, Plan or Off keeps its resource when all documents are destroyed."""
    stage.apply(GROUP, pipeline())
    stage.forget_calls()
    stage.destroy(GROUP, pipeline() + f"policy: {{{policy}}}\n")
    assert stage.mutations() == ["DeleteModelPackageGroup"]
    assert [arn.rpartition("/")[2] for arn in stage.sandbox.resources()] == ["train"]


def test_dependents_are_deleted_first_without_documents(stage: Stage) -> None:
    """Row 40: even without documents, each deletion depends on the deletions of possible users of the resource."""
    stage.apply(*serving(), WORKFORCE, workteam(), GROUP)
    plan = stage.plan(GROUP, prune=True)
    order = (("EndpointConfig/fraud", "Endpoint/fraud"), ("Workforce/crowd", "Workteam/reviewers"))
    needs = {each.id.partition("@")[0]: each.needs for each in plan.steps if each.action is Action.DELETE}
    for used, user in (*order, ("Model/fraud", "EndpointConfig/fraud")):
        assert any(need.startswith(user) for need in needs[used]), (used, needs)


def test_a_resource_that_is_made_again_is_another_creation(stage: Stage) -> None:
    """Each creation is counted, because the client token of the first would return the resource deleted outside."""
    stage.apply(pipeline())
    stage.client().delete_pipeline(PipelineName="train", ClientRequestToken="x" * 32)
    assert stage.apply(pipeline()).convergence is Convergence.SETTLED
    assert [entry.made for entry in stage.inventory().entries.values()] == [2]


def test_a_retained_resource_is_adopted_again_by_policy(stage: Stage) -> None:
    """Destroyed with Retain and restored it is blocked, with the way back; adopted, it is the same resource."""
    kept = pipeline() + "policy: {deletion: Retain}\n"
    stage.apply(kept)
    stage.destroy(kept)
    (arn,) = stage.sandbox.resources()
    stage.forget_calls()
    restored = stage.apply(kept)
    assert (restored.convergence, restored.plan.steps[0].why) == (Convergence.STUCK, Reason.NOT_IN_INVENTORY)
    assert "policy.adopt: Always takes it back" in restored.plan.steps[0].detail
    assert stage.apply(pipeline() + "policy: {adopt: Always}\n").convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(pipeline())) == {}
    assert list(stage.sandbox.resources()) == [arn]
    assert set(stage.mutations()) <= {"AddTags"}


# The case of a ModelPackage is a version, which has a marker and no tags.
_ADOPTABLE = [
    kind
    for kind in CASES
    if contract(kind).taggable
    and contract(kind).deletes is not None
    and not contract(kind).kind.lifecycle.runs
    and kind != "ModelPackage"
]
# A creation by the console: with neither our tags nor our client token.
_OF_US = frozenset({"Tags", "ClientToken", "ClientRequestToken", "WorkforceTags"})


@pytest.mark.parametrize("kind", walk(_ADOPTABLE))
def test_a_foreign_replacement_is_adopted_once(stage: Stage, kind: str) -> None:
    """Of every kind: another user deletes ours and creates another; adopted, that one is in the inventory."""
    of, case, made = contract(kind), CASES[kind], list[Call]()
    text, _ = next(iter(case.changes.values()), case.frozen)
    documents = (*case.needs, case.document(kind, text, "adopt: IfUnowned"))
    stage.before_call = made.append
    stage.apply(*documents)
    stage.before_call = lambda _: None
    creation = next(call for call in made if call.operation == of.creates.name)
    ours = next(entry for ref, entry in stage.inventory().entries.items() if ref.kind == kind)
    stage.cloud_now(delete_call(of, ours.name, "somebody"))
    stage.wait(3600)
    stage.cloud_now(replace(creation, params={k: v for k, v in creation.params.items() if k not in _OF_US}))
    stage.wait(3600)
    assert step_of(stage.plan(*documents), f"{kind}/{case.name}").action is Action.ADOPT
    stage.apply(*documents)
    assert acting_steps(stage.plan(*documents)) == {}
    held = stage.inventory().of(ours.ref)
    assert held.arn in stage.sandbox.resources()
    stage.destroy(*documents, timeout=7200)
    assert held.arn not in stage.sandbox.resources()
