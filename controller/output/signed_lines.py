"""Lines of a text plan that begin with a sign, taken apart."""

import re
from dataclasses import dataclass

_SIGNED = re.compile(r"^(\s+)([+~!x=#-]|-/\+|\+/-)( .*)$")


@dataclass(frozen=True)
class Signed:
    """What stands before the sign, the sign, and the rest."""

    indent: str
    sign: str
    rest: str


def signed(line: str) -> Signed | None:
    """A line's parts; None where it has no sign."""
    found = _SIGNED.match(line)
    return Signed(*found.groups()) if found else None
