"""Open enums, and the unknown values that are treated as typing mistakes."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.core.finding import Severity
from controller.crds.scalar import scalar
from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.leaf import SpecPosition, text
from controller.schema.open_enums import OPEN, WORD, likely_meant, may_be_newer
from controller.schema.shape import Shape, shape
from tests.soak import soak

FORMER = json.loads((Path(__file__).parent / "former_choices.json").read_text(encoding="utf-8"))["choices"]


def _enum_shapes(kind: str) -> set[str]:
    found: dict[str, Shape] = {}

    def walk(of: Shape) -> Iterator[str]:
        if of.name in found:
            return
        found[of.name] = of
        if of.enum:
            yield of.name
        for name in (*of.members.values(), of.element, of.value, of.key):
            if name:
                yield from walk(shape(name))

    return set(walk(contract(kind).spec))


ALL = sorted(set().union(*(_enum_shapes(kind) for kind in KINDS)))


def _severity(value: str, of: Shape) -> Severity:
    (found,) = text(value, SpecPosition((), "", of), of)
    return found.severity


def test_every_open_choice_is_one_that_a_document_can_hold() -> None:
    """No name in the list is misspelled or of a removed shape, and all their values look like words."""
    assert set(ALL) >= OPEN
    assert all(re.match(WORD, word) for name in OPEN for word in shape(name).enum)


def test_what_grew_is_open() -> None:
    """Each choice with values that it did not have in February 2021 is open."""
    grew = {name for name, terms in FORMER.items() if set(shape(name).enum) - set(terms)}
    assert grew == set(FORMER)
    assert grew <= OPEN


@pytest.mark.parametrize("name", sorted(FORMER))
def test_no_word_that_aws_added_would_have_been_an_error(name: str) -> None:
    """By the model of February 2021, each value added since is newer, and none is a typing error."""
    former = tuple(FORMER[name])
    added = [word for word in shape(name).enum if word not in former]
    assert added
    assert [word for word in added if not may_be_newer(word, former)] == []


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_word_is_judged_by_the_choice_it_stands_for(name: str) -> None:
    """Newer values warn if the choice is open and are errors elsewhere; schema and check agree on which."""
    of = shape(name)
    assert of.open is (name in OPEN)
    assert ("enum" not in scalar(of)) is of.open
    assert _severity("zz9.brandnew", of) is (Severity.WARNING if of.open else Severity.ERROR)
    for word in of.enum:
        assert not list(text(word, SpecPosition((), "", of), of))
    for nonsense in ("", " ", "not a word", "a/b", "x" * 500, "${nothing", "\n"):
        assert _severity(nonsense, of) is Severity.ERROR


@pytest.mark.parametrize("every", [20, *soak(1)])
@pytest.mark.parametrize("name", sorted(OPEN))
def test_a_mistyped_choice_is_an_error(name: str, every: int) -> None:
    """Another case, no separators, a letter omitted or two swapped in a long part: each names a choice.

    The check looks for the nearest of hundreds of choices for its hint: `make soak` runs it for each of them.
    """
    of = shape(name)
    for number, word in enumerate(of.enum):
        wrong = {word.swapcase(), re.sub(r"[._-]", "", word), *_misspellings(word)} - set(of.enum)
        for each in wrong:
            assert likely_meant(each, of.enum), (each, word)
            assert number % every or _severity(each, of) is Severity.ERROR


def _misspellings(word: str) -> Iterator[str]:
    """The value with a letter omitted, and with two swapped, in the middle of each part of five letters or more."""
    for part in re.finditer(r"[A-Za-z]{5,}", word):
        at = part.start() + 2
        yield word[:at] + word[at + 1 :]
        yield word[:at] + word[at + 1] + word[at] + word[at + 2 :]
