"""The strict YAML reader: its refusals, their positions, and no other exceptions."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from controller.core.finding import Code, Origin
from controller.core.path import Path
from controller.manifests.files import Limits
from controller.manifests.yaml_reader import YamlSource, read

LIMITS = Limits()


def read_text(text: str | bytes, limits: Limits = LIMITS) -> YamlSource:
    """Read a text."""
    return read("a.yaml", text.encode() if isinstance(text, str) else text, limits)


def finding_codes(text: str | bytes, limits: Limits = LIMITS) -> list[Code]:
    """The codes of a text's findings, in order."""
    return [finding.code for finding in read_text(text, limits).findings]


REFUSED = [
    ("a: 1\na: 2\n", Code.DUPLICATE_KEY, (2, 1)),
    ("{a: 1, 'a': 2}", Code.DUPLICATE_KEY, (1, 8)),
    ("a: &x 1\n", Code.ALIAS, (1, 4)),
    ("a: *x\n", Code.ALIAS, (1, 4)),
    ("<<: {a: 1}\n", Code.ALIAS, (1, 1)),
    ("a: !!str 1\n", Code.TAG, (1, 4)),
    ("a: !Ref b\n", Code.TAG, (1, 4)),
    ("a: !!python/object/apply:os.system [ls]\n", Code.TAG, (1, 4)),
    ("%YAML 1.1\n---\na: 1\n", Code.TAG, (1, 1)),
    ("1: a\n", Code.NOT_JSON, (1, 1)),
    ("true: a\n", Code.NOT_JSON, (1, 1)),
    ("? [a]\n: 1\n", Code.NOT_JSON, (1, 3)),
    ("? {a: b}\n: 1\n", Code.NOT_JSON, (1, 3)),
    ("on: a\n", Code.AMBIGUOUS_SCALAR, (1, 1)),
    ("a:\n  - NO\n", Code.AMBIGUOUS_SCALAR, (2, 5)),
    ("a: [1\n", Code.SYNTAX, (2, 1)),
    ("a: b: c\n", Code.SYNTAX, (1, 5)),
    (b"a: 1\nb: \xff\n", Code.SYNTAX, (2, 1)),
    ("a: 1".encode("utf-16"), Code.SYNTAX, (1, 1)),
    ("a: \x00\n", Code.SYNTAX, (1, 1)),
]


@pytest.mark.parametrize(("text", "code", "position"), REFUSED)
def test_a_trap_is_refused_at_its_place(text: str | bytes, code: Code, position: tuple[int, int]) -> None:
    """Row 12: each trap of YAML is a finding with its code, line and column."""
    (finding,) = read_text(text).findings
    assert (finding.code, finding.origin) == (code, Origin("a.yaml", *position))


def test_quoted_words_are_text() -> None:
    """Quotes and block scalars make any word a string, as a value and as a key."""
    (raw,) = read_text("'on': \"NO\"\n\"1\": '012'\n'<<': |\n  yes\n").documents
    assert raw.value == {"on": "NO", "1": "012", "<<": "yes\n"}


def test_all_traps_of_a_file_are_told_in_one_run() -> None:
    """A refused scalar does not hide the next one, and the paths without a value are known."""
    found = read_text("a: NO\nb: 012\nc: &x 1\n---\nd: off\n")
    assert [finding.code for finding in found.findings] == [
        Code.AMBIGUOUS_SCALAR,
        Code.AMBIGUOUS_SCALAR,
        Code.ALIAS,
        Code.AMBIGUOUS_SCALAR,
    ]
    assert [raw.broken for raw in found.documents] == [{("a",), ("b",)}, {("d",)}]


def test_documents_before_a_syntax_error_are_given() -> None:
    """Documents before a syntax error are still given."""
    found = read_text("a: 1\n---\nb: [\n")
    assert [raw.value for raw in found.documents] == [{"a": 1}]


def test_empty_documents_are_skipped() -> None:
    """Row 13: comments and separators alone make no document."""
    assert read_text("---\n# nothing\n---\na: 1\n---\n").documents[0].value == {"a": 1}
    assert len(read_text("---\n---\na: 1\n---\n").documents) == 1
    assert read_text("").documents == ()


def test_a_byte_order_mark_is_accepted() -> None:
    """A UTF-8 byte order mark is no part of the first key."""
    assert read_text(b"\xef\xbb\xbfa: 1\n").documents[0].value == {"a": 1}


def test_places_are_those_of_values_and_of_keys_of_nested_ones() -> None:
    """A scalar is placed where it is, a mapping at its key, a list item at its start."""
    (raw,) = read_text("a:\n  b: x\nc:\n- d: 1\n").documents
    origins = {path: (origin.line, origin.column) for path, origin in raw.origins.items()}
    assert origins == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 6),
        ("c",): (3, 1),
        ("c", 0): (4, 3),
        ("c", 0, "d"): (4, 6),
    }
    assert raw.origins.nearest(("a", "nothing", 0)) == Origin("a.yaml", 1, 1)


