"""Tags that others change, and optional members that are taken out of a document."""

from pathlib import Path

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.discovery import discover
from controller.engine.restrictions import Restrictions
from controller.insight.drift import drifts
from controller.insight.export import SetTags, export
from controller.manifests.document import IgnoredTags
from controller.output.plan_text import plan_text
from controller.output.terminal import Style
from tests.cli.conftest import Shell
from tests.journeys.stage import HEAD, Stage, acting_steps, compile_documents
from tests.kinds.cases import CASES

INPUTS = Path(__file__).parent / "inputs"


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account and an empty inventory."""
    return Stage(tmp_path)


def test_an_ignored_tag_is_ignored_alike(stage: Stage) -> None:
    """Drift, plan and apply ignore the tag of ``policy.ignore``; creation writes it."""
    document = (INPUTS / "ignore-tag.yaml").read_text()
    stage.apply(document)
    client = stage.client()
    arn = client.describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"]
    assert {"Key": "Team", "Value": "a"} in client.list_tags(ResourceArn=arn)["Tags"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "Team", "Value": "theirs"}])
    stage.forget_calls()
    seen = stage.reconcile(document, consent=False)
    assert not any(each.drifts for each in drifts(compile_documents(document), seen))
    assert acting_steps(seen.plan) == {}
    assert stage.apply(document).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_a_removed_member_is_unset_or_named(stage: Stage) -> None:
    """The description is removed; the parallelism, which has no empty form, is named until it is written again."""
    document = (INPUTS / "optional-removed.yaml").read_text()
    less = "".join(
        line
        for line in document.splitlines(keepends=True)
        if "parallelism" not in line and "pipelineDescription" not in line
    )
    stage.apply(document)
    (step,) = stage.plan(less).steps
    changes = {change.path[0]: change for change in step.changes}
    assert step.action is Action.UPDATE
    assert not changes["PipelineDescription"].stays
    assert changes["ParallelismConfiguration"].stays
    assert stage.apply(less).convergence is Convergence.SETTLED
    live = stage.client().describe_pipeline(PipelineName="p")
    assert not live.get("PipelineDescription")
    for _ in range(2):
        seen = stage.apply(less)
        (step,) = seen.plan.steps
        assert step.why is Reason.NOT_REMOVABLE
        assert "parallelismConfiguration" in step.detail
    assert any(each.drifts for each in drifts(compile_documents(less), stage.reconcile(less, consent=False)))
    text = plan_text(seen.plan, Style(100))
    assert "No changes" not in text
    assert "maxParallelExecutionSteps: 3" in text
    assert stage.plan(document).steps[0].action is Action.UPDATE


@pytest.mark.parametrize("way", ["default", "own"])
def test_default_tags_are_tags_of_every_document(stage: Stage, way: str) -> None:
    """A set's default tags are merged below a document's own, for kinds with tags; another default is a tag update."""
    spec = "spec: {tags: {team: own}}" if way == "own" else "spec: {}"
    group = f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: fraud}}\n{spec}\n"
    case = CASES["ModelPackageGroupPolicy"]
    policy = case.document("ModelPackageGroupPolicy", case.changes["ResourcePolicy"][0])
    limits = Restrictions(default_tags={"team": "all", "env": "prod"})
    report = stage.apply(group, policy, restrictions=limits)
    assert report.convergence is Convergence.SETTLED, [o.message for o in report.outcomes]
    client = stage.client()
    arn = client.describe_model_package_group(ModelPackageGroupName="fraud")["ModelPackageGroupArn"]
    shown = {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    assert shown["env"] == "prod"
    assert shown["team"] == ("own" if way == "own" else "all")
    assert acting_steps(stage.plan(group, policy, restrictions=limits)) == {}
    plan = stage.plan(group, policy, restrictions=Restrictions(default_tags={"team": "all", "env": "dev"}))
    assert [(step.action, [c.operation for c in step.calls]) for step in plan.acting] == [
        (Action.UPDATE, ["AddTags"])
    ]
    gone = stage.plan(group, policy, restrictions=Restrictions(default_tags={"team": "all"}))
    assert [[c.operation for c in step.calls] for step in gone.acting] == [["DeleteTags"]]


def test_tags_that_a_set_ignores_are_left_alone(stage: Stage) -> None:
    """Ignored tags match by key and prefix, whoever set them; the product's own tags are never ignored."""
    document = f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: g}}\nspec: {{tags: {{cost: a, team: b}}}}\n"
    ignored = IgnoredTags(frozenset({"cost"}), ("auto:", "sagemaker."))
    limits = Restrictions(ignored_tags=ignored)
    stage.apply(document, restrictions=limits)
    client = stage.client()
    arn = client.describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"]
    shown = {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    assert shown["cost"] == "a"
    client.add_tags(
        ResourceArn=arn, Tags=[{"Key": "cost", "Value": "theirs"}, {"Key": "auto:owner", "Value": "x"}]
    )
    seen = stage.reconcile(document, consent=False, restrictions=limits)
    assert acting_steps(seen.plan) == {}
    assert not any(each.drifts for each in drifts(compile_documents(document), seen))
    assert any(
        each.drifts for each in drifts(compile_documents(document), stage.reconcile(document, consent=False))
    )
    client.delete_tags(ResourceArn=arn, TagKeys=["sagemaker.gitops.dev/owner"])
    (step,) = stage.plan(document, restrictions=limits).steps
    assert step.action is Action.BLOCKED


def test_export_leaves_out_tags_of_the_set(stage: Stage) -> None:
    """Default tags at their values and ignored tags are not repeated; another value of a default tag is."""
    group = f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: g}}\nspec: {{tags: {{env: dev, team: own, cost: a}}}}\n"
    stage.apply(group)
    found = discover(stage.cloud(), ["ModelPackageGroup"], 1).found
    given = SetTags({"env": "prod", "team": "own"}, IgnoredTags(frozenset({"cost"})))
    (made,) = export(found, adopt=False, set_tags=given)
    assert made.spec["tags"] == {"env": "dev"}
    (plain,) = export(found, adopt=False)
    assert plain.spec["tags"] == {"env": "dev", "team": "own", "cost": "a"}


@pytest.mark.parametrize("own", [40, 41])
def test_too_many_tags_are_a_finding_with_its_place(shell: Shell, own: int) -> None:
    """Of 50 tags four are reserved; more own and default tags are an error at the document's tags."""
    tags = "".join(f"    own-{i}: a\n" for i in range(own))
    group = f"{HEAD}kind: ModelPackageGroup\nmetadata: {{name: g}}\nspec:\n  tags:\n{tags}"
    shell.write("ml/group.yaml", group)
    shell.write("ml/sagectl.yaml", "defaultTags: {own-0: b, a: a, b: b, c: c, d: d, e: e, f: f}\n")
    ran = shell.run("validate", "ml")
    assert ran.code == (0 if own == 40 else 1), ran
    if own > 40:
        assert "group.yaml:5:3" in ran.out
        assert "SG024" in ran.out
        assert "with defaultTags 47" in ran.out
