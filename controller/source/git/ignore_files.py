"""What ignore files and attribute files of a repository say, gathered from the top folder down."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.core.finding import Code, Finding, Origin
from controller.source.git.errors import RefusedError
from controller.source.git.pattern import Pattern

IGNORE = ".sagectlignore"
ATTRIBUTES = ".gitattributes"


@dataclass(frozen=True)
class _Rule:
    """A line in force below a folder, given by how many parts its path has."""

    pattern: Pattern
    depth: int
    filter: str = ""


@dataclass(frozen=True)
class Rules:
    """The lines in force in a folder; those of the innermost file come last, and the last that matches wins."""

    most: int
    ignore: tuple[_Rule, ...] = ()
    filters: tuple[_Rule, ...] = ()

    def with_ignore(self, text: bytes, folder: Sequence[str]) -> "Rules":
        """These and the lines of an ignore file.

        Raises:
            RefusedError: these are more than may be.

        """
        patterns = (Pattern.parse(line) for line in _lines(text))
        more = tuple(_Rule(pattern, len(folder)) for pattern in patterns if pattern)
        return self._checked(Rules(self.most, self.ignore + more, self.filters), folder)

    def with_attributes(self, text: bytes, folder: Sequence[str]) -> "Rules":
        """These and the filters of an attribute file.

        Raises:
            RefusedError: these are more than may be.

        """
        more = tuple(rule for line in _lines(text) for rule in _filters(line, len(folder)))
        return self._checked(Rules(self.most, self.ignore, self.filters + more), folder)

    def _checked(self, more: "Rules", folder: Sequence[str]) -> "Rules":
        if len(more.ignore) + len(more.filters) > self.most:
            message = f"more than {self.most} lines of ignore and attribute files are in force (limit rules)"
            raise RefusedError(Finding(Code.LIMIT, message, Origin("/".join(folder) or ".")))
        return more

    def ignores(self, path: Sequence[str], folder: bool) -> bool:
        """Whether a file or folder is left out; what lies in a folder that is left out is never asked about."""
        last = _last(self.ignore, path, folder)
        return last is not None and not last.pattern.negated

    def filter(self, path: Sequence[str]) -> str:
        """The filter that git would send a file through; empty if there is none."""
        last = _last(self.filters, path, False)
        return last.filter if last else ""


def _last(rules: Sequence[_Rule], path: Sequence[str], folder: bool) -> _Rule | None:
    return next((each for each in reversed(rules) if each.pattern.matches(path[each.depth :], folder)), None)


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8-sig", "surrogateescape").split("\n")


def _filters(line: str, depth: int) -> list[_Rule]:
    """gitattributes(5): a pattern, then attributes; the last word on ``filter`` counts."""
    fields = line.split()
    if len(fields) < 2 or fields[0].startswith(("#", "[attr]")):  # noqa: PLR2004 - a pattern and an attribute
        return []
    pattern = Pattern.parse(fields[0].strip('"'))
    lines = [word for word in fields[1:] if word.lstrip("-!").partition("=")[0] == "filter"]
    if pattern is None or pattern.negated or not lines:
        return []
    return [_Rule(pattern, depth, lines[-1].partition("=")[2])]
