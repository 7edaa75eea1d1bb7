"""Which revision of a repository is wanted: exactly one of branch, tag, semver, commit and ref."""

import re
from dataclasses import dataclass
from enum import Enum

from controller.core.finding import Code, Finding
from controller.source.git.semver import Range

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# git check-ref-format(1): what no ref may hold.
_NO_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\./|\.lock(?:/|$)|^[-/.]|[/.]$|^@$")
_LONGEST = 250


class By(Enum):
    """How a revision is named; each value is also the name of its setting."""

    BRANCH = "branch"
    TAG = "tag"
    SEMVER = "semver"
    COMMIT = "commit"
    REF = "ref"


@dataclass(frozen=True)
class Wanted:
    """A revision by name: what is asked, before it is known what it stands for."""

    by: By
    name: str

    def __str__(self) -> str:
        """``branch main``."""
        return f"{self.by.value} {self.name}"

    def trouble(self) -> str:
        """What is wrong with the name, in words; empty if nothing is."""
        if self.by is By.SEMVER:
            return "" if Range.parse(self.name) else f"'{_short(self.name)}' is not a range of versions"
        if self.by is By.COMMIT:
            proper = _COMMIT.fullmatch(self.name)
            return "" if proper else "a commit is named by all its 40 or 64 lower-case digits"
        if self.by is By.REF and not self.name.startswith("refs/"):
            return "a ref is named in full, such as refs/heads/main or refs/pull/7/head"
        if not _is_name(self.name):
            return f"{_short(self.name)!r} is not a name that a {self.by.value} can have"
        return ""

    def ref(self) -> str:
        """The full name on the server; only where it is known without asking."""
        folder = {By.BRANCH: "refs/heads/", By.TAG: "refs/tags/", By.REF: ""}[self.by]
        return folder + self.name


def _is_name(name: str) -> bool:
    if not name or len(name) > _LONGEST or _NO_REF.search(name) or not name.isprintable():
        return False
    # 'git -h' and its like: refused in any part, since servers and forges split names too.
    return not any(part.startswith("-") for part in name.split("/"))


def _short(name: str) -> str:
    return name if len(name) <= 60 else name[:57] + "..."  # noqa: PLR2004 - fits a line


def one_of(
    *,
    branch: str | None = None,
    tag: str | None = None,
    semver: str | None = None,
    commit: str | None = None,
    ref: str | None = None,
) -> Wanted | Finding:
    """The one revision that settings name. No default: a forge's default branch may change under our feet."""
    fields = {
        By.BRANCH: branch,
        By.TAG: tag,
        By.SEMVER: semver,
        By.COMMIT: commit,
        By.REF: ref,
    }
    given = [Wanted(by, name) for by, name in fields.items() if name is not None]
    if len(given) == 1:
        return given[0]
    names = " and ".join(each.by.value for each in given) or "none"
    hint = "give one of branch, tag, semver, commit and ref"
    return Finding(Code.SOURCE, f"exactly one revision must be set, and {names} is set", hint=hint)
