"""``policy`` has one definition: loader, definitions and ``explain`` follow the rows."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import controller
from controller.crds.definition import policy_schema
from controller.manifests.document import POLICY, OriginMap, Policy, PolicyMember
from controller.manifests.envelope import API_VERSION, read_envelope

ROOT = Path(controller.__file__).parent
HOME = ROOT / "manifests" / "document.py"
MANY = 3  # names of members side by side are a list of them


def _sample_values(member: PolicyMember) -> tuple[list[Any], list[Any]]:
    """Valid and invalid values of a member, by its schema."""
    schema = member.schema
    if member.choices is not None:
        return [each.value for each in member.choices], ["Nonsense", True]
    match schema["type"]:
        case "boolean":
            return [True, False], ["true", 1]
        case "integer":
            return [schema["minimum"], 7], [schema["minimum"] - 1, "1", 1.5]
        case "array":
            most, longest = schema["maxItems"], schema["items"]["maxLength"]
            return [[], ["/a"] * most], ["/a", ["/a"] * (most + 1), [1], ["/" + "a" * longest]]
    longest = schema["maxLength"]
    return ["a" * longest], ["a" * (longest + 1), 1]


def _is_refused(name: str, value: Any) -> bool:
    document = {
        "apiVersion": API_VERSION,
        "kind": "Model",
        "metadata": {"name": "a"},
        "spec": {},
        "policy": {name: value},
    }
    return bool(read_envelope(document, OriginMap("a.yaml"))[1])


@pytest.mark.parametrize("name", POLICY)
def test_the_loader_holds_a_member_to_its_row(name: str) -> None:
    """Each value that a row accepts is read, and each other one is a finding."""
    good, bad = _sample_values(POLICY[name])
    assert [each for each in good if _is_refused(name, each)] == []
    assert [each for each in bad if not _is_refused(name, each)] == []


@pytest.mark.parametrize("name", POLICY)
def test_a_definition_has_the_schema_of_the_row(name: str) -> None:
    """The members of a definition are those of the rows, with their types and limits; protection needs tags."""
    member = POLICY[name]
    for taggable in (True, False):
        properties = policy_schema(taggable=taggable)["properties"]
        assert list(properties) == list(POLICY)
        found = properties[name]
        assert found["type"] == member.schema["type"]
        assert found["description"].startswith(member.description)
        for limit in ("minimum", "maxItems", "maxLength", "pattern"):
            assert found.get(limit) == member.schema.get(limit)
        refused = member.is_tag and not taggable
        assert found.get("enum") == ([False] if refused else member.schema.get("enum"))


def test_every_row_says_what_it_does() -> None:
    """Each member has a sentence, and the default that the row documents is the one that holds."""
    for name, member in POLICY.items():
        assert member.description.endswith(".")
        value = getattr(Policy(), name)
        if member.choices is not None and value is not None:
            assert member.documented_default == value.value


def _collections(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Each literal collection, class body, call and signature, with the names in it."""
    for node in ast.walk(tree):
        names: list[str | None] = []
        if isinstance(node, ast.Dict):
            names = [_text(key) for key in node.keys]
        elif isinstance(node, ast.List | ast.Tuple | ast.Set):
            names = [_text(each) for each in node.elts]
        elif isinstance(node, ast.ClassDef):
            names = [
                getattr(each.target, "id", None) for each in node.body if isinstance(each, ast.AnnAssign)
            ]
        elif isinstance(node, ast.Call):
            names = [each.arg and each.arg.rstrip("_") for each in node.keywords]
        yield getattr(node, "lineno", 0), {each for each in names if each}


def _text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _lines_with_policy_members(text: str) -> list[int]:
    return [line for line, names in _collections(ast.parse(text)) if len(names & set(POLICY)) >= MANY]


# What an administrator restricts are not members (``replace`` and ``deletion`` are switches there), and an entry of the
# inventory keeps what it must know after the document is gone.
_OTHERS = {
    "engine/restrictions.py", "operator/tenants.py", "engine/update_inventory.py", "inventory/codec.py",
    "inventory/model.py", "operator/object_inventory.py",
}  # fmt: skip


def test_no_other_place_lists_the_members() -> None:
    """Beside the rows no collection, class or call in the product has three of the names."""
    found = {
        str(path.relative_to(ROOT)): lines
        for path in ROOT.rglob("*.py")
        if path != HOME
        and "sandbox" not in path.parts
        and (lines := _lines_with_policy_members(path.read_text(encoding="utf-8")))
    }
    assert {name: lines for name, lines in found.items() if name not in _OTHERS} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "X = {'deletion': 1, 'adopt': 2, 'replace': 3}",
        "X = ('ignore', 'sensitive', 'arn')",
        "class X:\n    mode: str\n    protect: bool\n    retry: str",
        "_fields(deletion_=1, adopt_=2, generations_=3)",
    ],
)
def test_a_second_list_is_found(planted: str) -> None:
    """A list of members planted in any of these forms is found."""
    assert _lines_with_policy_members(planted)
    assert not _lines_with_policy_members("X = {'name': 1, 'arn': 2}")
