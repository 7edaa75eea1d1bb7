"""The files of the project, as git knows them; an unpacked archive without git is walked instead."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FOLDERS = ("controller", "crds", "docs", "examples", "tests", ".ci")


@cache
def files() -> tuple[Path, ...]:
    """Every file of the project that is, or is about to be, under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        names = {name for name in listed.stdout.decode().split("\0") if name}
        return tuple(sorted(path for name in names if (path := ROOT / name).is_file()))
    walked = [path for folder in _FOLDERS for path in (ROOT / folder).rglob("*")] + list(ROOT.iterdir())
    return tuple(sorted(path for path in walked if path.is_file() and "__pycache__" not in path.parts))


def python_files(folder: str) -> tuple[Path, ...]:
    """The Python files of a top folder."""
    return tuple(path for path in files() if path.suffix == ".py" and path.is_relative_to(ROOT / folder))


@cache
def tree(path: Path) -> ast.Module:
    """A Python file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones too."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def relative_path(path: Path) -> str:
    """A path relative to the project's root."""
    return str(path.relative_to(ROOT))
