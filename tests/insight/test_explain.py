import json
from typing import Any

import pytest

from controller.cli.examples import document_of
from controller.gitops.settings_model import SettingsModel
from controller.kinds import KINDS, DerivedFrom, SameAs
from controller.manifests.document import POLICY
from controller.manifests.load import load_bytes
from controller.output.explain import field_json, kinds_json
from controller.schema.contract import contract
from controller.schema.explain import Mutability, NoSuchField, explain
from controller.schema.shape import Shape, shape
from tests.cli.conftest import Shell


def effect_of_change(kind: str, *parts: str) -> Mutability | None:
    """The effect of a change of a field."""
    return explain(contract(kind), parts).change


def test_what_a_change_does() -> None:
    """Each way of applying a change is derived from the model and the row."""
    assert effect_of_change("Endpoint", "endpointName") is Mutability.IDENTITY
    assert effect_of_change("Endpoint", "endpointConfigName") is Mutability.UPDATE
    assert effect_of_change("EndpointConfig", "productionVariants", "instanceType") is Mutability.GENERATION
    assert effect_of_change("FeatureGroup", "featureDefinitions") is Mutability.GROWS
    assert effect_of_change("FeatureGroup", "roleArn") is Mutability.FROZEN
    assert effect_of_change("ModelPackage", "domain") is Mutability.VERSION
    assert effect_of_change("TrainingJob", "hyperParameters") is Mutability.RUN
    assert effect_of_change("TrainingJob", "profilerConfig") is Mutability.WHILE_IT_RUNS
    assert (
        effect_of_change("TrainingJob", "resourceConfig", "keepAlivePeriodInSeconds")
        is Mutability.ONCE_IT_ENDED
    )
    assert effect_of_change("TrainingJob", "resourceConfig", "instanceType") is Mutability.RUN
    assert (
        effect_of_change("Workteam", "memberDefinitions", "cognitoMemberDefinition", "userPool")
        is Mutability.UPDATE
    )
    assert effect_of_change("Model", "tags") is Mutability.UPDATE


