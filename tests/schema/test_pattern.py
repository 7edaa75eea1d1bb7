"""The model's Java patterns in Python."""

import json
import re

import pytest

from controller.kinds import KINDS
from controller.schema.contract import contract
from controller.schema.pattern import expected_form, invalid_text, is_checked, matches
from controller.schema.record import RECORD
from controller.schema.shape import Shape, shape

TAG = shape("TagKey").pattern


def patterns(of: Shape, seen: set[str]) -> set[str]:
    """All patterns that apply to a value of the shape."""
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
    """An unknown pattern matches every text."""
    assert not is_checked(r"\p{Greek}")
    assert not is_checked("(")
    assert matches("(", "anything")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_pattern_of_the_kinds_is_checked(kind: str) -> None:
    """No pattern that applies to a spec is left out."""
    met = patterns(contract(kind).spec, set())
    assert met or not contract(kind).spec.members
    assert [pattern for pattern in sorted(met) if not is_checked(pattern)] == []


NAME = "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
ROLE = r"arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+"
ADDRESS = "(https|s3)://([^/]+)/?(.*)"
BAD = ("main_1", "-a", "a-", "a b", "é", "s3//b", "arn:aws:s3:::b", "arn:aws:iam::1:role/x", "x\ty", "#")


@pytest.mark.parametrize(
    ("pattern", "text", "message"),
    [
        (NAME, "main_1", "has '_' as character 5: it takes a-z, A-Z, 0-9 and '-', and first and last"),
        (NAME, "-a", "begins with '-'"),
        (NAME, "a-", "ends with '-'"),
        (NAME, "a b", "has a space as character 2"),
        ("[a-zA-Z0-9]([_-]*[a-zA-Z0-9]){0,63}", "a.b", "it takes a-z, A-Z, 0-9, '-' and '_', and first"),
        ("[a-zA-Z_][a-zA-Z0-9_]*", "1A", "begins with '1'"),
        (r"[\S]+", "my image", "has a space as character 3: it takes anything but spaces"),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "né#", "has '#' as character 3: it takes letters, blanks, digits"),
        (ROLE, "my-role", "is no ARN: an ARN such as arn:aws:iam::123456789012:role/NAME is needed"),
        (ROLE, "arn:aws:iam::12:role/x", "has an account of 2 characters where 12 digits are expected"),
        (ROLE, "arn:aws:s3:::bucket", "is an ARN of 's3', not of 'iam'"),
        (ROLE, "arn:aws:iam::123456789012:role/x y", "has a space as character 33"),
        (ROLE, "arn:aws:iam::123456789012:user/x", "is malformed"),
        (ADDRESS, "S3://bucket", "begins with 'S3://': an address such as s3://BUCKET/KEY"),
        (ADDRESS, "s3//bucket", "does not begin with s3:// or https://"),
        (r"https://\S+", "http://idp", "an address such as https://HOST/PATH is needed"),
        (r"\d+K", "8", ""),
    ],
)
def test_what_is_wrong_is_said_in_words(pattern: str, text: str, message: str) -> None:
    """For a name, an ARN and an address the message names the invalid character or part and the valid ones."""
    assert not matches(pattern, text)
    assert message in invalid_text(pattern, text)
    assert bool(message) == bool(invalid_text(pattern, text))


def test_whatever_of_a_common_sort_does_not_fit_has_its_words() -> None:
    """Of every recorded pattern with a description, each mismatch has a message without a part of the expression."""
    shapes = json.loads(RECORD.read_text(encoding="utf-8"))["shapes"].values()
    recorded = sorted({each["pattern"] for each in shapes if "pattern" in each})
    worded = [pattern for pattern in recorded if expected_form(pattern)]
    assert len(worded) > len(recorded) / 2
    for pattern in worded:
        # A quoted character is one.
        assert not {"[", "\\", "*", "{"} & set(re.sub("'.'", "", expected_form(pattern)))
        for text in BAD:
            assert matches(pattern, text) or invalid_text(pattern, text), (pattern, text)