AT_LIMIT: list[tuple[str, int, str, str]] = [
    ("bytes_per_file", 10, "a: 1234567", "a: 12345678"),
    ("documents_per_file", 2, "---\n--- a\n--- b\n---\n", "--- a\n--- b\n--- c\n"),
    ("depth", 3, "[[[]]]", "[[[[]]]]"),
    ("nodes", 3, "{a: 1}", "{a: [1]}"),
]


def _positions_by_pyyaml(
    node: yaml.Node, path: Path = (), mark: yaml.Mark | None = None
) -> Iterator[tuple[Path, Origin]]:
    """The position of each value by PyYAML's nodes: of a list or object in an object, that of its key."""
    at = mark if mark is not None and not isinstance(node, yaml.ScalarNode) else node.start_mark
    yield path, Origin("a.yaml", at.line + 1, at.column + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _positions_by_pyyaml(value, (*path, key.value), key.start_mark)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _positions_by_pyyaml(value, (*path, number))


def test_each_value_of_each_example_has_its_place() -> None:
    """Positions are looked up later, from numbers in the order of the text: they are those of PyYAML's own nodes."""
    examples = sorted(FilePath(__file__).parents[2].joinpath("examples").rglob("*.yaml"))
    seen = 0
    for file in examples:
        text = file.read_text(encoding="utf-8")
        if finding_codes(text):
            continue
        nodes = yaml.compose_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        expected = [
            dict(_positions_by_pyyaml(node)) for node in nodes if node.tag != "tag:yaml.org,2002:null"
        ]
        documents = read_text(text).documents
        assert [dict(each.origins) for each in documents] == expected, file
        seen += sum(len(each.origins) for each in documents)
    assert seen > len(examples)


def test_values_after_a_duplicate_key_move_no_place() -> None:
    """A value after a duplicate key is checked for errors, and what follows keeps its own position."""
    (document,) = read_text("a: {b: 1}\na: {b: [2, 3], c: {d: 4}}\ne: 5\nf: {g: [6]}\n").documents
    assert document.value == {"a": {"b": 1}, "e": 5, "f": {"g": [6]}}
    assert {path: (o.line, o.column) for path, o in document.origins.items()} == {
        (): (1, 1), ("a",): (1, 1), ("a", "b"): (1, 8), ("e",): (3, 4), ("f",): (4, 1), ("f", "g"): (4, 5),
        ("f", "g", 0): (4, 9),
    }  # fmt: skip


@pytest.mark.parametrize(("name", "limit", "good", "bad"), AT_LIMIT)
def test_a_limit_holds_exactly_and_names_itself(name: str, limit: int, good: str, bad: str) -> None:
    """What is at the limit passes; one more is a finding that names the limit."""
    limits = replace(LIMITS, **{name: limit})
    assert finding_codes(good, limits) == []
    (finding,) = read_text(bad, limits).findings
    assert finding.code is Code.LIMIT
    assert f"limit {name}" in finding.message


def test_floods_are_stopped_before_they_are_built() -> None:
    """Row 12: deep nesting and nine-way aliases end in findings, whatever their number."""
    assert Code.LIMIT in finding_codes("[" * 100_000)
    assert Code.LIMIT in finding_codes("- " * 100_000)
    bomb = "a: &a [x]\n" + "".join(f"{c}: &{c} [{'*a,' * 9}]\n" for c in "bcdefg")
    assert set(finding_codes(bomb)) == {Code.ALIAS}


@given(st.binary(max_size=300))
@example(b"? *a : *b")
@example(b"*a")
@example(b"&a *a")
@example(b"- &a\n- ? &b\n")
def test_arbitrary_bytes_never_raise(data: bytes) -> None:
    """Any bytes give documents and findings, never an exception."""
    found = read_text(data)
    assert isinstance(found, YamlSource)


@given(st.text(alphabet="ab01:-?&*!|>'\"%@`{}[],#~<= \t\n\\\ufeff\u2028é", max_size=80))
def test_arbitrary_yaml_like_text_never_raises(text: str) -> None:
    """Any text made of YAML's own signs gives plain JSON data and findings."""
    for raw in read_text(text).documents:
        assert json.loads(json.dumps(raw.value)) == raw.value


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text('ab <é"\\\n$', max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab ", max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text("xyz", max_size=2), JSON_VALUES, max_size=3))
def test_json_is_read_as_json(value: dict[str, Any]) -> None:
    """A JSON text is a YAML text that means the same."""
    found = read_text(json.dumps(value, ensure_ascii=False))
    assert not found.findings
    assert found.documents[0].value == value
