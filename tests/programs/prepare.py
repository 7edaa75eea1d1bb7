"""``python -m tests.programs.prepare``: build the programs that the tests start, before the first test.

It prints what will be built and how long that takes, and nothing where all of it is installed or in the cache.
"""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.deploy import programs as deploy
from tests.gitea.rig import program as gitea
from tests.health.rig import program as health
from tests.kubernetes.rig import programs as kubernetes
from tests.plan import policies
from tests.programs.built import MissingError, Recipe, Report


@dataclass(frozen=True)
class Program:
    """A recipe, and the function of its rig that finds the program or builds it."""

    recipe: Recipe
    get: Callable[[Report], object]
    installed: bool = False


def needed() -> tuple[Program, ...]:
    """Every program that a test builds."""
    kubebuilder = bool(os.environ.get("KUBEBUILDER_ASSETS")) or all(map(shutil.which, kubernetes.NAMES))
    charts = all(map(shutil.which, deploy.RECIPE.programs))
    return (
        Program(kubernetes.kubernetes_recipe(), kubernetes.programs, installed=kubebuilder),
        Program(gitea.gitea_recipe(), gitea.program),
        Program(policies.RECIPE, policies.program, installed=shutil.which("opa") is not None),
        Program(health.RECIPE, health.program),
        Program(deploy.RECIPE, deploy.programs, installed=charts),
    )


def prepare(programs: Sequence[Program], report: Report) -> None:
    """Print what will be built and for how long, then build it; a failure is left to the tests that need it."""
    missing = [each for each in programs if not each.installed and each.recipe.missing]
    if missing:
        report("Not in the cache yet; built once, before the tests:")
    for each in missing:
        report(f"  {', '.join(each.recipe.programs)}: {each.recipe.takes}")
    for each in missing:
        try:
            each.get(report)
        except MissingError as error:
            report(
                f"{each.recipe.name} was not built; its tests are skipped, and fail where CI=true: {error}"
            )


def _print(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    prepare(needed(), _print)
