"""The program that evaluates objects with kstatus and a health script: built once from the modules in go.mod."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.programs.built import Recipe, Report, build_once

HERE = Path(__file__).parent
RECIPE = Recipe(
    "health",
    HERE,
    ("health",),
    takes="half a minute",
    without_go="install Go to have it built (docs/dev/api-server.md)",
    packages="./...",
)


@dataclass(frozen=True)
class ObjectHealth:
    """The health of an object by kstatus and Argo CD: the status and its message."""

    kstatus: str
    message: str
    argocd: str
    text: str


def program(report: Report) -> Path:
    """The program, of the cache or built into it.

    Raises:
        MissingError: there is no way to get it.

    """
    return build_once(RECIPE, report) / "health"


def evaluate_health(path: Path, objects: Sequence[Mapping[str, Any]], lua: str) -> list[ObjectHealth]:
    """The health of each object."""
    payload = json.dumps({"objects": list(objects), "lua": lua})
    done = subprocess.run([path], input=payload, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [ObjectHealth(**each) for each in json.loads(done.stdout)]