def test_a_field_tells_links_limits_defaults_and_secrets() -> None:
    """Type, limits, pattern, default, link and sensitivity of a field are shown."""
    model = explain(contract("EndpointConfig"), ("productionVariants", "modelName"))
    assert (model.path, model.links) == ("productionVariants[].modelName", ("Model",))
    assert model.maximum == 63
    weight = explain(contract("EndpointConfig"), ("ProductionVariants", "InitialVariantWeight"))
    assert (weight.default, weight.type) == (1.0, "number")
    secret = explain(contract("Workforce"), ("oidcConfig", "clientSecret"))
    assert secret.secret
    assert secret.unreadable
    assert explain(contract("Pipeline"), ("pipelineDefinition",)).document
    assert explain(contract("EndpointConfig"), ("productionVariants",)).key == "variantName"
    assert explain(contract("ModelPackage"), ("modelApprovalStatus",)).choices == (
        "Approved",
        "Rejected",
        "PendingManualApproval",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_every_kind_is_explained(kind: str) -> None:
    """Every path into a kind's spec is explained, as JSON too, and lists the fields inside."""
    kind_contract = contract(kind)
    todo: list[tuple[str, ...]] = [()]
    while todo:
        parts = todo.pop()
        found = explain(kind_contract, parts)
        assert json.dumps(field_json(found))
        if len(parts) < 3:
            todo += [
                (*parts, each.path.rsplit(".", 1)[-1]) for each in found.members if each.members or not parts
            ]


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_stands_where_the_model_has_a_member(kind: str) -> None:
    """A row's defaults name members of the spec, with values of their type and among their choices."""
    kind_contract = contract(kind)
    for pattern, default in kind_contract.kind.compare.defaults.items():
        found = _shape_at(kind_contract.spec, pattern)
        if found.enum and isinstance(default, str):
            assert default in found.enum, pattern
        if isinstance(default, SameAs):
            assert default.member in kind_contract.body.members
        if isinstance(default, DerivedFrom):
            around = pattern.rpartition(".")[0]
            assert _shape_at(
                _shape_at(kind_contract.spec, around) if around else kind_contract.spec, default.of
            ).type


def _shape_at(start: Shape, pattern: str) -> Shape:
    here = start
    for part in pattern.replace("[]", ".[]").split("."):
        here = shape(here.element) if part == "[]" else shape(here.members[part])
    return here


def test_a_slip_gets_a_guess() -> None:
    """An unknown field is refused with the most similar one, or with all of them."""
    with pytest.raises(NoSuchField) as slip:
        explain(contract("Model"), ("primaryContainer", "modelDataUr"))
    assert slip.value.hint == "did you mean 'modelDataUrl'?"
    with pytest.raises(NoSuchField) as odd:
        explain(contract("Endpoint"), ("zzz",))
    assert odd.value.hint.startswith("it has endpointName, endpointConfigName")


def test_the_command(bare_shell: Shell) -> None:
    """``sagectl explain`` lists kinds and describes a kind and a field, in any spelling, without an account."""
    listed = bare_shell.run("explain")
    assert listed.code == 0
    assert len(listed.out.splitlines()) == len(KINDS) + 1 == len(kinds_json()) + 1
    assert "generations" in bare_shell.run("explain", "endpoint-configs").out
    field = bare_shell.run("explain", "endpointconfig.productionVariants[0].instanceType")
    assert "a new generation takes over" in field.out
    document: dict[str, Any] = json.loads(bare_shell.run("explain", "Model", "--format", "json").out)
    assert {"kind", "nature", "calls", "fields"} <= set(document)
    slip = bare_shell.run("explain", "modle")
    assert slip.code == 1
    assert "did you mean 'models'?" in slip.err
    assert "did you mean 'policy'?" in bare_shell.run("explain", "polic").err
    assert "did you mean 'sagectl.yaml'?" in bare_shell.run("explain", "sagectl.yml").err
    assert "Name that clients call" in bare_shell.run("explain", "endpoint").out
    assert bare_shell.run("explain", "model.spec.tag").err.endswith("did you mean 'tags'?\n")


def test_a_kind_ends_with_a_document_to_begin_with(bare_shell: Shell) -> None:
    """The explanation of a kind ends with an example that validates, and with its source."""
    out = bare_shell.run("explain", "endpoint").out
    document = out[out.index("apiVersion:") :].partition("\n\n")[0]
    bare_shell.write("endpoint.yaml", document)
    assert bare_shell.run("validate", "endpoint.yaml").code == 0


def test_policy_is_explained_whole(bare_shell: Shell) -> None:
    """Every field of ``policy`` is explained, with its values."""
    out = bare_shell.run("explain", "policy").out
    for name, member in POLICY.items():
        line = next(each for each in out.splitlines() if each.split()[:1] == [name])
        assert member.values in line
        assert member.description in line
    found = {
        each["field"]: each
        for each in json.loads(bare_shell.run("explain", "policy", "--format", "json").out)
    }
    assert {name: each["meaning"] for name, each in found.items()} == {
        name: member.description for name, member in POLICY.items()
    }


def test_what_a_field_takes_is_told_in_words(bare_shell: Shell) -> None:
    """Patterns of alternatives are shown as a list of choices."""
    assert "takes:     anything but spaces" in bare_shell.run("explain", "model.primaryContainer.image").out


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_an_example_that_validates(kind: str) -> None:
    """The example of a kind is a document of that kind that has no finding of its own."""
    text, source = document_of(kind)
    assert source
    loaded = load_bytes([("example.yaml", text.encode())], variables=dict.fromkeys(("image", "model"), "x:1"))
    assert [str(each) for each in loaded.findings] == []
    assert [each.ref.kind for each in loaded.documents] == [kind]


def test_members_of_policy_and_settings_are_explained(bare_shell: Shell) -> None:
    """One member of policy or of sagectl.yaml is explained by itself; a mistyped one gets a suggestion."""
    for member in POLICY:
        assert member in bare_shell.run("explain", f"policy.{member}").out
    assert len(bare_shell.run("explain", "policy.deletion").out.splitlines()) < len(
        bare_shell.run("explain", "policy").out.splitlines()
    )
    for setting in (field.alias or "" for field in SettingsModel.model_fields.values()):
        found = json.loads(bare_shell.run("explain", f"sagectl.yaml.{setting}", "--format", "json").out)
        assert [each["field"] for each in found] == [setting]
    assert len(json.loads(bare_shell.run("explain", "sagectl.yaml", "--format", "json").out)) == len(
        SettingsModel.model_fields
    )
    assert "deletion" in bare_shell.run("explain", "policy.deletoin").err
    assert "region" in bare_shell.run("explain", "sagectl.yaml.regio").err
