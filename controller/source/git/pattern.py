"""Patterns of file names as in ``.gitignore`` (gitignore(5), git's wildmatch.c), and the files that hold them.

Patterns are untrusted, so matching must not cost more than the length of the pattern times that of the path: segments
are matched one by one, and a star within a segment does not backtrack (the atomic groups of fnmatch.translate).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from controller.core.finding import Code, Finding, Origin
from controller.source.git.errors import RefusedError

_LONGEST = 500
_CLASSES = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
_ANY = "**"


@dataclass(frozen=True)
class Pattern:
    """One line: what it matches, whether it negates (``!``), whether it matches only folders."""

    segments: tuple[str, ...]
    negated: bool = False
    folders_only: bool = False

    @classmethod
    def parse(cls, line: str) -> "Pattern | None":
        """Parse a line; None for an empty line, a comment and a pattern that can never match."""
        text = _strip_spaces(line)
        if not text or text.startswith("#") or len(text) > _LONGEST:
            return None
        negated = text.startswith("!")
        text = text[1:] if negated else text
        folders_only = text.endswith("/")
        text = text[:-1] if folders_only else text
        if not text:
            return None
        segments = tuple(text.removeprefix("/").split("/"))
        if "/" not in text:
            segments = (_ANY, *segments)
        if segments[-1] == _ANY and len(segments) > 1:
            segments = (*segments, "*")
        return cls(segments, negated, folders_only)

    def matches(self, path: Sequence[str], folder: bool) -> bool:
        """Whether the pattern matches a path, given by its parts from the pattern's own folder."""
        if self.folders_only and not folder:
            return False
        reached = {0}  # the numbers of parts that the segments so far can match
        for regex in self._regexes:
            if regex is None:
                reached = set(range(min(reached), len(path) + 1)) if reached else reached
            else:
                reached = {at + 1 for at in reached if at < len(path) and regex.fullmatch(path[at])}
            if not reached:
                return False
        return len(path) in reached

    @cached_property
    def _regexes(self) -> tuple[re.Pattern[str] | None, ...]:
        return tuple(None if each == _ANY else _regex(each) for each in self.segments)


def _strip_spaces(line: str) -> str:
    """The line without trailing spaces, unless they are escaped."""
    text = line.rstrip("\r\n")
    while text.endswith(" "):
        shorter = text[:-1]
        if (len(shorter) - len(shorter.rstrip("\\"))) % 2:
            break
        text = shorter
    return text


def _regex(segment: str) -> re.Pattern[str]:
    """A segment as a regular expression; one that never matches if the segment is malformed."""
    chunks = [""]  # the texts between the stars
    at = 0
    while at < len(segment):
        char = segment[at]
        if char == "*":
            chunks.append("")
            at += 1
            continue
        message, at = _parse_character(segment, at)
        if not message:
            return re.compile(r"(?!)")
        chunks[-1] += message
    first, *middle = chunks
    if not middle:
        return re.compile(first, re.DOTALL)
    *middle, last = middle
    lazy = "".join(f"(?>.*?{chunk})" for chunk in middle if chunk)
    return re.compile(f"{first}{lazy}.*{last}", re.DOTALL)


def _parse_character(segment: str, at: int) -> tuple[str, int]:
    """The regular expression of one character, and the index of the next; empty if it is malformed."""
    char = segment[at]
    if char == "?":
        return ".", at + 1
    if char == "[":
        return _bracket(segment, at + 1)
    if char == "\\":
        return (re.escape(segment[at + 1]), at + 2) if at + 1 < len(segment) else ("", at)
    return re.escape(char), at + 1


