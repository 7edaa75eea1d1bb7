from typing import Any

import pytest
from botocore.loaders import Loader

from controller.kinds import KINDS
from controller.schema.kind_names import kebab, kind_named, kind_names, plural_name

MODEL: dict[str, Any] = Loader().load_service_model("sagemaker", "service-2")


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_known_by_every_spelling(kind: str) -> None:
    """Singular or plural, with hyphens or underscores or without, in any case."""
    plural = plural_name(kind)
    hyphened = kebab(plural)
    for word in (
        kind,
        plural,
        kind.lower(),
        plural.upper(),
        hyphened,
        hyphened.replace("-", "_"),
    ):
        assert kind_named(word) == kind
    assert hyphened in kind_names()


@pytest.mark.parametrize("word", ["", "s", "endpoin", "modelss", "models!"])
def test_other_words_are_no_kind(word: str) -> None:
    """A word that is similar to a kind is none."""
    assert kind_named(word) is None


@pytest.mark.parametrize(
    ("name", "option"),
    [
        ("CreationTimeAfter", "creation-time-after"),
        ("SourceS3Uri", "source-s3-uri"),
        ("SupportedMIMETypes", "supported-mime-types"),
        ("HumanTaskUis", "human-task-uis"),
    ],
)
def test_options_are_the_members_in_kebab_case(name: str, option: str) -> None:
    """A member's words are joined by hyphens; initials and S3 are one word."""
    assert kebab(name) == option


def test_no_two_filters_of_a_list_are_spelt_alike() -> None:
    """No List of the service has two members that would be one option."""
    for name, operation in MODEL["operations"].items():
        if name.startswith("List") and "input" in operation:
            members = MODEL["shapes"][operation["input"]["shape"]]["members"]
            assert len({kebab(member) for member in members}) == len(members), name
