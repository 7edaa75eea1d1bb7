import pytest

from controller.source.git.revision_selector import Version, VersionRange

TAGS = [
    "v0.9.0",
    "1.0.0",
    "v1.2.3",
    "v1.2.10",
    "v1.10.0",
    "v2.0.0-rc.1",
    "v2.0.0",
    "v2.1.0-beta",
    "main",
    "v3",
    "v01.0.0",
    "1.2",
]


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("*", "v2.0.0"), ("x", "v2.0.0"), (">=1.0.0", "v2.0.0"), (">=1.0.0 <2.0.0", "v1.10.0"), (">=1, <2", "v1.10.0"),
        ("^1.2", "v1.10.0"), ("~1.2", "v1.2.10"), ("~1.2.4", "v1.2.10"), ("1.2.x", "v1.2.10"), ("1", "v1.10.0"),
        ("1.2", "v1.2.10"), ("=1.2.3", "v1.2.3"), ("1.2.3", "v1.2.3"), ("<1", "v0.9.0"), ("<=1.2.3", "v1.2.3"),
        (">1.2.3 <=1.10.0", "v1.10.0"), (">2.0.0-alpha", "v2.1.0-beta"), ("^2.0.0-rc.0", "v2.1.0-beta"),
        ("1.0.0 - 1.2.5", "v1.2.3"), ("1.0.0 - 1.2", "v1.2.10"), ("<0.5 || ~1.2", "v1.2.10"), ("!=2.0.0", "v1.10.0"),
        ("^0.9", "v0.9.0"), (">=v1.0.0", "v2.0.0"), ("~2.0.0-rc", "v2.0.0"), ("<2.0.0-rc.2 >=2.0.0-0", "v2.0.0-rc.1"),
        (">1", "v2.0.0"), ("<=1", "v1.10.0"), ("^0", "v0.9.0"), ("~0", "v0.9.0"), (">3", None), ("^0.0.3", None),
    ],
)  # fmt: skip
def test_a_range_takes_its_highest_tag(text: str, best: str | None) -> None:
    """Row 4: ranges have the meaning of package managers; pre-releases match only if one is named."""
    bounds = VersionRange.parse(text)
    assert bounds
    assert bounds.highest(TAGS) == best


@pytest.mark.parametrize(
    "text", ["", " ", "main", "1.2.3.4", ">", "1 ||", "1..2", "x.1-a", "-1", "1.2-rc", "1.0.0;", "9" * 300]
)
def test_what_is_no_range_is_told(text: str) -> None:
    """Row 4: any other text is no range, so that a mistyped range never selects a tag by chance."""
    assert VersionRange.parse(text) is None


def test_equal_versions_are_told_apart_by_name() -> None:
    """Row 4: of tags with one version, the same one is selected whatever the order."""
    bounds = VersionRange.parse("1")
    assert bounds
    tags = ["1.0.0", "v1.0.0", "v1.0.0+2", "v1.0.0+10"]
    assert bounds.highest(tags) == bounds.highest(reversed(tags)) == "v1.0.0+2"


def test_versions_are_ordered_as_semver_says() -> None:
    """The example of semver.org, section 11."""
    ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ]
    versions = [Version.parse(text) for text in ordered]
    assert all(versions)
    assert sorted(each for each in reversed(versions) if each) == versions
