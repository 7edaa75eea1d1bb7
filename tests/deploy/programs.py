"""Helm and promtool: of ``PATH``, or built once from the module that tools/go.mod lists."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.programs.built import Recipe, Report, build_once

RECIPE = Recipe(
    "deploy",
    Path(__file__).parent / "tools",
    ("helm", "promtool"),
    takes="three to five minutes",
    without_go="put them on the PATH, or install Go to have them built",
)


@dataclass(frozen=True)
class Tool:
    """A program that reads files and writes to its standard output."""

    program: Path

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run it to its end; the caller checks the exit code."""
        line = [str(self.program), *arguments]
        return subprocess.run(line, capture_output=True, text=True, timeout=120, check=False)

    def must(self, *arguments: str) -> str:
        """The output of a run.

        Raises:
            AssertionError: it failed; the message holds what it printed.

        """
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def programs(report: Report) -> dict[str, Path]:
    """The programs by their names.

    Raises:
        MissingError: there is no way to get them.

    """
    found = {name: shutil.which(name) for name in RECIPE.programs}
    if all(found.values()):
        return {name: Path(path) for name, path in found.items() if path}
    folder = build_once(RECIPE, report)
    return {name: folder / name for name in RECIPE.programs}
