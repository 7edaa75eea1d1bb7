"""Rules of the service that only the create call knew, in published inputs."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from controller.core.finding import Code, errors
from controller.manifests.bundle import bundle
from controller.manifests.interpolation import is_deferred
from controller.manifests.load import load, load_bytes
from controller.sandbox import Sandbox
from controller.schema.check import check
from controller.schema.contract import contract
from tests.sandbox.conftest import client_of

INPUTS = Path(__file__).parent / "inputs"


def find_errors(name: str) -> list[tuple[Code, int, str]]:
    """The errors of an input: code, line and message."""
    loaded = load([str(INPUTS / f"{name}.yaml")])
    wrong = errors((*loaded.findings, *bundle(loaded.documents).findings))
    return [(each.code, each.origin.line if each.origin else 0, each.message) for each in wrong]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model-neither", [(4, "primaryContainer, containers")]),
        (
            "invalid-endpoints",
            [
                (4, "initialInstanceCount cannot be given when serverlessConfig"),
                (4, "instanceType cannot be given when serverlessConfig"),
                (9, "only 1 element when productionVariants[].serverlessConfig"),
                (9, "memorySizeInMB must be a multiple of 1024"),
                (9, "provisionedConcurrency must be at most maxConcurrency"),
                (14, "variantName must be unique"),
                (19, "instanceType, instancePools, serverlessConfig"),
                (24, "blueGreenUpdatePolicy, rollingUpdatePolicy"),
            ],
        ),
        ("cfn-pipeline-body", [(4, "CloudFormation's form")]),
    ],
)
def test_a_broken_rule_is_found_at_its_place(name: str, expected: list[tuple[int, str]]) -> None:
    """Each violated rule is one error with its line and the members that it is about."""
    wrong = find_errors(name)
    assert [(code, line) for code, line, _ in wrong] == [(Code.RULE, line) for line, _ in expected]
    assert all(text in message for (_, _, message), (_, text) in zip(wrong, expected, strict=True))


def test_two_artifacts_of_one_source_are_found_on_both() -> None:
    """The account has one artifact for a source, so each of the two documents names the other."""
    wrong = find_errors("artifacts-one-source")
    assert [(code, line) for code, line, _ in wrong] == [(Code.SAME_AWS_NAME, 9), (Code.SAME_AWS_NAME, 4)]
    assert all("Artifact/a1" in message and "Artifact/a2" in message for _, _, message in wrong)


def test_single_quotes_are_taken_where_the_service_documents_them() -> None:
    """The shape of a compilation's input may be written in Python's notation."""
    assert find_errors("compile-quotes") == []


HEAD = "apiVersion: sagemaker.gitops.dev/v1alpha1\n"


def test_two_workforces_of_two_files_are_found_on_both() -> None:
    """An account has one private workforce, whatever the names and files of the documents."""
    spec = "spec: {cognitoConfig: {userPool: us-east-1_a, clientId: a}}\n"
    sources = [
        (f"{n}.yaml", f"{HEAD}kind: Workforce\nmetadata: {{name: {n}}}\n{spec}".encode()) for n in "ab"
    ]
    wrong = bundle(load_bytes(sources).documents).findings
    assert [(each.code, each.origin.file if each.origin else "") for each in wrong] == [
        (Code.SAME_AWS_NAME, "b.yaml"),
        (Code.SAME_AWS_NAME, "a.yaml"),
    ]


STEP = {"Name": "one", "Type": "Processing", "Arguments": {}}


@pytest.mark.parametrize(
    ("steps", "path", "text"),
    [
        ([{**STEP, "DependsOn": ["two"]}], (0, "DependsOn", 0), "no step"),
        ([STEP, STEP], (1, "Name"), "must be unique"),
        (
            [{**STEP, "Arguments": {"ProcessingInputs": [{}] * 11}}],
            (0, "Arguments", "ProcessingInputs"),
            "at most 10",
        ),
        ([{**STEP, "DependsOn": ["one"]}], (), "depend on each other"),
        (
            [{**STEP, "Arguments": {"RoleArn": {"Get": "Parameters.role"}}}],
            (0, "Arguments", "RoleArn", "Get"),
            "no parameter",
        ),
        ([{"Name": "one"}], (0,), "a Name and a Type"),
    ],
)
def test_a_broken_step_is_found_in_the_definition_and_refused_by_the_sandbox(
    steps: list[dict[str, Any]], path: tuple[str | int, ...], text: str
) -> None:
    """An error between steps has its path inside the document, and the sandbox refuses the same definition."""
    role, definition = "arn:aws:iam::123456789012:role/r", {"Version": "2020-12-01", "Steps": steps}
    spec = {"roleArn": role, "pipelineDefinition": definition}
    (wrong,) = check(spec, contract("Pipeline"), defers=is_deferred)
    assert (wrong.code, wrong.path) == (Code.RULE, ("pipelineDefinition", "Steps", *path))
    assert text in wrong.message
    with pytest.raises(ClientError, match="definition is invalid"):
        client_of(Sandbox()).create_pipeline(
            PipelineName="p",
            RoleArn=role,
            PipelineDefinition=json.dumps(definition),
            ClientRequestToken="t" * 32,
        )


def test_an_unknown_value_violates_no_rule() -> None:
    """The value of an output reference is not checked, and neither is what depends on it."""
    later = "${TrainingJob/churn.trainingJobName}"
    spec = {
        "recordIdentifierFeatureName": later,
        "eventTimeFeatureName": "at",
        "featureDefinitions": [{"featureName": later, "featureType": "String"}],
        "onlineStoreConfig": {"enableOnlineStore": True},
    }
    assert check(spec, contract("FeatureGroup"), defers=is_deferred) == ()
    steps = [{**STEP, "Name": later}, {**STEP, "Name": "two", "DependsOn": ["one"]}]
    definition = {"Version": "2020-12-01", "Steps": steps}
    role = "arn:aws:iam::123456789012:role/r"
    assert (
        check({"roleArn": role, "pipelineDefinition": definition}, contract("Pipeline"), defers=is_deferred)
        == ()
    )
