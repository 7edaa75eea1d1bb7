"""The desired revision: branch, tag, range of versions, commit or ref.

Ranges have the syntax of Masterminds/semver, which Flux and Argo CD use: a comma or a space is *and*, ``||`` is *or*,
and a pre-release is taken only by a range that names one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import total_ordering

from controller.core.finding import Code, Finding

_PRE = r"(?:-(?P<pre>[0-9A-Za-z.-]+))?(?:\+(?P<build>[0-9A-Za-z.-]+))?"
_NUMBER = r"(?:0|[1-9]\d{0,8})"
_VERSION = re.compile(rf"v?(?P<a>{_NUMBER})\.(?P<b>{_NUMBER})\.(?P<c>{_NUMBER}){_PRE}")
_PART = rf"(?:{_NUMBER}|[xX*])"
_TERM = re.compile(
    rf"(?P<op>>=|=>|<=|=<|!=|>|<|=|\^|~>?)?\s*v?(?P<a>{_PART})(?:\.(?P<b>{_PART}))?(?:\.(?P<c>{_PART}))?{_PRE}"
)
_SPAN = re.compile(r"(\S+)\s+-\s+(\S+)")
_LONGEST = 200
_WHOLE = 3
Triple = tuple[int, int, int]


@total_ordering
@dataclass(frozen=True)
class Version:
    """A version of semver.org; build metadata doesn't count."""

    numbers: Triple
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Version | None":
        """Parse ``v1.2.3-rc.1``; None if it is no version, such as ``v1``."""
        found = _VERSION.fullmatch(text)
        if not found:
            return None
        pre = tuple(found["pre"].split(".")) if found["pre"] else ()
        proper = all(part and not re.fullmatch(r"0\d+", part) for part in pre)
        return cls((int(found["a"]), int(found["b"]), int(found["c"])), pre) if proper else None

    def __lt__(self, other: "Version") -> bool:
        return self._order() < other._order()

    def _order(self) -> tuple[Triple, bool, tuple[tuple[bool, int, str], ...]]:
        parts = tuple((not p.isdigit(), int(p) if p.isdigit() else 0, p) for p in self.pre)
        return self.numbers, not self.pre, parts


_BOTTOM = Version((0, 0, 0), ("0",))
_TOP = Version((10**9, 0, 0))


@dataclass(frozen=True)
class _Bounds:
    """From ``low`` up to, not including, ``high``; or, if ``but``, all else."""

    low: Version
    high: Version
    pre: bool = False
    but: bool = False

    def has(self, version: Version) -> bool:
        return (self.low <= version < self.high) is not self.but


@dataclass(frozen=True)
class VersionRange:
    """Alternatives, each with bounds that must all be met."""

    either: tuple[tuple[_Bounds, ...], ...]

    @classmethod
    def parse(cls, text: str) -> "VersionRange | None":
        """Parse a range; None if it is malformed."""
        if not text.strip() or len(text) > _LONGEST:
            return None
        either = [_parse_bounds(part) for part in text.split("||")]
        return cls(tuple(each for each in either if each)) if all(either) else None

    def has(self, version: Version) -> bool:
        """Whether a version is in the range."""
        return any(
            all(each.has(version) for each in both) and (not version.pre or any(each.pre for each in both))
            for both in self.either
        )

    def highest(self, names: Iterable[str]) -> str | None:
        """The name of the highest version in the range; of equals (``1.0.0``, ``v1.0.0+2``) the last by name."""
        read = [(version, name) for name in names if (version := Version.parse(name))]
        inside = [(version, name) for version, name in read if self.has(version)]
        return max(inside, default=(None, None))[1] if inside else None


def _parse_bounds(text: str) -> tuple[_Bounds, ...] | None:
    text = _SPAN.sub(r">=\1 <=\2", text.strip())
    out: list[_Bounds] = []
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if not found or not _is_separator(text, found.end()):
            return None
        bounds = _bounds(found)
        if bounds is None:
            return None
        out.append(bounds)
        rest = text[found.end() :]
        at = len(text) - len(rest.lstrip(" \t,"))
    return tuple(out) or None


def _is_separator(text: str, at: int) -> bool:
    return at == len(text) or text[at] in " \t,"


