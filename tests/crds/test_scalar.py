"""The model's patterns in RE2: rewritten ones match the same strings."""

import re

import pytest

from controller.crds.scalar import Translated, translate_pattern
from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.pattern import matches
from controller.schema.shape import Shape, shape
from tests.kubernetes.pattern_texts import text_like

REWRITTEN = [
    ("[a-z]+", Translated(("^(?:[a-z]+)$",))),
    ("a{1,2048}", Translated(("^(?:a+)$",), exact=False)),
    ("a{0,1024}b{3,4096}", Translated(("^(?:a*b{3,})$",), exact=False)),
    ("(?=.{1,32}$)a+", Translated(("^(?:a+)$", "^(?:.{1,32}$)"))),
    (r"(?!\s*$).+", Translated(("^(?:.+)$",), (r"^(?:\s*$)",))),
    ("(a-?)+(?<!-)", Translated(("^(?:(a-?)+)$",), ("-$",))),
    ("[a-]+(?<!-)(/[0-9])?", Translated(("^(?:[a-]+(/[0-9])?)$",), ("-(?:(/[0-9])?)$",))),
    (r"/(?!.*\.\.)[a-z.]+", Translated((r"^(?:/[a-z.]+)$",), (r"^/(?:.*\.\.)",))),
    (r"[\u0020-\uD7FF]*", Translated((r"^(?:[\x{0020}-\x{D7FF}]*)$",))),
    (r"[\uD800\uDC00-\uDBFF\uDFFF]*", Translated((r"^(?:[\x{10000}-\x{10FFFF}]*)$",))),
    (r"\p{Print}+[\p{Print}]", Translated((r"^(?:[ -~]+[ -~])$",))),
    (
        "(?!((^[ ]+.*)|(.*([:/])+.*)|(.*[ ]+$))).+",
        Translated(("^(?:.+)$",), ("^(?:((^[ ]+.*)|(.*([:/])+.*)|(.*[ ]+$)))",)),
    ),
    (r"[\p{Alnum}-]+\p{Alnum}", Translated((r"^(?:[0-9A-Za-z-]+[0-9A-Za-z])$",))),
    (r"([\p{L}]*)${1,128}", Translated((r"^(?:([\p{L}]*))$",))),
]


@pytest.mark.parametrize(("pattern", "translation"), REWRITTEN)
def test_a_pattern_is_rewritten_for_re2(pattern: str, translation: Translated) -> None:
    """Constructs that RE2 lacks are rewritten, or become separate patterns."""
    assert translate_pattern(pattern) == translation


@pytest.mark.parametrize("pattern", ["a(?!b)c|d(?=e)", r"(a)\1", "a++", "[a-z&&[^b]]"])
def test_what_has_no_counterpart_is_left_out(pattern: str) -> None:
    """A pattern that can't be expressed is omitted, because it would make the whole definition invalid."""
    assert translate_pattern(pattern) is None


def _shapes_with_pattern() -> list[Shape]:
    found: dict[str, Shape] = {}
    waiting = [contract(kind).spec for kind in KINDS]
    while waiting:
        like = waiting.pop()
        if like.name not in found:
            found[like.name] = like
            inner = [*like.members.values(), like.element, like.key, like.value]
            waiting += [shape(name) for name in inner if name]
    return [like for like in found.values() if like.pattern]


def test_every_pattern_of_the_model_is_kept() -> None:
    """None of the patterns in the specs has to be left out."""
    assert not [like.pattern for like in _shapes_with_pattern() if translate_pattern(like.pattern) is None]


def _is_python_pattern(like: Shape) -> bool:
    """Whether Python's re has the classes of the rewritten pattern; the others are for the API server alone."""
    translation = translate_pattern(like.pattern)
    return translation is not None and not any(
        mark in part for part in (*translation.must, *translation.never) for mark in (r"\p{", r"\x{")
    )


@pytest.mark.parametrize(
    "like", [each for each in _shapes_with_pattern() if _is_python_pattern(each)], ids=lambda each: each.name
)
def test_the_meaning_stays(like: Shape) -> None:
    """A text that matches the model's pattern matches the rewritten one, and no other does."""
    translation = translate_pattern(like.pattern)
    assert translation is not None
    good = text_like(like)
    for text in (good, f"{good}\n", f"{good}!", f"!{good}", good[:-1], "", "-", "é"):
        taken = all(re.search(part, text, re.ASCII) for part in translation.must) and not any(
            re.search(part, text, re.ASCII) for part in translation.never
        )
        # Python's $ also matches before a last line feed; RE2's does not.
        if not text.endswith("\n"):
            assert taken is matches(like.pattern, text), text
