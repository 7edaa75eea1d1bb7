import json
from pathlib import Path

import pytest

from controller.core.ref import Ref
from controller.insight.dangling import search_account
from controller.insight.drift import DriftCategory, DriftedResource, drifts
from controller.output.drift import drift_json, drift_text
from controller.output.terminal import Style
from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell, client
from tests.cli.trees import CANARY, CARD, GROUP, SERVING
from tests.journeys.documents import IMAGE, ROLE, serving
from tests.journeys.stage import Stage, compile_documents, document_text
from tests.journeys.tree import TREE


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account."""
    return Stage(tmp_path)


def find_drift(stage: Stage, *documents: str) -> dict[Ref, DriftedResource]:
    """The differences of the account from documents."""
    tree = compile_documents(*documents)
    seen = stage._reconcile_bundle(tree, lambda _: False, stage.cloud(), {})
    return {each.ref: each for each in drifts(tree, seen)}


def member_paths(found: dict[Ref, DriftedResource], tier: DriftCategory) -> set[str]:
    """The members in a tier, as ``Kind/name Member.Member``."""
    return {f"{ref} {'.'.join(map(str, c.path))}" for ref, each in found.items() for c in each.of(tier)}


def test_a_fresh_account_of_all_kinds_has_no_drift(stage: Stage) -> None:
    """After apply nothing drifts in any kind: what the service filled in is at its default, and counted."""
    stage.apply(*TREE.values())
    found = find_drift(stage, *TREE.values())
    assert (
        member_paths(found, DriftCategory.DECLARED) | member_paths(found, DriftCategory.UNDECLARED) == set()
    )
    assert not [each for each in found.values() if each.drifts or each.error]
    assert len(member_paths(found, DriftCategory.AT_DEFAULT)) > 30
    assert "HumanTaskUi/boxes UiTemplate.Content" in member_paths(found, DriftCategory.UNREADABLE)


def test_exactly_the_foreign_changes_are_reported(stage: Stage) -> None:
    """Each member that was changed outside is reported, declared ones apart from undeclared ones."""
    stage.apply(*TREE.values())
    by_hand = stage.client()
    by_hand.update_workteam(WorkteamName="reviewers", Description="by hand")
    by_hand.update_experiment(ExperimentName="churn", DisplayName="Who")
    by_hand.update_action(ActionName="approval", Status="Completed", Properties={"by": "hand"})
    by_hand.update_pipeline(PipelineName="train", ParallelismConfiguration={"MaxParallelExecutionSteps": 3})
    arn = by_hand.describe_pipeline(PipelineName="train")["PipelineArn"]
    by_hand.add_tags(ResourceArn=arn, Tags=[{"Key": "owner", "Value": "me"}])
    found = find_drift(stage, *TREE.values())
    assert member_paths(found, DriftCategory.DECLARED) == {"Workteam/reviewers Description"}
    assert member_paths(found, DriftCategory.UNDECLARED) == {
        "Experiment/churn DisplayName",
        "Action/approval Status",
        "Action/approval Properties",
        "Pipeline/train ParallelismConfiguration",
        "Pipeline/train Tags.owner",
    }


def test_an_ignored_member_is_no_drift(stage: Stage) -> None:
    """Members in policy.ignore are in no tier."""
    quiet = document_text("Experiment", "churn", "description: one", "ignore: [/description, /displayName]")
    stage.apply(quiet)
    stage.client().update_experiment(ExperimentName="churn", Description="two", DisplayName="Two")
    assert not find_drift(stage, quiet)[Ref("Experiment", "churn")].drifts


def test_a_key_more_in_a_map_is_undeclared(stage: Stage) -> None:
    """A map key that the document lacks is undeclared drift of that key alone."""
    desired = document_text(
        "Context", "c", "source: {sourceUri: 's3://b'}\ncontextType: T\nproperties: {a: '1'}"
    )
    stage.apply(desired)
    stage.client().update_context(ContextName="c", Properties={"a": "1", "b": "2"})
    found = find_drift(stage, desired)
    assert member_paths(found, DriftCategory.UNDECLARED) == {"Context/c Properties.b"}
    assert member_paths(found, DriftCategory.DECLARED) == set()


def test_what_was_deleted_is_missing(stage: Stage) -> None:
    """A deleted resource is reported as missing, and its endpoint is unchanged."""
    stage.apply(*serving())
    (name,) = (
        each["EndpointConfigName"] for each in stage.client().list_endpoint_configs()["EndpointConfigs"]
    )
    stage.client().delete_endpoint_config(EndpointConfigName=name)
    found = find_drift(stage, *serving())
    assert [str(ref) for ref, each in found.items() if each.missing] == ["EndpointConfig/fraud"]


def test_dangling_references_of_the_whole_account(stage: Stage) -> None:
    """An endpoint whose configuration or model is deleted is found, and so is a configuration, of any owner."""
    by_hand = stage.client()
    for name in ("kept", "gone"):
        by_hand.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
        variant = {
            "VariantName": "main",
            "ModelName": name,
            "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }
        by_hand.create_endpoint_config(EndpointConfigName=f"on-{name}", ProductionVariants=[variant])
        by_hand.create_endpoint(EndpointName=f"e-{name}", EndpointConfigName=f"on-{name}")
    by_hand.create_endpoint(EndpointName="orphan", EndpointConfigName="on-kept")
    assert search_account(stage.cloud(), 4).dangling == ()
    stage.wait(600)
    by_hand.delete_model(ModelName="gone")
    found = {
        (each.kind, each.name): [e.text for e in each.edges]
        for each in search_account(stage.cloud(), 4).dangling
    }
    assert found == {("EndpointConfig", "on-gone"): ["gone"], ("Endpoint", "e-gone"): ["on-gone", "gone"]}
    by_hand.delete_endpoint_config(EndpointConfigName="on-kept")
    names = {each.name for each in search_account(stage.cloud(), 4).dangling}
    assert names == {"on-gone", "e-gone", "e-kept", "orphan"}


def test_drift_gives_0_2_and_1(shell: Shell, sandbox: Sandbox) -> None:
    """``drift`` exits with 0 without drift, 2 with some, and 1 when the account can't be read."""
    shell.write("group.yaml", GROUP + "---\n" + document_text("Experiment", "churn", "description: one"))
    assert shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s").code == 0
    quiet = shell.run("drift", "group.yaml")
    assert quiet.code == 0, quiet
    assert quiet.out.splitlines()[-1] == "No drift in 2 resources; 1 at service defaults."
    client(sandbox).update_experiment(ExperimentName="churn", Description="two")
    ran = shell.run("drift", "group.yaml")
    assert ran.code == 2
    assert "~ description: two live, one in the document" in ran.out
    assert ran.out.splitlines()[-1] == "Drift in 1 of 2 resources: 1 declared; 1 at service defaults."
    document = json.loads(shell.run("drift", "group.yaml", "--format", "json").out)
    (changed,) = [each for each in document["resources"] if each["declared"]]
    assert changed["declared"] == [{"path": "/description", "live": "two", "wanted": "one"}]
    sandbox.inject(InjectedFault.DENIED, operation="DescribeExperiment", times=None)
    assert shell.run("drift", "group.yaml").code == 1


