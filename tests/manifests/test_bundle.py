"""Compilation of documents to a bundle: links, output references, order."""

import random

import pytest

from controller.core.finding import Code
from controller.core.ref import Ref
from controller.manifests.bundle import Bundle, bundle
from controller.manifests.load import load_bytes
from tests.journeys.documents import all_documents, config, endpoint, model, pipeline
from tests.journeys.stage import document_text


def _bundle(*documents: str, across: bool = False) -> Bundle:
    loaded = load_bytes([(f"f{i}.yaml", text.encode()) for i, text in enumerate(documents)])
    return bundle(loaded.documents, across_namespaces=across)


def _codes(made: Bundle) -> list[Code]:
    return [finding.code for finding in made.findings]


def _with_namespace(namespace: str, text: str) -> str:
    return text.replace("metadata: {", f"metadata: {{namespace: {namespace}, ")


def test_a_link_by_document_name_is_an_edge() -> None:
    """The name of a document in a linked field makes that document come first."""
    made = _bundle(endpoint(), config(), model())
    assert made.order == (Ref("Model", "fraud"), Ref("EndpointConfig", "fraud"), Ref("Endpoint", "fraud"))
    assert made.resources[Ref("Endpoint", "fraud")].needs == {Ref("EndpointConfig", "fraud")}


@pytest.mark.parametrize("text", ["prod-model", "arn:aws:sagemaker:us-east-1:123456789012:model/prod-model"])
def test_a_link_by_aws_name_or_arn_of_a_document_is_an_edge(text: str) -> None:
    """The AWS name, or the ARN, of what a document makes names that document too."""
    linking = config().replace("modelName: fraud", f"modelName: '{text}'")
    made = _bundle(linking, model(extra="modelName: prod-model"))
    assert made.resources[Ref("EndpointConfig", "fraud")].needs == {Ref("Model", "fraud")}


def test_a_link_to_nothing_known_is_left_to_the_account() -> None:
    """A name that no document has is no finding: the account may have it."""
    made = _bundle(endpoint())
    assert made.findings == ()
    assert made.resources[Ref("Endpoint", "fraud")].links[0].target is None


def test_the_order_is_the_same_for_shuffled_documents() -> None:
    """The same documents in any order compile to the same order."""
    documents = all_documents()
    first = _bundle(*documents).order
    for seed in range(10):
        assert _bundle(*random.Random(seed).sample(documents, len(documents))).order == first


def test_a_cycle_is_printed_as_a_way() -> None:
    """Row 27: documents that need each other are shown as a -> b -> a, and only those of the cycle."""
    one = pipeline(extra="pipelineDescription: ${Pipeline/two.arn}").replace("name: train", "name: one")
    two = pipeline(extra="pipelineDescription: ${Pipeline/one.arn}").replace("name: train", "name: two")
    unrelated = pipeline(extra="pipelineDescription: ${Pipeline/one.arn}")
    (finding,) = _bundle(one, two, unrelated).findings
    assert finding.code is Code.CYCLE
    assert "Pipeline/one -> Pipeline/two -> Pipeline/one" in finding.message


def test_an_unknown_output_is_told_with_its_place() -> None:
    """Row 27: an output that the kind does not have is refused offline, with line and column and a guess."""
    noted = pipeline(extra="pipelineDescription: ${Pipeline/other.pipelineArm}")
    other = pipeline().replace("name: train", "name: other")
    (finding,) = _bundle(noted, other).findings
    assert finding.code is Code.BAD_REFERENCE
    assert "pipelineArn" in finding.hint
    assert finding.origin is not None
    assert finding.origin.line > 1


def test_an_output_of_no_document_is_told() -> None:
    """An output reference must name a document of the tree."""
    made = _bundle(pipeline(extra="pipelineDescription: ${Pipeline/trian.arn}"))
    assert _codes(made) == [Code.BAD_REFERENCE]


def test_another_namespace_is_refused_unless_allowed() -> None:
    """Row 67: A link across namespaces is a finding, and an edge where it is allowed."""
    there = _with_namespace("ml", model())
    here = _with_namespace("app", config().replace("modelName: fraud", "modelName: ml/fraud"))
    assert _codes(_bundle(there, here)) == [Code.CROSS_NAMESPACE]
    allowed = _bundle(there, here, across=True)
    assert allowed.resources[Ref("EndpointConfig", "fraud", "app")].needs == {Ref("Model", "fraud", "ml")}


def test_two_documents_of_one_aws_name_are_told_on_both() -> None:
    """Two documents with the same AWS name are both reported, with each other's position and the name."""
    one = pipeline()
    two = pipeline(extra="pipelineName: TRAIN").replace("name: train", "name: other")
    made = _bundle(one, two)
    assert _codes(made) == [Code.SAME_AWS_NAME, Code.SAME_AWS_NAME]
    assert "f1.yaml" in made.findings[0].message or "f1.yaml" in made.findings[1].message
    assert all(" have the same AWS name '" in each.message for each in made.findings)
    assert all(each.message.count("AWS") == 1 for each in made.findings)


def test_a_workforce_comes_before_a_team_that_does_not_name_it() -> None:
    """An account has one workforce, so a team depends on it although no field refers to it."""
    team = document_text(
        "Workteam",
        "team",
        "description: d\nmemberDefinitions:\n"
        "- cognitoMemberDefinition: {userPool: us-east-1_a, clientId: a, userGroup: g}",
    )
    force = document_text("Workforce", "crowd", "cognitoConfig: {userPool: us-east-1_a, clientId: a}")
    assert _bundle(team, force).order[0] == Ref("Workforce", "crowd")
