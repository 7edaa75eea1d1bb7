"""Values of a wrong type, at every member of every kind: a finding with its position, and no exception."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from controller.core.finding import Code, Finding, errors
from controller.core.path import Path, get, with_value
from controller.engine.order import Order
from controller.engine.reconcile import reconcile
from controller.kinds import KINDS
from controller.manifests.bundle import bundle
from controller.manifests.envelope import API_VERSION
from controller.manifests.load import load_bytes
from controller.schema.contract import contract
from controller.schema.leaf import SpecPosition, has_type
from tests.kinds.full import specs
from tests.kinds.linked_documents import NAMES
from tests.kinds.sample import covering_kinds, walk
from tests.soak import soak

# YAML that has a value of JSON, and the value
PLAIN: dict[str, Any] = {
    "null": None,
    "true": True,
    "7": 7,
    "1.5": 1.5,
    "word": "word",
    '""': "",
    "[word]": ["word"],
    "[[7], [null]]": [[7], [None]],
    "{zz: 1}": {"zz": 1},
    "2024-01-01": "2024-01-01",
    '"${Model/x.modelArn}"': "${Model/x.modelArn}",
    '"${var.missing}"': "${var.missing}",
}
# YAML that is refused at any position
REFUSED = (".nan", "-.inf", "123456789012345678901234567890", "!!binary aGVsbG8=", "*bomb", "&bomb [7]", "on")
DEEP = "[" * 70 + "]" * 70
_MARK = "@wrong@"


def document_of(kind: str, spec: Any, **others: Any) -> dict[str, Any]:
    """A document of that spec."""
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": "one"}, "spec": spec, **others}


def findings_with(value: Any, yaml: str) -> tuple[Finding, ...]:
    """The findings of a document in which the YAML replaces each mark."""
    text = json.dumps(value, indent=1).replace(json.dumps(_MARK), yaml)
    loaded = load_bytes([("it.yaml", text.encode())])
    made = bundle(loaded.documents)
    found = (*loaded.findings, *made.findings)
    if made.resources and errors(loaded.findings):
        with pytest.raises(ValueError, match="have errors"):
            reconcile(made, None, None, lambda _: True, Order(set="x"))  # type: ignore[arg-type]
    for each in found:
        assert each.origin is not None, each
        assert each.origin.file == "it.yaml", each
    return found


def all_paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every path inside a value."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield from all_paths(each, (*path, key))


def marked_specs(kind: str) -> Iterator[tuple[dict[str, Any], list[Path]]]:
    """Full specs of a kind with a mark at each member of one depth."""
    for spec in specs(kind):
        found = [path for path in all_paths(spec) if _is_in_model(kind, path)]
        for depth in range(1, max(map(len, found), default=0) + 1):
            marked, here = spec, [path for path in found if len(path) == depth]
            for path in here:
                marked = with_value(marked, path, _MARK)
            yield marked, here


def _is_in_model(kind: str, path: Path) -> bool:
    """Whether the model defines the value, and no form of this project."""
    position = SpecPosition((), "", contract(kind).spec)
    for part in path[:-1]:
        position = position.into(part)
        if position.member == "Tags" or position.member in (
            *contract(kind).secrets,
            *contract(kind).kind.compare.documents,
        ):
            return position.member == "Tags" and len(path) == 2
    return True


def _is_wrong(kind: str, path: Path, value: Any) -> bool:
    """Whether a value is of a wrong type there."""
    row, position = contract(kind).kind, SpecPosition((), "", contract(kind).spec)
    for part in path:
        inside, position = position, position.into(part)
    if path[0] == "tags":
        return value is not None and not isinstance(value, str if len(path) == 2 else dict)
    if value is None and inside.shape is not None and inside.shape.type == "structure":
        return False  # it counts as absent
    if position.member in (*contract(kind).secrets, *row.compare.documents):
        return position.member not in row.compare.documents or not isinstance(value, str | dict)
    if position.member in {link.field for link in row.identity.links}:
        return not isinstance(value, str)
    if isinstance(value, str) and "${" in value:
        return position.shape is not None and position.shape.type in ("structure", "list", "map")
    return position.shape is not None and not has_type(value, position.shape.type)


def _has_finding_at(path: Path, found: tuple[Finding, ...]) -> bool:
    """Whether a finding is at the path, inside its value, or at its container."""
    whole = ("spec", *path)
    return any(
        each.path[: len(whole)] == whole or (each.path and whole[: len(each.path)] == each.path)
        for each in found
    )


@pytest.mark.parametrize("kind", walk(KINDS))
def test_each_member_of_a_spec_refuses_each_wrong_type(kind: str) -> None:
    """Every member at every depth has a finding for each value that is not of its type."""
    for spec, here in marked_specs(kind):
        for yaml, value in PLAIN.items():
            found = findings_with(document_of(kind, spec), yaml)
            wrong = [path for path in here if _is_wrong(kind, path, value)]
            if isinstance(value, str) and value.startswith("${M"):
                # That there is no such document says no type.
                found = tuple(each for each in found if each.code is not Code.BAD_REFERENCE)
            assert not [path for path in wrong if not _has_finding_at(path, found)], yaml
        yaml = REFUSED[len(here) % len(REFUSED)]
        assert errors(findings_with(document_of(kind, spec), yaml)) or not here, yaml
    deep = {**next(specs(kind)), "tags": _MARK}
    assert errors(findings_with(document_of(kind, deep), DEEP))


@pytest.mark.parametrize("kinds", [covering_kinds(), *soak(frozenset(KINDS) - covering_kinds())], ids=len)
@pytest.mark.parametrize("yaml", [*PLAIN, *REFUSED, DEEP])
def test_each_part_of_an_envelope_refuses_each_wrong_type(yaml: str, kinds: frozenset[str]) -> None:
    """apiVersion, kind, metadata, spec and policy, and each of their members, of each kind."""
    policy = ("deletion", "adopt", "replace", "protect", "mode", "ignore", "generations", "arn", "retry")
    for kind in sorted(kinds):
        whole = document_of(kind, {}, policy=dict.fromkeys(policy, _MARK))
        found = findings_with(whole, yaml)
        assert errors(found) or yaml == "null"
        for path in (("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("spec",), ("policy",)):
            marked = with_value(document_of(kind, {"tags": {"a": "b"}}, policy={}), path, _MARK)
            assert errors(findings_with(marked, yaml)) or (
                path[0] == "policy" or _is_valid_there(path, yaml)
            ), (
                path,
                yaml,
            )
            assert get(marked, path) == _MARK


def _is_valid_there(path: Path, yaml: str) -> bool:
    """Whether the value is valid there: a name may be any string."""
    return path == ("metadata", "name") and yaml in ("word", "2024-01-01")


@pytest.mark.parametrize("kind", KINDS)
def test_what_names_a_faulty_document_still_finds_it(kind: str) -> None:
    """A document whose spec can't be read is not a missing one: nothing that names it has a finding for that."""
    users = [(row.name, link) for row in KINDS.values() for link in row.identity.links if link.to == kind]
    for user, link in users[:1]:
        text = json.dumps(document_of(kind, ["nonsense"]) | {"metadata": {"name": NAMES[kind]}})
        use = json.dumps(document_of(user, next(specs(user))))
        loaded = load_bytes([("a.json", text.encode()), ("b.json", use.encode())])
        made = bundle(loaded.documents)
        assert not [each for each in made.findings if f"{kind}/{NAMES[kind]}" in each.message], link
        assert kind in {ref.kind for ref in made.invalid_documents}
