r"""The model's patterns, which are Java's: matching, and why a text does not match.

Patterns must match the whole text, although they have no anchors. Java's ``\w`` and ``\d`` are ASCII. ``\p{L}`` and its
like, which ``re`` does not have, are written out for ASCII, and every other character of the text is first replaced by
a representative of its Unicode category, so that a class of categories needs one character each. Patterns that still do
not compile are not checked (the lengths are).

Messages distinguish four types of patterns: an ARN, an S3 URI or URL, one of several words, and characters of a class,
such as names. For the others the message shows the pattern.
"""

import re
from collections.abc import Callable
from functools import cache
from unicodedata import category

_STAND_IN = {"L": "\ue000", "M": "\ue001", "Z": "\ue002", "N": "\ue003", "P": "\ue004", "S": "\ue005"}
_NO_CATEGORY = "\ue00f"
_CATEGORY = re.compile(r"\\p\{([LMZNPS])\}")
_INSIDE_CLASSES = re.compile(r"(?:[^\[\]\\]|\\[^p]|\[(?:[^\[\]\\]|\\[^p]|\\p\{[LMZNPS]\})*\])*")
# Java's spelling of all characters beyond the basic plane, as pairs of surrogates; and a class by POSIX name.
_SPELLED = (
    (r"\uD800\uDC00-\uDBFF\uDFFF", "\U00010000-\U0010ffff"),
    (r"\p{Alnum}", "a-zA-Z0-9"),
    (r"\p{Print}", "[ -~]"),
)
# The model writes ``(...)*${1,128}`` for lengths that the shape gives as well.
_LENGTH_TYPO = re.compile(r"\$\{\d+,\d+\}$")


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text matches the pattern; True if the pattern does not compile."""
    compiled = _compile(pattern)
    if compiled is None:
        return True
    if _CATEGORY.search(pattern):
        text = "".join(map(_stand_in, text))
    return compiled.fullmatch(text) is not None


def is_checked(pattern: str) -> bool:
    """Whether the pattern is checked at all."""
    return _compile(pattern) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str] | None:
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


# a positive class, without code points and without complements such as [\S\s]
_CLASS = r"\[(?!\^| -~)(?:[^\]\\]|\\(?![us]).)+\]|\\S"
_COUNT = r"(?:[*+]|\{\d+,\d+\})"
_NAME = re.compile(
    r"(?P<edge>\[[^\]]+\])\((?P<between>-\*|\[[-_\\]+\]\*|\[[^\]]+\]\*)(?P<last>\[[^\]]+\])\)(?:[*?]|\{0,\d+\})"
)
_WORD = re.compile(rf"(?P<first>{_CLASS})(?P<rest>{_CLASS}){_COUNT}")
_PLAIN = re.compile(rf"[(\[]?(?P<all>{_CLASS}){_COUNT}[)\]]?(?:\$\{{\d+,\d+\}})?")
_CHOICE = re.compile(r"\((?P<choices>[\w.-]+(?:\|[\w.-]+)+)\)")
_ADDRESS = re.compile(r"\((?P<schemes>https\|s3|https)\)://|(?P<web>https)://")
_ARN = re.compile(
    r"arn:aws\[a-z\\-\]\*:(?P<service>[a-z]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<tail>.*)"
)
_NAMED = {
    r"\p{L}": "letters",
    r"\p{M}": "accents",
    r"\p{Z}": "blanks",
    r"\p{N}": "digits",
    r"\p{P}": "punctuation",
}
_NAMED |= {r"\p{S}": "symbols", r"\w": "a-z, A-Z, 0-9, '_'", r"\d": "0-9", r"\S": "anything but spaces"}
_PART = re.compile(r"\\p\{[LMZNPS]\}|\\[wdS]|(?P<range>[^\\]-[^\]\\])|\\?(?P<one>.)", re.DOTALL)


def invalid_text(pattern: str, text: str) -> str:
    """Why the text does not match; empty if the pattern has no known type."""
    for sort in (_arn, _address, _alternatives_text, _name):
        message = sort(pattern, text)
        if message:
            return message
    return ""


def expected_form(pattern: str) -> str:
    """The form that the pattern requires; empty if the pattern has no known type."""
    sorts: tuple[Callable[[str], str], ...] = (
        _expected_arn,
        _expected_address,
        _expected_choice,
        _expected_name,
    )
    return next((message for message in (sort(pattern) for sort in sorts) if message), "")


def is_arn(pattern: str) -> bool:
    """Whether the pattern is that of an ARN."""
    return _ARN.fullmatch(pattern) is not None


def _expected_arn(pattern: str) -> str:
    parts = _ARN.fullmatch(pattern)
    if parts is None:
        return ""
    region = "REGION" if parts["region"] else ""
    tail = re.sub(r"\((\w+)\|[^)]*\)", r"\1", parts["tail"].replace("\\/", "/"))
    tail = re.sub(r"/\??\[.*|\[.*|\.\*", lambda end: "/NAME" if end[0].startswith("/") else "NAME", tail)
    return f"an ARN such as arn:aws:{parts['service']}:{region}:123456789012:{tail}"


def _arn(pattern: str, text: str) -> str:
    whole = _expected_arn(pattern)
    if not whole:
        return ""
    needed = f"{whole} is needed"
    parts = text.split(":", 5)
    if parts[0] != "arn" or len(parts) < 6:  # noqa: PLR2004 - an ARN has six parts, by definition
        return f"is no ARN: {needed}"
    service, account = whole.split(":")[2], parts[4]
    if parts[2] != service:
        return f"is an ARN of '{parts[2]}', not of '{service}': {needed}"
    if not re.fullmatch(r"[0-9]{12}", account):
        return f"has an account of {len(account)} characters where 12 digits are expected: {needed}"
    blank = next((at for at, character in enumerate(text, start=1) if character.isspace()), 0)
    return f"{f'has a space as character {blank}' if blank else 'is malformed'}: {needed}"


def _expected_address(pattern: str) -> str:
    begin = _ADDRESS.match(pattern)
    if begin is None:
        return ""
    s3 = "s3" in (begin["schemes"] or "")
    return (
        "an address such as s3://BUCKET/KEY or https://HOST/PATH"
        if s3
        else "an address such as https://HOST/PATH"
    )


def _address(pattern: str, text: str) -> str:
    whole = _expected_address(pattern)
    if not whole:
        return ""
    scheme, mark, _ = text.partition("://")
    known = [each for each in ("s3", "https") if f"{each}://" in whole]
    if mark and scheme not in known:
        return f"begins with '{scheme[:12]}://': {whole} is needed"
    begins = " or ".join(f"{each}://" for each in known)
    return f"{'is malformed' if mark else f'does not begin with {begins}'}: {whole} is needed"


def _expected_choice(pattern: str) -> str:
    choice = _CHOICE.fullmatch(pattern)
    return f"one of {', '.join(choice['choices'].split('|'))}" if choice else ""


def _alternatives_text(pattern: str, text: str) -> str:
    whole = _expected_choice(pattern)
    return "" if not whole or matches(pattern, text) else f"is not {whole}"


@cache
def _classes(pattern: str) -> tuple[str, str, str] | None:
    """The classes of the first, of any and of the last character."""
    if name := _NAME.fullmatch(pattern):
        between = name["between"].removesuffix("*").strip("[]")
        if between.endswith("-"):
            between = "-" + between[:-1]  # first in a class it is a character, elsewhere a range
        return name["edge"], f"[{between}{name['edge'][1:-1]}]", name["last"]
    if word := _WORD.fullmatch(pattern):
        return word["first"], word["rest"], word["rest"]
    plain = _PLAIN.fullmatch(pattern)
    return (plain["all"], plain["all"], plain["all"]) if plain else None


def _expected_name(pattern: str) -> str:
    classes = _classes(pattern)
    if classes is None:
        return ""
    first, inner, last = classes
    if first == inner:
        return _characters(inner)
    return f"{_characters(inner)}, and {'first and last' if last == first else 'first'} only {_characters(first)}"


def _name(pattern: str, text: str) -> str:
    classes = _classes(pattern)
    if classes is None:
        return ""
    first, inner, last = classes
    taken = f"it takes {_expected_name(pattern)}"
    for at, character in enumerate(text, start=1):
        if not matches(inner, character):
            return f"has {_character_text(character)} as character {at}: {taken}"
    if text and not matches(first, text[0]):
        return f"begins with {_character_text(text[0])}: {taken}"
    if text and not matches(last, text[-1]):
        return f"ends with {_character_text(text[-1])}: {taken}"
    return ""


def _characters(of: str) -> str:
    """A description of a class of characters: ranges before single ones."""
    parts = list(_PART.finditer(of[1:-1] if of.startswith("[") else of))
    many = [_NAMED.get(part[0]) or part["range"] for part in parts if not part["one"]]
    fromkeys = list(dict.fromkeys([*many, *(f"'{part['one']}'" for part in parts if part["one"])]))
    return ", ".join(fromkeys[:-1]) + f" and {fromkeys[-1]}" if len(fromkeys) > 1 else fromkeys[0]


def _character_text(character: str) -> str:
    blanks = {" ": "a space", "\t": "a tab", "\n": "a line's end"}
    return blanks.get(character, f"'{character}'" if character.isprintable() else f"U+{ord(character):04X}")
