"""Rules of the service that only the create call knew, in published inputs."""

from pathlib import Path

import pytest

from controller.core.finding import Code, errors
from controller.desired.bundle import bundle
from controller.desired.load import load

INPUTS = Path(__file__).parent / "inputs"


def found(name: str) -> list[tuple[Code, int, str]]:
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
    """Each broken rule is one error with its line and the members that it is about."""
    wrong = found(name)
    assert [(code, line) for code, line, _ in wrong] == [(Code.RULE, line) for line, _ in expected]
    assert all(text in message for (_, _, message), (_, text) in zip(wrong, expected, strict=True))


def test_two_artifacts_of_one_source_are_found_on_both() -> None:
    """The account has one artifact of a source, so each of the two documents names the other."""
    wrong = found("artifacts-one-source")
    assert [(code, line) for code, line, _ in wrong] == [(Code.SAME_AWS_NAME, 9), (Code.SAME_AWS_NAME, 4)]
    assert all("Artifact/a1" in message and "Artifact/a2" in message for _, _, message in wrong)


def test_single_quotes_are_taken_where_the_service_documents_them() -> None:
    """The shape of a compilation's input may be written as Python writes it."""
    assert found("compile-quotes") == []