def _bracket(segment: str, at: int) -> tuple[str, int]:
    negated = segment[at : at + 1] in {"!", "^"}
    at += negated
    out, first = "", True
    while at < len(segment) and (segment[at] != "]" or first):
        first = False
        named = re.compile(r"\[:(\w*):\]").match(segment, at)
        if named:
            if named[1] not in _CLASSES:
                return "", at
            out, at = out + _CLASSES[named[1]], named.end()
            continue
        low, at = _literal(segment, at)
        high = low
        if segment[at : at + 1] == "-" and segment[at + 1 : at + 2] not in {"", "]"}:
            high, at = _literal(segment, at + 1)
        if low <= high:
            out += f"{re.escape(low)}-{re.escape(high)}"
    if at >= len(segment):
        return "", at
    if not out:
        return ("." if negated else "(?!)"), at + 1
    return f"[{'^' if negated else ''}{out}]", at + 1


def _literal(segment: str, at: int) -> tuple[str, int]:
    at += segment[at] == "\\" and at + 1 < len(segment)
    return segment[at], at + 1


IGNORE = ".sagectlignore"
ATTRIBUTES = ".gitattributes"


@dataclass(frozen=True)
class _Rule:
    """A line with its folder, given by the number of parts of the folder's path."""

    pattern: Pattern
    depth: int
    filter: str = ""


@dataclass(frozen=True)
class IgnoreRules:
    """The lines that apply in a folder; those of the innermost file come last, and the last match wins."""

    most: int
    ignore: tuple[_Rule, ...] = ()
    filters: tuple[_Rule, ...] = ()

    def with_ignore(self, text: bytes, folder: Sequence[str]) -> "IgnoreRules":
        """The rules with the lines of an ignore file added.

        Raises:
            RefusedError: these are more than may be.

        """
        patterns = (Pattern.parse(line) for line in _lines(text))
        more = tuple(_Rule(pattern, len(folder)) for pattern in patterns if pattern)
        return self._check_limits(IgnoreRules(self.most, self.ignore + more, self.filters), folder)

    def with_attributes(self, text: bytes, folder: Sequence[str]) -> "IgnoreRules":
        """The rules with the filters of an attribute file added.

        Raises:
            RefusedError: these are more than may be.

        """
        more = tuple(rule for line in _lines(text) for rule in _filters(line, len(folder)))
        return self._check_limits(IgnoreRules(self.most, self.ignore, self.filters + more), folder)

    def _check_limits(self, more: "IgnoreRules", folder: Sequence[str]) -> "IgnoreRules":
        if len(more.ignore) + len(more.filters) > self.most:
            message = f"more than {self.most} lines of ignore and attribute files are in force (limit rules)"
            raise RefusedError(Finding(Code.LIMIT, message, Origin("/".join(folder) or ".")))
        return more

    def ignores(self, path: Sequence[str], folder: bool) -> bool:
        """Whether a file or folder is ignored; the contents of ignored folders are not looked up."""
        last = _last_match(self.ignore, path, folder)
        return last is not None and not last.pattern.negated

    def filter(self, path: Sequence[str]) -> str:
        """The filter that git would apply to a file; empty if there is none."""
        last = _last_match(self.filters, path, False)
        return last.filter if last else ""


def _last_match(rules: Sequence[_Rule], path: Sequence[str], folder: bool) -> _Rule | None:
    return next((each for each in reversed(rules) if each.pattern.matches(path[each.depth :], folder)), None)


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8-sig", "surrogateescape").split("\n")


def _filters(line: str, depth: int) -> list[_Rule]:
    """The filters of gitattributes(5) lines: a pattern, then attributes; the last ``filter`` counts."""
    fields = line.split()
    if len(fields) < 2 or fields[0].startswith(("#", "[attr]")):  # noqa: PLR2004 - a pattern and an attribute
        return []
    pattern = Pattern.parse(fields[0].strip('"'))
    lines = [word for word in fields[1:] if word.lstrip("-!").partition("=")[0] == "filter"]
    if pattern is None or pattern.negated or not lines:
        return []
    return [_Rule(pattern, depth, lines[-1].partition("=")[2])]
