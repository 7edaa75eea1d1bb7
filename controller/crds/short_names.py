"""Short names for ``kubectl get``: ``sm`` and the first letters of the kind's words.

They never depend on other kinds, so that a new kind renames nobody; a test keeps them apart.
"""

import re

_PREFIX = "sm"
_WORD = re.compile(r"[A-Z][a-z]*")
# English writes these as one word with the one before: a work team, an end point.
_SECOND_HALVES = ("force", "form", "line", "point", "team")


def short_name(kind: str) -> str:
    """The short name of a kind, such as ``smepc`` for the configuration of an end point."""
    letters = [_letters(word.lower()) for word in _WORD.findall(kind)]
    return _PREFIX + ("".join(letters) if len("".join(letters)) > 1 else kind[:2].lower())


def _letters(word: str) -> str:
    half = next((half for half in _SECOND_HALVES if word.endswith(half) and word != half), "")
    return word[0] + half[:1]
