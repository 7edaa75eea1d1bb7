"""Experiments, trials, components and lineage: memberships, associations, guards."""

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.report import Result
from tests.journeys.stage import Stage, acting_steps, document_text, step_of
from tests.journeys.standalone_documents import (
    ACTION,
    ALGORITHM,
    ARTIFACT,
    ASSOCIATION,
    COMPONENT,
    CONTEXT,
    EXPERIMENT,
    TRAINING_JOB,
    TRIAL,
)

SECOND = document_text("Trial", "second", "experimentName: churn")
LINEAGE = (ACTION, ARTIFACT, CONTEXT, ASSOCIATION)


def trials_of(stage: Stage, component: str) -> set[str]:
    """The trials that a component is a member of."""
    listed = stage.client().list_trials(TrialComponentName=component)["TrialSummaries"]
    return {each["TrialName"] for each in listed}


def test_a_component_joins_and_leaves_trials(stage: Stage) -> None:
    """``trials`` is a set: an added trial is associated, a removed one disassociated, and there is no other call."""
    assert stage.apply(EXPERIMENT, TRIAL, SECOND, COMPONENT).convergence is Convergence.SETTLED
    assert trials_of(stage, "split") == {"first"}
    moved = COMPONENT.replace("trials: [first]", "trials: [second]")
    stage.forget_calls()
    assert stage.apply(EXPERIMENT, TRIAL, SECOND, moved).convergence is Convergence.SETTLED
    assert stage.mutations() == ["AssociateTrialComponent", "DisassociateTrialComponent"]
    assert trials_of(stage, "split") == {"second"}
    assert acting_steps(stage.plan(EXPERIMENT, TRIAL, SECOND, moved)) == {}


def test_a_membership_that_was_undone_outside_is_drift(stage: Stage) -> None:
    """Another user removed the component from its trial: it is added again."""
    tree = (EXPERIMENT, TRIAL, COMPONENT)
    stage.apply(*tree)
    stage.client().disassociate_trial_component(TrialComponentName="split", TrialName="first")
    plan = stage.plan(*tree)
    assert step_of(plan, "TrialComponent/split").why is Reason.LIVE_DIFFERS
    stage.apply(*tree)
    assert trials_of(stage, "split") == {"first"}


def test_parameters_are_added_changed_and_removed(stage: Stage) -> None:
    """Update merges this map: keys removed from the spec are removed by name."""
    tree = (EXPERIMENT, TRIAL)
    stage.apply(*tree, COMPONENT)
    changed = COMPONENT.replace("mode: {stringValue: random}", "depth: {numberValue: 3}")
    stage.forget_calls()
    assert stage.apply(*tree, changed).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateTrialComponent"]
    shown = stage.client().describe_trial_component(TrialComponentName="split")["Parameters"]
    assert shown == {"rate": {"NumberValue": 0.2}, "depth": {"NumberValue": 3.0}}


def test_destroy_removes_components_before_their_trial(stage: Stage) -> None:
    """Jobs add components to a trial by themselves: they are removed from the trial, and stay with their job."""
    tree = (ALGORITHM, EXPERIMENT, TRIAL, COMPONENT, TRAINING_JOB)
    assert stage.apply(*tree).convergence is Convergence.SETTLED
    members = stage.client().list_trial_components(TrialName="first")["TrialComponentSummaries"]
    assert len(members) == 2
    assert stage.destroy(*tree).convergence is Convergence.SETTLED
    assert all("/churn-" in arn for arn in stage.sandbox.resources())  # the job's record and its component
    assert [
        record for record in stage.sandbox.calls if record.operation == "DeleteTrial" and record.error
    ] == []


def test_a_plan_shows_what_is_taken_out_before_it_is_deleted(stage: Stage) -> None:
    """The plan shows the calls that apply makes, for a deleted component and for a trial with a foreign component."""
    tree = (EXPERIMENT, TRIAL, COMPONENT)
    stage.apply(*tree)
    stage.client().create_trial_component(TrialComponentName="theirs")
    stage.client().associate_trial_component(TrialComponentName="theirs", TrialName="first")
    for left, kept in ((tree[:2], "theirs"), (tree[:1], "")):
        plan = stage.plan(*left, prune=True)
        stage.forget_calls()
        assert stage.apply(*left, prune=True).convergence is Convergence.SETTLED
        planned = [call.operation for each in plan.acting for call in each.calls]
        assert planned == stage.mutations()
        assert len(planned) == 2, kept


def test_a_replaced_component_leaves_its_trial_first(stage: Stage) -> None:
    """A replacement deletes as well: the plan removes the membership, and the new component becomes a member again."""
    properties = "  metadataProperties: {commitId: one}\n"
    allowed = "policy: {replace: Allow}\n"
    stage.apply(EXPERIMENT, TRIAL, COMPONENT + properties + allowed)
    changed = COMPONENT + properties.replace("one", "two") + allowed
    stage.forget_calls()
    assert stage.apply(EXPERIMENT, TRIAL, changed).convergence is Convergence.SETTLED
    assert stage.mutations() == [
        "DisassociateTrialComponent",
        "DeleteTrialComponent",
        "CreateTrialComponent",
        "AssociateTrialComponent",
    ]
    assert trials_of(stage, "split") == {"first"}


def test_a_foreign_trial_blocks_the_deletion_of_its_experiment(stage: Stage) -> None:
    """AWS refuses to delete an experiment with a foreign trial; the deletion waits until that trial is deleted."""
    stage.apply(EXPERIMENT)
    stage.client().create_trial(TrialName="theirs", ExperimentName="churn")
    report = stage.reconcile(EXPERIMENT, destroy=True)
    (outcome,) = report.outcomes
    assert outcome.result is Result.WAITING
    assert "theirs" in outcome.message
    assert "DeleteExperiment" not in stage.mutations()
    stage.client().delete_trial(TrialName="theirs")
    assert stage.destroy(EXPERIMENT).convergence is Convergence.SETTLED