def test_foreign_dangling_references_are_shown_and_not_counted(shell: Shell, sandbox: Sandbox) -> None:
    """Dangling references of other resources are shown; they are drift only for a document's resource."""
    by_hand = client(sandbox)
    by_hand.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    variant = {"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    by_hand.create_endpoint_config(EndpointConfigName="theirs", ProductionVariants=[variant])
    by_hand.delete_model(ModelName="m")
    shell.write("e.yaml", document_text("Experiment", "churn", "description: one"))
    shell.run("apply", "e.yaml", "--yes", "--poll", "0.05s")
    ran = shell.run("drift", "e.yaml")
    assert ran.code == 0
    assert (
        "EndpointConfig 'theirs': productionVariants[0].modelName names Model 'm', which does not exist"
        in ran.out
    )
    assert "theirs" not in shell.run("drift", "e.yaml", "--no-dangling").out


def test_verbose_shows_what_is_quiet(shell: Shell) -> None:
    """-v shows members at their defaults."""
    shell.write("serving.yaml", SERVING)
    shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    assert "initialVariantWeight" not in shell.run("drift", "serving.yaml").out
    assert "initialVariantWeight: 1.0, the service default" in shell.run("drift", "serving.yaml", "-v").out


def test_what_may_not_be_shown_is_not(shell: Shell, sandbox: Sandbox) -> None:
    """A model card changed outside is drift of a value that no output shows."""
    shell.write("card.yaml", GROUP + "---\n" + CARD)
    assert shell.run("apply", "card.yaml", "--yes", "--poll", "0.05s").code == 0
    by_hand = client(sandbox)
    (version,) = by_hand.list_model_packages(ModelPackageGroupName="fraud")["ModelPackageSummaryList"]
    content = json.dumps({"model_overview": {"model_description": CANARY + "-too"}})
    by_hand.update_model_package(
        ModelPackageArn=version["ModelPackageArn"], ModelCard={"ModelCardContent": content}
    )
    for form in ("text", "json"):
        ran = shell.run("drift", "card.yaml", "-v", "--format", form)
        assert ran.code == 2, ran
        assert "modelCardContent" in ran.out
        assert CANARY not in ran.out + ran.err


def test_a_contended_field_is_reported(stage: Stage) -> None:
    """Drift reports a field that a sync no longer corrects because another writer changes it repeatedly."""
    document = document_text("Experiment", "churn", "displayName: ours")
    stage.apply(document, now=0)
    for number in range(6):
        stage.client().update_experiment(ExperimentName="churn", DisplayName="theirs")
        stage.reconcile(document, now=number)
    tree = compile_documents(document)
    (found,) = drifts(tree, stage._reconcile_bundle(tree, lambda _: False, stage.cloud(), {"now": 60}))
    assert [change.before for change in found.of(DriftCategory.DECLARED)] == ["theirs"]
    assert "! contended: displayName was corrected 5 times" in drift_text(
        [found], None, Style(300), verbose=False
    )
    contended = drift_json([found], None, "1.2.3")["resources"][0]["contended"]
    assert contended == list(found.contended)
    assert len(contended) == 1
