import shutil
import subprocess
import sys
from pathlib import Path

from tests.house.house import ROOT

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
BREACHES = {
    "engine/report.py": ("import boto3", "boto3 is imported by the cloud alone"),
    "engine/world.py": ("import controller.cloud", "Only fronts open the cloud; everyone else is given one"),
    "crds/short.py": ("import controller.engine.plan", "Imports go down only"),
    "kinds/pipeline.py": ("import controller.desired.bundle", "Imports go down only"),
    "cloud/pace.py": ("import controller.kinds", "The cloud knows the core and nothing else of ours"),
    "sandbox/pages.py": (
        "import controller.core.ref",
        "The sandbox imports nothing of ours, so it can't share our mistakes",
    ),
    "fronts/loop.py": ("import controller.sandbox", "Only the command line starts a sandbox"),
    "service/names.py": ("import yaml", "YAML is read by the strict loader alone"),
    "fronts/git/mirror.py": (
        "import subprocess",
        "Programs are started for git and for kubeconfigs, in one place each",
    ),
    "operator/queue.py": ("import kopf", "kopf watches the cluster, behind one door"),
    "engine/accept.py": ("import ruamel.yaml", "files are rewritten in one place"),
    "engine/decide.py": ("import deepdiff", "deepdiff compares, in one place"),
    "fronts/webhooks/gate.py": (
        "import aiohttp",
        "aiohttp serves webhooks, in one place, and carries kopf's watch, in another",
    ),
    "fronts/webhooks/looks.py": (
        "import controller.engine.report",
        "A webhook is judged without a repository, a forge, an engine or a cloud",
    ),
    "fronts/forges/statuses.py": (
        "import ssl",
        "TLS is set up in one place for forges and in one for the API server",
    ),
}


def test_floors_and_doors_hold() -> None:
    """Imports go down only, and each library comes in through its one door."""
    done = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_breach_of_any_floor_or_door_is_noticed(tmp_path: Path) -> None:
    """An import planted where it does not belong breaks the contract that forbids it."""
    shutil.copytree(
        ROOT / "controller", tmp_path / "controller", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, (line, _) in BREACHES.items():
        path = tmp_path / "controller" / name
        path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as c; c()",
            *LINT[1:],
        ],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    unnoticed = [name for _, name in BREACHES.values() if f"{name} BROKEN" not in done.stdout]
    assert not unnoticed, done.stdout
