import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from controller.core.finding import errors
from controller.core.path import get
from controller.core.phase import Action, Convergence
from controller.core.ref import Ref
from controller.engine.discovery import discover
from controller.engine.observed import OWNER
from controller.engine.order import Order
from controller.engine.reconcile import rebuild
from controller.insight.export import Exported, export
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from controller.manifests.yaml_writer import yaml_text
from controller.output.documents import document_of, head
from controller.sandbox import Sandbox
from tests.cli.conftest import Shell, client
from tests.cli.trees import SERVING
from tests.journeys.documents import GROUP, IMAGE, ROLE, config, endpoint, model, serving
from tests.journeys.stage import Stage, acting_steps, document_text
from tests.journeys.tree import TREE

CANARY = "canary-9921"
CARD = f'modelCard: {{modelCardStatus: Draft, modelCardContent: \'{{"note": "{CANARY}"}}\'}}\n'
TAGS = {"AddTags", "DeleteTags", "TagResource"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """An empty account."""
    return Stage(tmp_path / "first")


def export_account(
    stage: Stage, kinds: Iterable[str] = KINDS, *, adopt: bool = False
) -> tuple[Exported, ...]:
    """The account as documents."""
    seen = discover(stage.cloud(), kinds, 4)
    assert not seen.errors
    return export(seen.found, adopt=adopt)


def as_text(documents: Iterable[Exported]) -> str:
    """The stream that ``sagectl export`` prints."""
    return "---\n".join(head(each) + yaml_text(document_of(each)) for each in documents)


def read(documents: tuple[Exported, ...], filled: Mapping[str, str]) -> Bundle:
    """The stream compiled, with values for members that the service never returns."""
    loaded = load_bytes([("exported.yaml", as_text(documents).encode())], variables=filled)
    made = bundle(loaded.documents)
    assert not [str(each) for each in (*loaded.findings, *errors(made.findings))]
    return made


def placeholder_values(documents: Iterable[Exported]) -> dict[str, str]:
    """Values for members that can't be read back or are not shown, from the tree."""
    return {
        omitted_member.variable: _placeholder_value(each.ref.kind, omitted_member.path)
        for each in documents
        for omitted_member in each.omitted
        if omitted_member.variable
    }


def _placeholder_value(kind: str, path: str) -> str:
    value = get(yaml.safe_load(TREE[kind])["spec"], tuple(path.split(".")))
    return value if isinstance(value, str) else json.dumps(value)


def foreign_client(stage: Stage, folder: Path) -> Stage:
    """Another user of the account, without the inventory."""
    return Stage(folder, stage.sandbox)


def remove_our_tags(stage: Stage) -> None:
    """Remove the product's tags from all resources, as if they had been created by hand."""
    by_hand, scaling = stage.client(), stage.client("application-autoscaling")
    for arn in stage.sandbox.resources():
        if ":application-autoscaling:" in arn:
            tagged = scaling.list_tags_for_resource(ResourceARN=arn)["Tags"]
            scaling.untag_resource(ResourceARN=arn, TagKeys=list(tagged))
            continue
        try:
            tags = by_hand.list_tags(ResourceArn=arn)["Tags"]
        except by_hand.exceptions.ClientError:  # it has none
            continue
        if tags:
            by_hand.delete_tags(ResourceArn=arn, TagKeys=[tag["Key"] for tag in tags])
    for each in by_hand.list_model_packages(ModelPackageType="Versioned")["ModelPackageSummaryList"]:
        by_hand.update_model_package(
            ModelPackageArn=each["ModelPackageArn"], CustomerMetadataPropertiesToRemove=[OWNER]
        )


def test_every_kind_exported_plans_empty(stage: Stage, tmp_path: Path) -> None:
    """All kinds exported to a new inventory validate, and change nothing: links and hashes are equal, too."""
    stage.apply(*TREE.values())
    documents = export_account(stage, adopt=True)
    other = foreign_client(stage, tmp_path / "other")
    tree = read(documents, placeholder_values(documents))
    other.inventory_store.save(
        rebuild(tree, other.cloud(), other.inventory(), Order(set=other.set)).inventory
    )
    plan = other._reconcile_bundle(tree, lambda _: False, other.cloud(), {}).plan
    assert {step.action for step in plan.acting} <= {Action.ADOPT}
    assert {call.operation for step in plan.acting for call in step.calls} <= TAGS
    assert not plan.blocked
    assert {ref.kind for ref in tree.order} == set(KINDS)


def test_every_kind_made_by_hand_is_taken_over_by_tags_alone(stage: Stage, tmp_path: Path) -> None:
    """Unowned resources are exported with --adopt, adopted only by tags, and then have an empty plan."""
    stage.apply(*TREE.values())
    remove_our_tags(stage)
    documents = export_account(stage, adopt=True)
    tree = read(documents, placeholder_values(documents))
    other = foreign_client(stage, tmp_path / "other")
    other.forget_calls()
    assert other._go(tree, 7200, {}).convergence is Convergence.SETTLED
    assert set(other.mutations()) <= TAGS
    assert acting_steps(other._reconcile_bundle(tree, lambda _: False, other.cloud(), {}).plan) == {}


def test_without_adopt_nothing_is_taken_over(stage: Stage, tmp_path: Path) -> None:
    """An export without --adopt adopts nothing: each unowned resource is blocked, and none is recreated."""
    stage.apply(*TREE.values())
    remove_our_tags(stage)
    documents = export_account(stage)
    other = foreign_client(stage, tmp_path / "other")
    plan = other._reconcile_bundle(
        read(documents, placeholder_values(documents)), lambda _: False, other.cloud(), {}
    ).plan
    assert {step.action for step in plan.steps} <= {Action.BLOCKED, Action.NOOP}


def test_generations_go_by_the_name_of_their_document(stage: Stage) -> None:
    """A hashed name is omitted if the document gives the same one, and links have the document's name."""
    stage.apply(*serving())
    specs = {each.ref.kind: each for each in export_account(stage, ("Model", "EndpointConfig", "Endpoint"))}
    assert {str(each.ref) for each in specs.values()} == {
        "Model/fraud",
        "EndpointConfig/fraud",
        "Endpoint/fraud",
    }
    assert "modelName" not in specs["Model"].spec
    assert specs["EndpointConfig"].spec["productionVariants"][0]["modelName"] == "fraud"
    assert specs["Endpoint"].spec == {"endpointConfigName": "fraud"}


def test_two_generations_are_two_documents(stage: Stage) -> None:
    """Of two generations the newer has the document's name, the older one its own, and both export their own links."""
    keep = "generations: 1"
    stage.apply(model(policy=keep), config(policy=keep), endpoint())
    stage.apply(model(), config("ml.m5.xlarge", policy=keep), endpoint())
    documents = export_account(stage, ("EndpointConfig",))
    newer, older = sorted(documents, key=lambda each: "arn" in each.policy)
    assert newer.ref == Ref("EndpointConfig", "fraud")
    assert newer.spec["productionVariants"][0]["instanceType"] == "ml.m5.xlarge"
    assert older.policy["arn"].endswith(f"endpoint-config/{older.ref.name}")


def test_a_name_that_is_no_document_name_is_written_out(stage: Stage) -> None:
    """AWS names with capitals become lower-case documents with the name of their resource in the spec."""
    stage.client().create_model(ModelName="Fraud", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    stage.client().create_model(ModelName="fraud", PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    arns = {each.ref.name: each.policy["arn"] for each in export_account(stage, ("Model",))}
    assert sorted(arn.rpartition("/")[2] for arn in arns.values()) == ["Fraud", "fraud"]
    assert set(arns) == {"fraud", "fraud-2"}
    seen = discover(stage.cloud(), ("Model",), 4)
    named = export(seen.found, adopt=False, fixed_names=True)
    assert sorted(each.spec["modelName"] for each in named) == ["Fraud", "fraud"]
    assert not any(each.policy for each in named)


def test_what_looks_like_a_reference_stays_text(stage: Stage, tmp_path: Path) -> None:
    """A text with ${...} in the account is the same text after export, and no reference."""
    desired = document_text("Experiment", "odd", "description: 'costs $${var.none} and $${Model/x.arn}'")
    stage.apply(desired)
    (document,) = export_account(stage, ("Experiment",))
    assert document.spec["description"] == "costs $${var.none} and $${Model/x.arn}"
    other = foreign_client(stage, tmp_path / "other")
    assert (
        acting_steps(other._reconcile_bundle(read((document,), {}), lambda _: False, other.cloud(), {}).plan)
        == {}
    )


def test_a_secret_is_a_placeholder_that_validate_refuses(shell: Shell, sandbox: Sandbox) -> None:
    """The client secret is a placeholder for a reference: ``validate`` names it until it is replaced."""
    secret = "canary-77"
    ends = ("Authorization", "Token", "UserInfo", "Logout")
    oidc = {
        "ClientId": "me", "ClientSecret": secret, "Issuer": "https://idp.example.com",
        **{f"{name}Endpoint": f"https://idp.example.com/{name}" for name in ends},
        "JwksUri": "https://idp.example.com/keys",
    }  # fmt: skip
    client(sandbox).create_workforce(WorkforceName="crowd", OidcConfig=oidc)
    ran = shell.run("export", "--kind", "workforce")
    assert ran.code == 0, ran
    assert secret not in ran.out + ran.err
    shell.write("crowd.yaml", ran.out)
    refused = shell.run("validate", "crowd.yaml")
    assert refused.code == 1
    assert "SG027: spec.oidcConfig.clientSecret: this is not a reference to a secret" in refused.out
    shell.write("crowd.yaml", ran.out.replace("valueFrom: {}", "valueFrom: {env: CLIENT_SECRET}"))
    assert shell.run("validate", "crowd.yaml").code == 0


def test_a_file_for_each_resource(shell: Shell, sandbox: Sandbox) -> None:
    """-o writes a file for each resource; the folder validates, plans empty, and is not overwritten."""
    shell.write("serving.yaml", SERVING)
    assert shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s").code == 0
    ran = shell.run(
        "export", "--kind", "model", "--kind", "endpointconfig", "--kind", "endpoints", "-o", "ml"
    )
    assert ran.code == 0, ran
    files = sorted(path.name for path in (shell.folder / "ml").iterdir())
    assert files == ["endpoint-config-fraud.yaml", "endpoint-fraud.yaml", "model-fraud.yaml"]
    assert "tags:\n    team: risk" in (shell.folder / "ml" / "model-fraud.yaml").read_text()
    assert shell.run("inventory", "rebuild", "ml", "--inventory", "new.json", "--yes").code == 0
    assert shell.run("plan", "ml", "--inventory", "new.json").out.startswith("No changes.")
    again = shell.run("export", "--kind", "model", "-o", "ml")
    assert again.code == 1
    assert "already" in again.err


def test_names_narrow_an_export(shell: Shell, sandbox: Sandbox) -> None:
    """--name takes a glob; JSON is a list of documents; without a kind the error names the options."""
    for name in ("fraud-one", "fraud-two", "churn"):
        client(sandbox).create_experiment(ExperimentName=name)
    ran = shell.run("export", "--kind", "experiment", "--name", "fraud-*", "--format", "json")
    found: list[dict[str, Any]] = json.loads(ran.out)
    assert [each["metadata"]["name"] for each in found] == ["fraud-one", "fraud-two"]
    bare = shell.run("export")
    assert bare.code == 1
    assert "it takes --kind KIND, or --all" in bare.err


def test_what_goes_is_left_out(stage: Stage) -> None:
    """A resource that is being deleted gets no document, and a warning reports it."""
    stage.apply(*serving())
    stage.client().delete_endpoint(EndpointName="fraud")
    assert export_account(stage, ("Endpoint",)) == ()


def test_a_link_is_never_redirected_to_another_resource(stage: Stage) -> None:
    """A document does not get the name that a link in the account uses for a resource that is not exported."""
    by_hand = stage.client()
    for name in ("Fraud", "fraud"):
        by_hand.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
    variant = {
        "VariantName": "a",
        "ModelName": "fraud",
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    by_hand.create_endpoint_config(EndpointConfigName="on-fraud", ProductionVariants=[variant])
    by_hand.delete_model(ModelName="fraud")
    documents = {each.ref.kind: each for each in export_account(stage, ("Model", "EndpointConfig"))}
    assert documents["EndpointConfig"].spec["productionVariants"][0]["modelName"] == "fraud"
    assert documents["Model"].ref.name != "fraud"


def test_a_sensitive_member_is_a_placeholder(stage: Stage) -> None:
    """A model card's content is not shown though AWS returns it; the document has a variable."""
    card = document_text(
        "ModelPackage",
        "v1",
        f"modelPackageGroupName: fraud\n{CARD}inferenceSpecification: {{containers: [{{image: '{IMAGE}'}}]}}",
    )
    stage.apply(GROUP, card)
    documents = export_account(stage, ("ModelPackage",))
    assert CANARY not in as_text(documents)
    (omitted_member,) = documents[0].omitted
    assert omitted_member.path == "modelCard.modelCardContent"
    assert f"${{var.{omitted_member.variable}}}" in as_text(documents)


@pytest.mark.parametrize(
    ("kind", "arn", "code"),
    [
        ("Experiment", "arn:aws:sagemaker:us-east-1:1:experiment/a", "SG029"),
        ("PipelineExecution", "nightly", "SG025"),
    ],
)
def test_an_arn_to_adopt_is_checked(kind: str, arn: str, code: str) -> None:
    """policy.arn is for resources numbered by the service, and is an ARN."""
    spec = "description: a" if kind == "Experiment" else "pipelineName: train"
    loaded = load_bytes([("a.yaml", document_text(kind, "a", spec, f"arn: {arn}").encode())])
    assert [finding.code.value for finding in loaded.findings] == [code]


def test_a_hash_of_another_spec_keeps_its_name(stage: Stage, tmp_path: Path) -> None:
    """If a default was written out, the hash is of that spec: the document has the ARN and an empty plan."""
    weighed = config().replace(
        "instanceType: ml.m5.large", "instanceType: ml.m5.large, initialVariantWeight: 1"
    )
    stage.apply(model(), weighed, endpoint())
    documents = export_account(stage, ("Model", "EndpointConfig", "Endpoint"))
    (document,) = (each for each in documents if each.ref.kind == "EndpointConfig")
    assert document.ref.name == "fraud"
    assert "endpointConfigName" not in document.spec
    other = foreign_client(stage, tmp_path / "other")
    assert (
        acting_steps(other._reconcile_bundle(read(documents, {}), lambda _: False, other.cloud(), {}).plan)
        == {}
    )
