"""Gitea: built once from the module that go.mod lists, with the files that it serves beside it."""

import re
import shutil
import subprocess
from pathlib import Path

from tests.programs.built import MissingError, Recipe, Report, build_once

HERE = Path(__file__).parent
_MODULE = "code.gitea.io/gitea"
_FILES = ("templates", "options", "public")  # read at run time, from STATIC_ROOT_PATH


def program(report: Report) -> Path:
    """The program, of the cache or built into it; its files are in ``static`` beside it.

    Raises:
        MissingError: there is no way to get it.

    """
    return build_once(gitea_recipe(), report) / "gitea"


def gitea_recipe() -> Recipe:
    """How it is built."""
    found = re.search(rf"{_MODULE} v([0-9.]+)", (HERE / "go.mod").read_text(encoding="utf-8"))
    return Recipe(
        "gitea",
        HERE,
        ("gitea",),
        takes="three to six minutes",
        without_go="install Go and a C compiler to have it built (docs/gitops.md)",
        tags="sqlite sqlite_unlock_notify",
        link=f"-s -w -X main.Version={found[1] if found else 'unknown'}",
        finish=_copy_static_files,
    )


def _copy_static_files(go: str, folder: Path) -> None:
    """Go's cache of modules may be gone when Gitea runs, and its folders can't be written to: copy files alone."""
    line = [go, "list", "-m", "-f", "{{.Dir}}", _MODULE]
    process = subprocess.run(line, cwd=HERE, capture_output=True, text=True, check=False)
    if process.returncode:
        raise MissingError(f"go list failed: {process.stderr}")
    source = Path(process.stdout.strip())
    for file in (each for name in _FILES for each in (source / name).rglob("*") if each.is_file()):
        to = folder / "static" / file.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, to)
