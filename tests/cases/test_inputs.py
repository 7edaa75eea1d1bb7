"""Inputs with a mistake: each has a finding with file, line and column, and hides no other."""

from pathlib import Path

import pytest

from controller.cli.main import main
from controller.core.finding import Code, Finding, Origin, Severity, errors
from controller.manifests.bundle import bundle
from controller.manifests.load import load

INPUTS = Path(__file__).parent / "inputs"


def findings(name: str) -> tuple[Finding, ...]:
    """All findings of an input, as every command reports them."""
    found = load([str(INPUTS / name)])
    return (*found.findings, *bundle(found.documents).findings)


@pytest.mark.parametrize(
    ("name", "desired"),
    [
        ("list-lower", {(Code.TYPE, 5, 3)}),
        ("list-pascal", {(Code.UNKNOWN_FIELD, 6, 3)}),
        ("number", {(Code.TYPE, 5, 16), (Code.AMBIGUOUS_SCALAR, 5, 20), (Code.TYPE, 5, 36)}),
        ("text", {(Code.TYPE, 5, 9)}),
    ],
)
def test_tags_of_a_wrong_type_are_findings(name: str, desired: set[tuple[Code, int, int]]) -> None:
    """Tags as a list, a string or with a number have findings with line and column, and no further ones."""
    found = findings(f"tags/{name}.yaml")
    origins = {(each.code, each.origin.line, each.origin.column) for each in found if each.origin}
    assert origins == desired


def test_a_wrong_type_hides_no_other_finding() -> None:
    """The unknown field of another document is reported in the same run."""
    found = findings("tags/hides-another-finding.yaml")
    assert {each.code for each in found} == {Code.UNKNOWN_FIELD, Code.REQUIRED, Code.TYPE}


@pytest.mark.parametrize("command", [["validate"], ["plan", "--sandbox"], ["apply", "--yes", "--sandbox"]])
def test_a_wrong_type_stops_each_command_with_its_findings(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """No command reports a wrong type as an internal error."""
    for file in sorted((INPUTS / "tags").iterdir()):
        assert main([command[0], str(file), *command[1:]]) == 1
        shown = "".join(capsys.readouterr())
        assert f"{file}:" in shown
        assert "bug" not in shown
    assert errors(findings("tags/text.yaml"))


def test_a_placeholder_in_a_link_is_an_error() -> None:
    """A placeholder in a linked field is neither a document, a name in AWS nor an ARN of that kind."""
    (found,) = findings("labeling-no-team.yaml")
    assert (found.code, found.severity) == (Code.BAD_REFERENCE, Severity.ERROR)
    assert found.origin == Origin(str(INPUTS / "labeling-no-team.yaml"), 10, 18)
    assert "Workteam" in found.message


def test_a_member_of_another_kind_names_that_kind() -> None:
    """The error recommends a separate document for the policy of a group."""
    (found,) = findings("policy-in-group.yaml")
    assert found.code is Code.UNKNOWN_FIELD
    assert "ModelPackageGroupPolicy is a kind" in found.hint
