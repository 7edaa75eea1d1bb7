"""What a command line reads, in names that are the same for every clone of a repository and on every runner.

A path inside a git repository is named after the repository (its ``origin``, else nothing) and the place in it;
elsewhere after the place below the working folder; else it stays absolute. The standard input has one name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from controller.manifests.files import STDIN

_STDIN = "stdin:"
_ORIGIN = re.compile(r'^\[remote "origin"\]\s*$(?:\n(?!\[).*)*?\n\s*url\s*=\s*(\S+)', re.MULTILINE)


@dataclass(frozen=True)
class Paths:
    """A ``Coverage`` of files and folders: each as it was found, and its lasting name."""

    roots: tuple[tuple[Path, str], ...] = ()
    stdin: bool = False

    @classmethod
    def of(cls, paths: Iterable[str]) -> "Paths":
        """The coverage of the paths of a command line."""
        given = tuple(paths)
        places = (Path(path).resolve() for path in given if path != "-")
        return cls(tuple((path, _lasting(path)) for path in places), "-" in given)

    def source(self, file: str) -> str:
        """The lasting name of a file, by the path through which it was read."""
        if file == STDIN:
            return _STDIN
        path = Path(file).resolve()
        for root, name in self.roots:
            if path.is_relative_to(root):
                return "/".join([name.rstrip("/"), *path.relative_to(root).parts])
        return _lasting(path)

    def covers(self, source: str) -> bool:
        """Whether a file of that name is one of the paths, or lies below one."""
        if source == _STDIN:
            return self.stdin
        return any(source == name or source.startswith(f"{name.rstrip('/')}/") for _, name in self.roots)


def _lasting(path: Path) -> str:
    above = (path, *path.parents)
    repository = next((each for each in above if (each / ".git").exists()), None)
    if repository is not None:
        return "/".join([f"repo:{_origin(repository)}", *path.relative_to(repository).parts])
    here = Path.cwd()
    if path.is_relative_to(here):
        return "/".join(["file:.", *path.relative_to(here).parts])
    return f"file:{path.as_posix()}"


def _origin(repository: Path) -> str:
    """What the repository is called where it was cloned from, which is the same by ssh and by https."""
    try:
        text = _config(repository / ".git").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = _ORIGIN.search(text)
    return re.split(r"[/:]", found[1].rstrip("/"))[-1].removesuffix(".git") if found else ""


def _config(marker: Path) -> Path:
    """Where a clone, a work tree or a submodule keeps its settings (gitrepository-layout(5)).

    Raises:
        OSError: it can't be read.

    """
    if marker.is_dir():
        return marker / "config"
    message = marker.read_text(encoding="utf-8", errors="replace").partition("gitdir:")[2].strip()
    folder = marker.parent / message
    common = folder / "commondir"
    return (folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder) / "config"
