"""The generated pages are up to date."""

import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from controller.crds.json_schema import schema
from controller.kinds import KINDS
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from controller.operator.argocd import argocd_text
from controller.operator.rbac import rbac_text
from controller.sandbox.kinds import KINDS as SANDBOX
from controller.schema.contract import contract
from tests.journeys.tree import TREE
from tests.reference.definitions import markdown_table
from tests.reference.files import stale_files
from tests.reference.pages import page
from tests.reference.tables import front_table, replace_table, sandbox_table
from tests.repo.files import ROOT


def test_pages_and_tables_are_in_step() -> None:
    """Pages and tables of kinds, policy, settings, metrics, packages and walks are equal to the generators' output."""
    assert [str(path.relative_to(ROOT)) for path in stale_files()] == [], "run `make docs` and commit"


def test_a_cell_does_not_end_at_a_pipe() -> None:
    """A text with a pipe stays in its cell."""
    assert markdown_table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [("base/rbac.yaml", rbac_text), ("argocd/argocd-cm.yaml", argocd_text)],
    ids=["rbac", "argocd"],
)
def test_rights_and_health_checks_are_in_step(file: str, text: object) -> None:
    """The operator's rights and Argo CD's health checks are those of the kinds that there are."""
    assert callable(text)
    assert (ROOT / "deploy" / file).read_text(encoding="utf-8") == text(), "run `make crds` and commit"


def test_every_kind_is_in_both_tables() -> None:
    """No row is left out of README.md's table, and no kind of the sandbox of its own."""
    assert set(re.findall(r"^\| \[(\w+)\]", front_table(), re.MULTILINE)) == set(KINDS)
    assert set(re.findall(r"^\| (\w+) ", sandbox_table(), re.MULTILINE)) == {
        "kind",
        *(each.name for each in SANDBOX),
    }


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_page_has_every_field_and_call(kind: str) -> None:
    """A page has each writable member, and each operation of the row."""
    text, of = page(contract(kind)), contract(kind)
    for name in of.settable:
        assert f"`{name[0].lower()}{name[1:]}" in text or f"`{name.lower()}" in text.lower()
    for operation in (of.creates, of.describes, of.updates, of.deletes, of.lists):
        assert operation is None or operation.name in text


@pytest.mark.parametrize(
    "path", sorted((ROOT / "examples").rglob("*.yaml")), ids=lambda path: path.parent.name
)
def test_every_example_fits_its_json_schema(path: Path) -> None:
    """The schemas for editors accept what the loader accepts."""
    for raw in read(path.name, path.read_bytes(), Limits()).documents:
        value = raw.value
        if isinstance(value, dict) and value.get("kind") in KINDS:
            assert not list(Draft202012Validator(schema(value["kind"])).iter_errors(value))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_schema_refuses_what_the_loader_refuses(kind: str) -> None:
    """A document of the tree fits; a misspelled field, another version and a document without a spec do not."""
    value = read("a.yaml", TREE[kind].encode(), Limits()).documents[0].value
    validator = Draft202012Validator(schema(kind))
    assert not list(validator.iter_errors(value))
    wrong = (
        {**value, "spec": {**value["spec"], "misspelled": 1}},
        {**value, "apiVersion": "v1"},
        {key: each for key, each in value.items() if key != "spec"},
    )
    assert not any(validator.is_valid(each) for each in wrong)


def test_a_page_without_the_comments_is_refused() -> None:
    """A page without the comments that mark the table's position is an error."""
    with pytest.raises(ValueError, match="make docs"):
        replace_table("# A page\n", "| kind |\n")


def test_numbers_of_kinds_are_counted() -> None:
    """The number of kinds on a page is the number of rows."""
    for name in ("README.md", "docs/kubernetes.md", "docs/architecture.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert set(re.findall(r"\b(\d+) kinds\b", text)) <= {str(len(KINDS))}, name