def test_lineage_is_made_in_order_and_taken_down_in_reverse(stage: Stage) -> None:
    """An association needs both its ends, and is deleted before either."""
    assert stage.apply(*LINEAGE).convergence is Convergence.SETTLED
    assert stage.mutations()[-1] == "AddAssociation"
    assert acting_steps(stage.plan(*LINEAGE)) == {}
    stage.forget_calls()
    assert stage.destroy(*LINEAGE).convergence is Convergence.SETTLED
    assert stage.mutations().index("DeleteAssociation") < stage.mutations().index("DeleteArtifact")
    assert stage.sandbox.resources() == ()


def test_properties_removed_from_the_spec_are_removed_in_the_service(stage: Stage) -> None:
    """Properties that were set and removed from the spec are removed from the resource; foreign ones are left alone."""
    one = ACTION + "  properties: {by: alice, score: '3'}\n"
    two = ACTION + "  properties: {by: bob}\n"
    stage.apply(one)
    stage.client().update_action(ActionName="approval", Properties={"theirs": "1"})
    stage.forget_calls()
    assert stage.apply(two).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateAction"]
    assert stage.client().describe_action(ActionName="approval")["Properties"] == {"by": "bob", "theirs": "1"}
    assert stage.apply(ACTION).convergence is Convergence.SETTLED
    assert stage.client().describe_action(ActionName="approval")["Properties"] == {"theirs": "1"}


def test_the_status_of_an_action_is_user_data(stage: Stage) -> None:
    """The status of an action is user data: Failed is a value like any other."""
    assert stage.apply(ACTION + "  status: InProgress\n").convergence is Convergence.SETTLED
    assert stage.apply(ACTION + "  status: Failed\n").convergence is Convergence.SETTLED
    assert stage.client().describe_action(ActionName="approval")["Status"] == "Failed"


def test_an_artifact_is_found_by_its_source(stage: Stage) -> None:
    """With the inventory lost, the source identifies the artifact, and its tags identify the owner."""
    stage.apply(ARTIFACT)
    (stage.folder / "inventory-default.json").unlink()
    stage.forget_calls()
    assert step_of(stage.plan(ARTIFACT), "Artifact/training-data").why is Reason.NOT_IN_INVENTORY
    stage.rebuild(ARTIFACT)
    assert stage.apply(ARTIFACT).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_a_foreign_artifact_is_named(stage: Stage) -> None:
    """The source is in use: the plan reports it before the service would, and adopts it if that is allowed."""
    stage.client().create_artifact(Source={"SourceUri": "s3://bucket/train"}, ArtifactType="DataSet")
    plan = stage.plan(ARTIFACT)
    assert step_of(plan, "Artifact/training-data").why is Reason.NOT_OWNED
    adopting = ARTIFACT + "policy: {adopt: IfUnowned}\n"
    assert stage.apply(adopting).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(adopting)) == {}
    assert len(stage.client().list_artifacts()["ArtifactSummaries"]) == 1


def test_an_artifacts_label_and_properties_are_updated(stage: Stage) -> None:
    """Its name is only a label: a change of it is an update, not a new artifact."""
    stage.apply(ARTIFACT)
    stage.forget_calls()
    assert (
        stage.apply(ARTIFACT.replace("artifactName: training-data", "artifactName: set-1")).convergence
        is Convergence.SETTLED
    )
    assert stage.mutations() == ["UpdateArtifact"]


def test_another_source_is_refused_or_replaces(stage: Stage) -> None:
    """The source identifies an artifact: a change is refused, or replaces it if the policy allows that."""
    other = ARTIFACT.replace("/train'", "/other'")
    stage.apply(ARTIFACT)
    refused = stage.apply(other)
    assert step_of(refused.plan, "Artifact/training-data").why is Reason.IMMUTABLE
    assert stage.apply(other + "policy: {replace: Allow}\n").convergence is Convergence.SETTLED
    (shown,) = stage.client().list_artifacts()["ArtifactSummaries"]
    assert shown["Source"]["SourceUri"] == "s3://bucket/other"


def test_an_association_with_other_ends_is_another(stage: Stage) -> None:
    """The pair of ends is the identity: the new edge is created, and the old one deleted."""
    stage.apply(*LINEAGE)
    turned = ASSOCIATION.replace("Action/approval", "Context/churn")
    assert stage.apply(ACTION, ARTIFACT, CONTEXT, turned).convergence is Convergence.SETTLED
    (shown,) = stage.client().list_associations()["AssociationSummaries"]
    assert ":context/" in shown["DestinationArn"]
    assert acting_steps(stage.plan(ACTION, ARTIFACT, CONTEXT, turned)) == {}


def test_an_association_of_another_type_is_refused(stage: Stage) -> None:
    """An association has no update: a change of its type needs ``policy.replace: Allow``."""
    stage.apply(*LINEAGE)
    other = ASSOCIATION.replace("ContributedTo", "DerivedFrom")
    assert step_of(stage.plan(*LINEAGE[:3], other), "Association/data-approved").action is Action.BLOCKED
    allowed = other + "policy: {replace: Allow}\n"
    assert stage.apply(*LINEAGE[:3], allowed).convergence is Convergence.SETTLED
    (shown,) = stage.client().list_associations()["AssociationSummaries"]
    assert shown["AssociationType"] == "DerivedFrom"
