"""The examples that ship with the program: trees to begin with, and a document of each kind."""

import re
from collections.abc import Mapping
from pathlib import Path

from controller.cli.errors import Refused
from controller.core.did_you_mean import did_you_mean

# In the wheel they are beside the packages, in a clone beside ``controller``.
_FOLDERS = (Path(__file__).parents[1] / "examples", Path(__file__).parents[2] / "examples")
_BETWEEN = re.compile(r"^---\s*\n", re.MULTILINE)


def names() -> tuple[str, ...]:
    """The names of the examples."""
    root = _root()
    return (
        tuple(sorted(each.name for each in root.iterdir() if (each / "README.md").is_file())) if root else ()
    )


def files(name: str) -> Mapping[str, str]:
    """The documents of an example, by the names of their files.

    Raises:
        Refused: there is no such example.

    """
    known, root = names(), _root()
    if root is None:
        raise Refused("this installation has no examples", "leave --from out")
    if name not in known:
        near = did_you_mean(name, known)
        raise Refused(f"there is no example '{name}'", near or f"there are: {', '.join(known)}")
    return {each.name: each.read_text(encoding="utf-8") for each in sorted((root / name).glob("*.yaml"))}


def document_of(kind: str) -> tuple[str, str]:
    """The shortest document of a kind, and its example; empty strings if there is none."""
    written = re.compile(rf"^kind: {kind}\s*$", re.MULTILINE)
    found = [
        (document.strip("\n") + "\n", name)
        for name in names()
        for text in files(name).values()
        for document in _BETWEEN.split(text)
        if written.search(document)
    ]
    return min(found, key=lambda each: (len(each[0]), each), default=("", ""))


def _root() -> Path | None:
    return next((each for each in _FOLDERS if each.is_dir()), None)
