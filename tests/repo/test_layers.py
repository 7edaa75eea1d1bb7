import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.repo.files import ROOT

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"]
_UPWARDS = "Imports go down only"
BREACHES = {
    "operator/periodic.py": ("controller.cli.errors", _UPWARDS),
    "gitops/schedule.py": ("controller.operator.periodic", _UPWARDS),
    "webhooks/delivery.py": ("controller.gitops.schedule", _UPWARDS),
    "notify/repository.py": ("controller.webhooks.providers", _UPWARDS),
    "output/terminal.py": ("controller.notify.delivery", _UPWARDS),
    "convert/foreign.py": ("controller.output.terminal", _UPWARDS),
    "api/reconciliation.py": ("controller.cli.errors", _UPWARDS),
    "insight/permissions.py": ("controller.output.terminal", _UPWARDS),
    "engine/effects.py": ("controller.insight.permissions", _UPWARDS),
    "engine/requests.py": ("controller.crds.rules", _UPWARDS),
    "engine/parallel_map.py": ("controller.source.git.revision_selector", _UPWARDS),
    "source/git/source.py": ("controller.engine.plan", _UPWARDS),
    "crds/definition.py": ("controller.engine.plan", _UPWARDS),
    "inventory/views.py": ("controller.engine.plan", _UPWARDS),
    "manifests/files.py": ("controller.inventory.model", _UPWARDS),
    "schema/shape.py": ("controller.manifests.files", _UPWARDS),
    "kinds/pipeline.py": ("controller.schema.names", _UPWARDS),
    "runtime/clock.py": ("controller.kinds", _UPWARDS),
    "runtime/atomic_file.py": ("controller.aws.client", _UPWARDS),
    "core/path.py": ("controller.runtime.clock", _UPWARDS),
    "aws/rate_limit.py": ("controller.kinds", "The cloud knows the core and nothing else of ours"),
    "engine/observed.py": (
        "controller.aws",
        "Only ways in open the cloud; everyone else is given one",
    ),
    "crds/rules.py": ("controller.inventory.model", "Definitions and repositories know no inventory"),
    "sandbox/listing.py": (
        "controller.core.ref",
        "The sandbox imports nothing of ours, so it can't share our mistakes",
    ),
    "engine/converge.py": ("controller.sandbox", "Only the command line starts a sandbox"),
    "webhooks/trigger_queue.py": (
        "controller.engine.report",
        "A webhook is judged without a repository, a forge, an engine or a cloud",
    ),
    "engine/report.py": ("boto3", "boto3 is imported by the cloud alone"),
    "schema/names.py": ("yaml", "YAML is read by the strict loader alone"),
    "source/git/mirror.py": (
        "subprocess",
        "Programs are started for git and for kubeconfigs, in one place each",
    ),
    "runtime/workqueue.py": ("kopf", "kopf watches the cluster, behind one door"),
    "insight/drift_acceptance.py": ("ruamel.yaml", "files are rewritten in one place"),
    "engine/decide.py": ("deepdiff", "deepdiff compares, in one place"),
    "webhooks/handler.py": (
        "aiohttp",
        "aiohttp serves webhooks, in one place, and carries kopf's watch, in another",
    ),
    "notify/commit_status_reporter.py": (
        "ssl",
        "TLS is set up by the HTTP client alone",
    ),
    "operator/kube/api.py": ("urllib3", "urllib3 is used by the HTTP client alone"),
    "gitops/metrics.py": (
        "prometheus_client",
        "prometheus_client is used by the metrics of the runtime alone",
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
        path.write_text(f"{path.read_text(encoding='utf-8')}\nimport {line}\n", encoding="utf-8")
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
    heads = done.stdout.partition("Broken contracts")
    unnoticed = [
        path
        for path, (line, name) in BREACHES.items()
        if f"{name} BROKEN" not in heads[0] or not _shown(path, line, heads[2])
    ]
    assert not unnoticed, done.stdout


def _shown(path: str, line: str, details: str) -> bool:
    """Whether an import is among those that the linter names; of other people's, it names the package."""
    module = "controller." + path.removesuffix(".py").replace("/", ".")
    named = line if line.startswith("controller") else line.partition(".")[0]
    return re.search(rf"{re.escape(module)} -> {re.escape(named)}\b", details) is not None
