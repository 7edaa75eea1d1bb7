"""Where every path of a document stands in its file."""

from collections.abc import Iterator, Mapping

from controller.core.finding import Origin
from controller.core.path import Path

Mark = tuple[int, int]


class Places(Mapping[Path, Origin]):
    """Paths to origins over the bare line and column pairs of the reader.

    An origin is made when it is asked for: a tree has hundreds of thousands of places and shows a handful.
    ``prefix`` is where the document stands in its file's data, for the items of a ``List``.
    """

    def __init__(self, file: str, marks: Mapping[Path, Mark], prefix: Path = ()) -> None:
        self._file = file
        self._marks = marks
        self._prefix = prefix

    def __getitem__(self, path: Path) -> Origin:
        return Origin(self._file, *self._marks[self._prefix + path])

    def __iter__(self) -> Iterator[Path]:
        start = len(self._prefix)
        return (path[start:] for path in self._marks if path[:start] == self._prefix)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, path: object) -> bool:
        return isinstance(path, tuple) and self._prefix + path in self._marks

    def nearest(self, path: Path) -> Origin:
        """The place of the path or of its nearest known ancestor; else the start of the file."""
        for end in range(len(path), -1, -1):
            if path[:end] in self:
                return self[path[:end]]
        return Origin(self._file)

    def under(self, prefix: Path) -> "Places":
        """The places of what stands at the prefix, by paths from there."""
        return Places(self._file, self._marks, self._prefix + prefix)
