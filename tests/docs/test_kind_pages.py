"""The page of each kind: its example validates, and its sections match the program."""

import re

import pytest

from controller.core.finding import errors
from controller.core.phase import Action, Phase
from controller.engine.lookup import phase
from controller.kinds import KINDS
from controller.kinds.effects import Impact
from controller.manifests.bundle import bundle
from controller.manifests.load import load_bytes
from controller.schema.contract import contract
from controller.schema.descriptions import description
from controller.schema.names import lower_camel
from tests.reference.kind_sections import statuses
from tests.reference.pages import page_name
from tests.repo.files import ROOT

BEGINNINGS = {
    Phase.READY: "Ready",
    Phase.CHANGING: "in progress",
    Phase.FAILED: "failed",
    Phase.DELETING: "being deleted",
    Phase.ABSENT: "as if",
}


def _section(kind: str, head: str) -> str:
    """A section of the page of a kind; empty where the page has none."""
    text = (ROOT / "docs" / "kinds" / page_name(kind)).read_text(encoding="utf-8")
    found = re.search(rf"^## {head}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_validates_by_itself(kind: str) -> None:
    """The YAML of the page, saved as a file, has a document of the kind and no error."""
    (text,) = re.findall(r"```yaml\n(.*?)```", _section(kind, "Example"), re.DOTALL)
    loaded = load_bytes([("example.yaml", text.encode())])
    made = bundle(loaded.documents)
    assert not errors((*loaded.findings, *made.findings))
    assert kind in {each.ref.kind for each in loaded.documents}


@pytest.mark.parametrize("kind", KINDS)
def test_every_top_field_has_its_row_and_meaning(kind: str) -> None:
    """Each field of the spec has a row that begins with its meaning."""
    rows = _section(kind, "Fields").splitlines()
    of = contract(kind)
    for name in of.spec.members:
        if name in of.spec.tokens or name in of.kind.write.outputs:
            continue
        (row,) = (each for each in rows if each.startswith(f"| `{lower_camel(name)}` |"))
        assert f"` | {description(of.spec, name).replace('<', '&lt;')}.<br>**" in row


@pytest.mark.parametrize("kind", KINDS)
def test_states_are_those_of_the_engine(kind: str) -> None:
    """Each value of the status is listed, with the phase that the engine derives from it."""
    of = contract(kind)
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", _section(kind, "States"), re.MULTILINE))
    assert set(rows) == set(statuses(of))
    for word, text in rows.items():
        body: object = word
        for part in reversed(of.status_member.split(".")):
            body = {part: body}
        assert isinstance(body, dict)
        assert text.startswith(BEGINNINGS[phase(of, body)]), word


@pytest.mark.parametrize("kind", KINDS)
def test_deletions_that_hurt_say_so(kind: str) -> None:
    """The page lists deletions that cause an outage or lose data, with the required confirmation, and no others."""
    text = _section(kind, "Deletion")
    hurts = [
        each
        for each in contract(kind).kind.lifecycle.consequences
        if Action.DELETE in each.on and each.impact in (Impact.INTERRUPTS, Impact.LOSES)
    ]
    assert text.count("confirmed by name") == len(hurts)
    deletes = contract(kind).deletes
    assert deletes is None or deletes.name in text


@pytest.mark.parametrize("kind", KINDS)
def test_rights_hold_what_every_run_calls(kind: str) -> None:
    """A plan reads, and an apply creates, for every kind."""
    read, write = (line for line in _section(kind, "Permissions").splitlines() if line.startswith("| `"))
    of = contract(kind)
    assert re.search(r"Describe|List|Get", read)
    assert not re.search(r":(Create|Update|Delete|Start|Stop)", read)
    assert of.creates.name in write
