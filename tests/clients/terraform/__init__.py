"""Terraform and its provider of AWS: apply, an empty plan, a change, an empty plan again, destroy."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from controller.sandbox import Knobs, Sandbox, WallClock, serve
from tests.clients.client_result import Check, ClientResult, Report, State
from tests.clients.environment import client_environment
from tests.programs.built import MissingError, Recipe, build_once

HERE = Path(__file__).parent
RECIPE = Recipe(
    "terraform-provider-aws",
    HERE,
    ("terraform-provider-aws",),
    takes="an hour or more",
    without_go="install Go to have it built",
)
PLAN = ("plan", "-input=false", "-no-color", "-detailed-exitcode")
APPLY = ("apply", "-input=false", "-no-color", "-auto-approve")
CHANGE = {"TF_VAR_description": "two", "TF_VAR_instances": "2"}
STEPS: tuple[tuple[str, tuple[str, ...], Mapping[str, str]], ...] = (
    ("apply", APPLY, {}),
    ("plan once applied: no changes", PLAN, {}),
    ("apply a change", APPLY, CHANGE),
    ("plan once changed: no changes", PLAN, CHANGE),
    ("destroy", ("destroy", "-no-color", "-auto-approve"), CHANGE),
)


def run(report: Report) -> ClientResult:
    """Run it.

    Raises:
        MissingError: there is no Terraform or OpenTofu in the path, or the provider cannot be built.

    """
    program = shutil.which("terraform") or shutil.which("tofu")
    if program is None:
        raise MissingError("there is neither terraform nor tofu in the path: install one")
    provider = build_once(RECIPE, report)
    with tempfile.TemporaryDirectory() as made:
        checks = tuple(_checks(program, provider, Path(made)))
    return ClientResult("terraform", "AWS provider 4.9", checks)


def _checks(program: str, provider: Path, folder: Path) -> Iterator[Check]:
    shutil.copy(HERE / "main.tf", folder)
    overrides = (
        f'provider_installation {{\n  dev_overrides {{ "hashicorp/aws" = "{provider}" }}\n  direct {{}}\n}}\n'
    )
    (folder / "terraform.rc").write_text(overrides, encoding="utf-8")
    # as fast as a provider that polls every few seconds can follow
    sandbox = Sandbox(clock=WallClock(), knobs=Knobs(pace=90))
    server = serve(sandbox).start()
    more = {
        "TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"),
        "TF_VAR_url": server.url,
        "CHECKPOINT_DISABLE": "1",
    }
    try:
        for name, arguments, variables in STEPS:
            done = subprocess.run(
                [program, *arguments],
                cwd=folder,
                env={**client_environment(server.url, **more, **variables), "HOME": os.fspath(folder)},
                capture_output=True,
                text=True,
                check=False,
            )
            passed = done.returncode == 0
            yield Check(name, State.PASSED if passed else State.FAILED, "" if passed else _end(done))
    finally:
        server.stop()
    left = ", ".join(sandbox.resources())
    yield Check("nothing is left", State.FAILED if left else State.PASSED, left)


def _end(done: "subprocess.CompletedProcess[str]") -> str:
    return " ".join((done.stderr or done.stdout).split())[-500:]
