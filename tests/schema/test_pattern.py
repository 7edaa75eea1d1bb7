"""The model's Java patterns in Python."""

import pytest

from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.pattern import matches, understood
from controller.schema.shape import Shape, shape

TAG = shape("TagKey").pattern


def patterns(of: Shape, seen: set[str]) -> set[str]:
    """All patterns that a value of the shape may meet."""
    if of.name in seen:
        return set()
    seen.add(of.name)
    inner = (shape(name) for name in (*of.members.values(), of.element, of.key, of.value) if name)
    return {of.pattern} - {""} | {each for one in inner for each in patterns(one, seen)}


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (TAG, "team name_1:/=+-@.", True),
        (TAG, "équipe\u00a0Ω٣", True),
        (TAG, "a#b", False),
        (TAG, "a\tb", False),
        (TAG, "😀", False),
        (TAG, "\ue000", False),
        (TAG, "e\u0301", False),
        (shape("CustomerMetadataKey").pattern, "a b", True),
        (shape("CustomerMetadataKey").pattern, "a#b", False),
        (shape("EntityDescription").pattern, "e\u0301 😀 [x]^-\\", True),
        (shape("EntityDescription").pattern, "a\nb", False),
        (r"[\w]+", "é", False),
        (r"\d", "٣", False),
        ("^a$", "a\n", False),
        ("a", "ab", False),
    ],
)
def test_a_pattern_means_the_whole_text_as_java_reads_it(pattern: str, text: str, *, fits: bool) -> None:
    """Categories, ASCII classes and anchors are those of the service."""
    assert matches(pattern, text) is fits


def test_what_cannot_be_understood_is_not_refused() -> None:
    """An unknown pattern lets every text pass."""
    assert not understood(r"\p{Greek}")
    assert not understood("(")
    assert matches("(", "anything")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_pattern_of_the_kinds_is_checked(kind: str) -> None:
    """No pattern that a spec can meet is left out."""
    met = patterns(contract(kind).spec, set())
    assert met or not contract(kind).spec.members
    assert [pattern for pattern in sorted(met) if not understood(pattern)] == []
