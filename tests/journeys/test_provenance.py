"""Kinds without tags: a name in an old, copied or restored inventory deletes nothing that was not made here."""

import json

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from tests.journeys.documents import GROUP
from tests.journeys.stage import Stage, document_text, step_of
from tests.journeys.standalone_documents import ACTION, ARTIFACT, POLICY

ENDS = (ACTION, ARTIFACT)
EDGE = document_text("Association", "edge", "sourceArn: training-data\ndestinationArn: Action/approval")
OTHER = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sagemaker:*","Resource":"*"}]}'


def _pair(stage: Stage) -> dict[str, str]:
    (found,) = stage.client().list_associations()["AssociationSummaries"]
    return {"SourceArn": found["SourceArn"], "DestinationArn": found["DestinationArn"]}


def test_a_foreign_recreation_is_not_deleted(stage: Stage) -> None:
    """An association that another user created again has another creation time: it is not deleted."""
    stage.apply(*ENDS, EDGE)
    pair = _pair(stage)
    stage.client().delete_association(**pair)
    stage.wait(60)
    stage.client().add_association(**pair)
    stage.forget_calls()
    pruned = step_of(stage.plan(*ENDS, prune=True), "Association/edge")
    assert (pruned.action, pruned.why) == (Action.BLOCKED, Reason.NOT_OWNED)
    assert "another made it anew" in pruned.detail
    stage.apply(*ENDS, prune=True)
    stage.destroy(EDGE, *ENDS)
    assert "DeleteAssociation" not in stage.mutations()
    assert step_of(stage.plan(*ENDS, EDGE), "Association/edge").why is Reason.NOT_OWNED


def test_a_foreign_policy_is_not_deleted(stage: Stage) -> None:
    """A text that was not applied here is not deleted; after its document was applied once more, it is."""
    stage.apply(GROUP, POLICY)
    stage.client().put_model_package_group_policy(ModelPackageGroupName="fraud", ResourcePolicy=OTHER)
    stage.forget_calls()
    pruned = step_of(stage.plan(GROUP, prune=True), "ModelPackageGroupPolicy/fraud-readers")
    assert (pruned.action, pruned.why) == (Action.BLOCKED, Reason.NOT_OWNED)
    assert "somebody else wrote it since" in pruned.detail
    stage.apply(GROUP, prune=True)
    assert stage.mutations() == []
    assert stage.apply(GROUP, POLICY).convergence is Convergence.SETTLED
    assert stage.mutations() == ["PutModelPackageGroupPolicy"]
    stage.apply(GROUP, prune=True)
    assert stage.mutations() == ["PutModelPackageGroupPolicy", "DeleteModelPackageGroupPolicy"]


def test_an_inventory_of_an_earlier_version_deletes_after_one_apply(stage: Stage) -> None:
    """Without a recorded instance the deletion has a hint; an apply that finds it equal records the instance."""
    stage.apply(*ENDS, EDGE)
    file = stage.folder / "inventory-default.json"
    document = json.loads(file.read_text())
    assert document["entries"]["Association/edge"].pop("instance")
    file.write_text(json.dumps(document))
    blocked = step_of(stage.plan(*ENDS, prune=True), "Association/edge")
    assert blocked.action is Action.BLOCKED
    assert "apply its document once" in blocked.detail
    stage.forget_calls()
    assert stage.apply(*ENDS, EDGE).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    stage.apply(*ENDS, prune=True)
    assert stage.mutations() == ["DeleteAssociation"]


def test_a_faster_foreign_creation_is_not_owned(stage: Stage) -> None:
    """A creation that AWS refuses because another user was faster leaves a name in the inventory, without ownership."""
    stage.apply(*ENDS)

    def faster(call: Call) -> None:
        if call.operation == "AddAssociation":
            stage.client().add_association(**call.params)

    stage.before_call = faster
    stage.apply(*ENDS, EDGE)
    stage.before_call = lambda call: None
    stage.forget_calls()
    assert step_of(stage.plan(*ENDS, EDGE), "Association/edge").why is Reason.NOT_OWNED
    stage.apply(*ENDS, prune=True)
    assert stage.mutations() == []
    stage.destroy(EDGE, *ENDS)
    assert "DeleteAssociation" not in stage.mutations()


def test_a_refused_replacement_keeps_ownership(stage: Stage) -> None:
    """An association that could not be deleted before its replacement is still owned, and deleted later."""
    from controller.sandbox import InjectedFault

    typed = "sourceArn: training-data\ndestinationArn: Action/approval\nassociationType: "
    stage.apply(*ENDS, document_text("Association", "edge", typed + "ContributedTo"))
    stage.sandbox.inject(InjectedFault.DENIED, operation="DeleteAssociation")
    changed = document_text("Association", "edge", typed + "AssociatedWith", policy="replace: Allow")
    assert stage.apply(*ENDS, changed).convergence is Convergence.STUCK
    assert stage.apply(*ENDS, changed).convergence is Convergence.SETTLED
    stage.forget_calls()
    stage.apply(*ENDS, prune=True)
    assert stage.mutations() == ["DeleteAssociation"]


def test_an_instance_that_could_not_be_read_is_noted_later(stage: Stage) -> None:
    """If the read after a creation fails, the attempt is the proof until a read shows it as desired."""
    from controller.sandbox import InjectedFault

    stage.apply(*ENDS)

    def lost(call: Call) -> None:
        if call.operation == "AddAssociation":
            stage.sandbox.inject(InjectedFault.DENIED, operation="ListAssociations")

    stage.before_call = lost
    stage.reconcile(*ENDS, EDGE)
    stage.before_call = lambda call: None
    assert stage.inventory().entries  # its attempt is in the inventory
    stage.forget_calls()
    stage.apply(*ENDS, prune=True)
    assert stage.mutations() == ["DeleteAssociation"]
