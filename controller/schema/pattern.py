r"""The model's patterns, which are Java's, for Python's ``re``.

Patterns mean the whole text, though none says so. Java's ``\w`` and ``\d`` are ASCII. ``\p{L}`` and its like,
which ``re`` does not know, are written out for ASCII, and every other character of the text is first replaced
by a stand-in for its Unicode category, so that a class of categories needs one character each. Patterns that
still do not compile are not checked (the lengths are).
"""

import re
from functools import cache
from unicodedata import category

_STAND_IN = {"L": "\ue000", "M": "\ue001", "Z": "\ue002", "N": "\ue003", "P": "\ue004", "S": "\ue005"}
_NO_CATEGORY = "\ue00f"
_CATEGORY = re.compile(r"\\p\{([LMZNPS])\}")
_INSIDE_CLASSES = re.compile(r"(?:[^\[\]\\]|\\[^p]|\[(?:[^\[\]\\]|\\[^p]|\\p\{[LMZNPS]\})*\])*")
# Java's spelling of all characters beyond the basic plane, as pairs of surrogates; and a class by POSIX name.
_SPELLED = ((r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff"), (r"\p{Alnum}", "a-zA-Z0-9"))
# The model writes ``(...)*${1,128}`` for lengths that the shape gives as well.
_LENGTH_TYPO = re.compile(r"\$\{\d+,\d+\}$")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text fits the pattern; true where the pattern cannot be understood."""
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    if _CATEGORY.search(pattern):
        text = "".join(map(_stand_in, text))
    return compiled.fullmatch(text) is not None


def understood(pattern: str) -> bool:
    """Whether the pattern is checked at all."""
    return _compiled(pattern) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    pattern = _LENGTH_TYPO.sub("", pattern)
    for java, ours in _SPELLED:
        pattern = pattern.replace(java, ours)
    if "\\p{" in pattern:
        if not _INSIDE_CLASSES.fullmatch(pattern):
            return None
        pattern = _CATEGORY.sub(lambda match: _written_out(match[1]), pattern)
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None


def _written_out(letter: str) -> str:
    ascii_members = (chr(code) for code in range(128) if category(chr(code))[0] == letter)
    return re.escape("".join(ascii_members)) + _STAND_IN[letter]


def _stand_in(character: str) -> str:
    return character if character.isascii() else _STAND_IN.get(category(character)[0], _NO_CATEGORY)
