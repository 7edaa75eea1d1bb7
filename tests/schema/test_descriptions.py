"""Descriptions of members: every one has one, and only ``explain`` and the generators load them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

from controller.crds.definition import definition
from controller.kinds import KINDS, SERVICES
from controller.schema import descriptions as module
from controller.schema.contract import contract
from controller.schema.descriptions import (
    BY_NAME,
    BY_TYPE,
    OF_KINDS,
    DescriptionError,
    description,
    descriptions,
)
from controller.schema.shape import Shape, shape
from tests.journeys.stage import document_text
from tests.repo.test_language import banned

LONGEST = 140  # characters of a text
COPIED = 8  # words in a row that AWS has as well
ANNOTATION = 256 * 1024  # bytes of all annotations of an object, and so of what `kubectl apply` keeps there
WRITTEN_AS_A_MAP = "Tag"  # tags are a map in documents: its members are never shown


@cache
def _holders(kind: str) -> Mapping[str, Shape]:
    """The structures of a kind's spec, by name."""
    found: dict[str, Shape] = {}
    open_shapes = [contract(kind).spec]
    while open_shapes:
        of = open_shapes.pop()
        while of.type in ("list", "map"):
            of = shape(of.element or of.value)
        if of.type == "structure" and of.name not in found and of.name != WRITTEN_AS_A_MAP:
            found[of.name] = of
            open_shapes += [shape(each) for name, each in of.members.items() if name not in of.tokens]
    return found


def _all_holders() -> dict[str, Shape]:
    return {name: each for kind in KINDS for name, each in _holders(kind).items()}


def _texts() -> Iterator[tuple[str, str]]:
    """Each text with its path."""
    for table, members in descriptions().items():
        for name, text in members.items():
            yield f"{table}.{name}", text


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_of_a_spec_is_described(kind: str) -> None:
    """Every member of a spec, at any depth, has a text."""
    silent = [
        f"{of.name}.{name}"
        for of in _holders(kind).values()
        for name in of.members
        if name not in of.tokens and not description(of, name)
    ]
    assert not silent


def test_every_kind_is_described() -> None:
    """Each kind has a line, no two have the same, and no other line exists."""
    texts = descriptions()[OF_KINDS]
    assert texts.keys() == KINDS.keys()
    assert len(set(texts.values())) == len(texts)


def test_no_text_is_left_over() -> None:
    """Each text describes a member that some spec has; those that are shared are used at least once."""
    holders = _all_holders()
    tables = descriptions()
    left_over = [
        f"{table}.{name}"
        for table in tables.keys() - {BY_TYPE, BY_NAME, OF_KINDS}
        for name in tables[table]
        if table not in holders or name not in holders[table].members
    ]
    assert not left_over
    shown = {description(of, name) for of in holders.values() for name in of.members if name not in of.tokens}
    unused = [
        f"{table}.{name}"
        for table in (BY_TYPE, BY_NAME)
        for name, text in tables[table].items()
        if text not in shown
    ]
    assert not unused


def _tokens_of(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", re.sub(r"<[^>]+>", " ", text).casefold())


def _word_runs(tokens: list[str]) -> set[tuple[str, ...]]:
    return {tuple(tokens[at : at + COPIED]) for at in range(len(tokens) - COPIED + 1)}


@cache
def _aws_texts() -> tuple[frozenset[tuple[str, ...]], frozenset[tuple[str, ...]]]:
    """The documentation of every member in botocore's models: whole texts and first sentences, and runs of words."""
    whole, runs = set[tuple[str, ...]](), set[tuple[str, ...]]()
    for service in SERVICES:
        for of in Loader().load_service_model(service, "service-2")["shapes"].values():
            for each in of.get("members", {}).values():
                text = each.get("documentation", "")
                whole |= {tuple(_tokens_of(text)), tuple(_tokens_of(text.split(". ")[0]))}
                runs |= _word_runs(_tokens_of(text))
    return frozenset(whole - {()}), frozenset(runs)


def test_no_text_is_a_copy() -> None:
    """No text is a sentence of botocore's documentation, and none shares eight successive words with it."""
    whole, runs = _aws_texts()
    assert len(whole) > 2000
    copied = [
        where
        for where, text in _texts()
        if tuple(_tokens_of(text)) in whole or _word_runs(_tokens_of(text)) & runs
    ]
    assert not copied


def test_texts_have_one_form() -> None:
    """A text begins with a capital, is one line without a period at its end, short, and plain technical English."""
    wrong = [
        where
        for where, text in _texts()
        if not re.match("[A-Z0-9]", text)
        or len(text) > LONGEST
        or text != text.strip()
        or text.endswith(".")
        or "\n" in text
        or banned(text)
    ]
    assert not wrong


def test_a_member_that_is_described_twice_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files with the same line are refused, because one of them would be ignored."""
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text('[ModelSpec]\nModelName = "Name"\n', encoding="utf-8")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    descriptions.cache_clear()
    with pytest.raises(DescriptionError, match="ModelSpec has ModelName twice"):
        descriptions()
    descriptions.cache_clear()


PROGRAM = """
import sys
from contextlib import suppress
from controller.cli.main import main
with suppress(SystemExit):
    main(sys.argv[1:])
descriptions = sys.modules.get("controller.schema.descriptions")
sys.exit(descriptions is not None and descriptions.descriptions.cache_info().currsize)
"""


@pytest.mark.parametrize(
    ("command", "reads"),
    [
        (["--help"], 0),
        (["validate", "a.yaml"], 0),
        (["plan", "a.yaml", "--sandbox"], 0),
        (["explain", "model"], 1),
    ],
    ids=lambda each: each[0] if isinstance(each, list) else str(each),
)
def test_only_what_explains_reads_the_texts(command: list[str], reads: int, tmp_path: Path) -> None:
    """In a separate process, neither help nor validation nor a plan reads them; an explanation does."""
    (tmp_path / "a.yaml").write_text(
        document_text("ModelPackageGroup", "fraud", "modelPackageGroupDescription: versions"),
        encoding="utf-8",
    )
    line = [sys.executable, "-c", PROGRAM, *command]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == reads, done.stderr


def _descriptions(properties: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    for name, each in properties.items():
        yield f"{where}.{name}", each.get("description", "")
        inner = each
        while "items" in inner or isinstance(inner.get("additionalProperties"), dict):
            inner = inner.get("items") or inner["additionalProperties"]
        yield from _descriptions(inner.get("properties", {}), f"{where}.{name}")


@pytest.mark.parametrize("kind", KINDS)
def test_definitions_hold_the_texts_and_stay_small(kind: str) -> None:
    """``kubectl explain`` shows a text for each top member, and ``kubectl apply`` can keep a copy of the definition."""
    made = definition(kind)
    spec = made["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert not [
        where for where, text in _descriptions(spec.get("properties", {}), "spec") if not text.endswith(".")
    ]
    of = contract(kind).spec
    texts = [text for _, text in _descriptions(spec.get("properties", {}), "spec")]
    for name in of.members:
        if name not in of.tokens and name not in contract(kind).kind.write.outputs:
            assert any(text.startswith(f"{description(of, name)}.") for text in texts), name
    assert len(json.dumps(made, separators=(",", ":")).encode()) < ANNOTATION