def _bounds(term: re.Match[str]) -> _Bounds | None:
    numbers = _numbers(term)
    pre = tuple(term["pre"].split(".")) if term["pre"] else ()
    if pre and len(numbers) < _WHOLE:
        return None
    low = Version(_fill_triple(numbers), pre)
    end = _just_after(low) if len(numbers) == _WHOLE else _next_version(numbers, len(numbers) - 1)
    op = term["op"] or "="
    match op.replace("=>", ">=").replace("=<", "<="):
        case ">=":
            end = _TOP
        case ">":
            low, end = end, _TOP
        case "<":
            low, end = _BOTTOM, low
        case "<=":
            low = _BOTTOM
        case "~" | "~>":
            end = _next_version(numbers, min(1, len(numbers) - 1))
        case "^":
            end = _next_version(numbers, _caret(numbers))
    return _Bounds(low, end, bool(pre), op == "!=")


def _numbers(term: re.Match[str]) -> list[int]:
    out: list[int] = []
    for part in (term["a"], term["b"], term["c"]):
        if part is None or part in "xX*":
            break
        out.append(int(part))
    return out


def _just_after(version: Version) -> Version:
    """The lowest version above another."""
    if version.pre:
        return Version(version.numbers, (*version.pre, "0"))
    a, b, c = version.numbers
    return Version((a, b, c + 1), ("0",))


def _fill_triple(numbers: list[int]) -> Triple:
    a, b, c = (*numbers, 0, 0, 0)[:3]
    return a, b, c


def _next_version(numbers: list[int], at: int) -> Version:
    """The first version, pre-releases too, whose number at a place is one higher; without numbers, the top."""
    return Version(_fill_triple([*numbers[:at], numbers[at] + 1]), ("0",)) if numbers else _TOP


def _caret(numbers: list[int]) -> int:
    """The place of the first number that isn't zero."""
    return next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)


_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# git check-ref-format(1): what no ref may hold.
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\./|\.lock(?:/|$)|^[-/.]|[/.]$|^@$")
_LONGEST_REVISION = 250


class RevisionForm(Enum):
    """How a revision is named; each value is also the name of its setting."""

    BRANCH = "branch"
    TAG = "tag"
    SEMVER = "semver"
    COMMIT = "commit"
    REF = "ref"


@dataclass(frozen=True)
class RevisionSelector:
    """A revision by name, not resolved to a commit yet."""

    by: RevisionForm
    name: str

    def __str__(self) -> str:
        """``branch main``."""
        return f"{self.by.value} {self.name}"

    def problem(self) -> str:
        """The error of the name; empty if it is valid."""
        if self.by is RevisionForm.SEMVER:
            return (
                "" if VersionRange.parse(self.name) else f"'{_shorten(self.name)}' is not a range of versions"
            )
        if self.by is RevisionForm.COMMIT:
            proper = _COMMIT.fullmatch(self.name)
            return "" if proper else "a commit is named by all its 40 or 64 lower-case digits"
        if self.by is RevisionForm.REF and not self.name.startswith("refs/"):
            return "a ref is named in full, such as refs/heads/main or refs/pull/7/head"
        if not _is_name(self.name):
            return f"{_shorten(self.name)!r} is not a name that a {self.by.value} can have"
        return ""

    def ref(self) -> str:
        """The full name on the server, if it is known without a request."""
        folder = {RevisionForm.BRANCH: "refs/heads/", RevisionForm.TAG: "refs/tags/", RevisionForm.REF: ""}[
            self.by
        ]
        return folder + self.name


def _is_name(name: str) -> bool:
    if not name or len(name) > _LONGEST_REVISION or _NO_REF.search(name) or not name.isprintable():
        return False
    # such as 'git -h': refused in any part, since servers split names too.
    return not any(part.startswith("-") for part in name.split("/"))


def _shorten(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."  # noqa: PLR2004 - fits a line


def one_of(
    *,
    branch: str | None = None,
    tag: str | None = None,
    semver: str | None = None,
    commit: str | None = None,
    ref: str | None = None,
) -> RevisionSelector | Finding:
    """The one revision that settings name. There is no default, because a server's default branch may change."""
    fields = {
        RevisionForm.BRANCH: branch,
        RevisionForm.TAG: tag,
        RevisionForm.SEMVER: semver,
        RevisionForm.COMMIT: commit,
        RevisionForm.REF: ref,
    }
    given = [RevisionSelector(by, name) for by, name in fields.items() if name is not None]
    if len(given) == 1:
        return given[0]
    names = " and ".join(each.by.value for each in given) or "none"
    hint = "give one of branch, tag, semver, commit and ref"
    return Finding(Code.SOURCE, f"exactly one revision must be set, and {names} is set", hint=hint)
