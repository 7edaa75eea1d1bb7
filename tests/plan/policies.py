"""The real Open Policy Agent: found, or built once from the module that opa/go.mod lists."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.programs.built import Recipe, Report, build_once

HERE = Path(__file__).parent
RECIPE = Recipe(
    "opa",
    HERE / "opa",
    ("opa",),
    takes="a minute",
    without_go="put it on the PATH, or install Go to have it built",
)


@dataclass(frozen=True)
class Opa:
    """Runs rules over a plan's JSON."""

    program: Path

    def requests(self, rule: Path, plan: Path, query: str) -> Any:
        """The result of a query over a plan."""
        line = [str(self.program), "eval", "--format", "json", "-d", str(rule), "-i", str(plan), query]
        done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)["result"][0]["expressions"][0]["value"]


def program(report: Report) -> Path:
    """The program: of ``PATH``, of the cache, or built into the cache.

    Raises:
        MissingError: there is no way to get it.

    """
    found = shutil.which("opa")
    return Path(found) if found else build_once(RECIPE, report) / "opa"
