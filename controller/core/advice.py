"""What a person is advised to give, in the words of the way in that they use.

A message is made far from whoever reads it: the same plan is printed by a command, and stands in the status of a
GitSync. So a message holds a placeholder, ``Ask.PRUNE`` or ``Ask.CONFIRM.of("Endpoint/a")``, and the way in spells all
of them at once, from one table. Texts of others can't hold one: the marks are private characters of Unicode.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

_OPEN, _CLOSE, _GAP = "\ue000", "\ue001", "\ue002"
_PLACEHOLDER = re.compile(f"{_OPEN}([a-z-]+)(?:{_GAP}([^{_OPEN}{_CLOSE}]*))?{_CLOSE}")


class Ask(Enum):
    """What can be asked of a person; each way in has its own spelling."""

    PRUNE = "prune"
    CONFIRM = "confirm"  # of deletions by name
    CONFIRM_NUMBER = "confirm-number"
    SET = "set"
    REBUILD = "rebuild"  # of a set
    INVENTORY = "inventory"
    VARIABLE = "variable"  # of a name
    REGION = "region"
    PATHS = "paths"
    SAVED_PLAN = "saved-plan"

    def __str__(self) -> str:
        """The placeholder."""
        return self.of()

    def of(self, *about: object) -> str:
        """The placeholder, with what it is about."""
        return f"{_OPEN}{self.value}{_GAP}{_GAP.join(map(str, about))}{_CLOSE}"


@dataclass(frozen=True)
class Advice:
    """How one way in spells each ``Ask``; a spelling is given what it is about, as texts."""

    name: str
    spellings: Mapping[Ask, Callable[..., str]]

    def spelled(self, text: str) -> str:
        """A message without placeholders."""
        return _PLACEHOLDER.sub(self._one, text) if _OPEN in text else text

    def _one(self, found: re.Match[str]) -> str:
        about = (found[2] or "").split(_GAP) if found[2] else []
        return self.spellings[Ask(found[1])](*about)
