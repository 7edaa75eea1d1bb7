"""What a sync reads: files of a repository, by path and patterns, whatever the revision."""

from dataclasses import dataclass

from controller.gitops.artifact import Tree, prefix, repository
from controller.source.git.pattern import Pattern
from controller.source.git.source import Source


@dataclass(frozen=True)
class Followed:
    """A ``Coverage`` of a sync's source; ``before`` is what stands before the names of files in this revision."""

    of: Source
    before: str

    @classmethod
    def by(cls, source: Source, tree: Tree) -> "Followed":
        """The coverage of a source, as its documents of one revision name their files."""
        return cls(source, prefix(source, tree.revision))

    @property
    def _name(self) -> str:
        return f"git:{repository(self.of)}/"

    def source(self, file: str) -> str:
        """The lasting name of a file: repository and path."""
        return f"{self._name}{file.removeprefix(self.before)}"

    def covers(self, source: str) -> bool:
        """Whether a file of that name is meant by path, include and exclude."""
        parts = tuple(source.removeprefix(self._name).split("/"))
        folders = self.of.folders
        if not source.startswith(self._name) or parts[: len(folders)] != folders:
            return False
        inner = parts[len(folders) :]
        return bool(inner) and _any(self.of.include, inner) and not _any(self.of.exclude, inner)


def _any(patterns: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Whether a pattern means a file or a folder that it lies in."""
    ways = [(inner[:end], end < len(inner)) for end in range(1, len(inner) + 1)]
    read = [pattern for line in patterns if (pattern := Pattern.parse(line))]
    return any(pattern.matches(way, folder) for pattern in read for way, folder in ways)
