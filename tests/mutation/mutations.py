"""Faults for the product's code, each with the tests that must then fail."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.repo.files import ROOT


@dataclass(frozen=True)
class Mutation:
    """A hand-made fault: one text of one file, replaced by another.

    Fields:
        name: its name, unique among all.
        file: the file below ``controller``.
        old: the text that is replaced; it occurs once in the file.
        new: what stands there instead.
        tests: the node ids of tests below ``tests``, of which at least one fails with the fault.
        why: what the fault would do to a user.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    why: str

    def path(self, root: Path = ROOT) -> Path:
        """The file in a tree."""
        return root / "controller" / self.file

    def mutated(self, root: Path = ROOT) -> str:
        """The text of the file with the fault.

        Raises:
            ValueError: the text that is replaced does not occur exactly once.

        """
        text = self.path(root).read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: the text occurs {text.count(self.old)} times in controller/{self.file}"
            )
        return text.replace(self.old, self.new)


def _read(path: Path) -> tuple[Mutation, ...]:
    listed = tomllib.loads(path.read_text(encoding="utf-8"))["mutation"]
    return tuple(Mutation(**{**each, "tests": tuple(each["tests"])}) for each in listed)


# One file of TOML for each package of the product.
MUTATIONS = tuple(each for path in sorted(Path(__file__).parent.glob("*.toml")) for each in _read(path))
