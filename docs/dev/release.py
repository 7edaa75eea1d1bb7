"""Checks and texts of a release: whether a tag is its version, and the notes of CHANGELOG.md.

``python -m docs.dev.release check TAG`` exits with 1 unless the tag, pyproject.toml, the chart and the newest section
of CHANGELOG.md name one version; ``python -m docs.dev.release notes`` prints that section.
"""

import re
import sys
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
_SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\][^\n]*\n(?P<text>.*?)(?=^## \[|\Z)", re.MULTILINE | re.DOTALL
)


def version(root: Path = ROOT) -> str:
    """The version of pyproject.toml."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(text)["project"]["version"])


def notes(root: Path = ROOT) -> tuple[str, str]:
    """The newest version of CHANGELOG.md with its text; an empty section "Unreleased" is passed over.

    Raises:
        ValueError: there is no section with a text.

    """
    for found in _SECTION.finditer((root / "CHANGELOG.md").read_text(encoding="utf-8")):
        if found["text"].strip():
            return found["version"], found["text"].strip()
    raise ValueError("CHANGELOG.md has no section with a text")


def differences(tag: str, root: Path = ROOT) -> list[str]:
    """What does not name the version of pyproject.toml, a line each."""
    expected = version(root)
    chart = yaml.safe_load((root / "charts/sagemaker-gitops/Chart.yaml").read_text(encoding="utf-8"))
    found = {
        "the tag": tag.removeprefix("v"),
        "the chart": chart["version"],
        "the chart's appVersion": chart["appVersion"],
        "the newest section of CHANGELOG.md": notes(root)[0],
    }
    return [
        f"{place} is {name}, pyproject.toml {expected}" for place, name in found.items() if name != expected
    ]


def main(arguments: list[str]) -> int:
    """Run a command; the exit code."""
    match arguments:
        case ["notes"]:
            print(notes()[1])
            return 0
        case ["check", tag]:
            found = differences(tag)
            print("\n".join(found) or f"{tag} is the version everywhere")
            return 1 if found else 0
        case _:
            print(__doc__, file=sys.stderr)
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
