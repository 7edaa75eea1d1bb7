"""The layers of the packages, and the importers of each library."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import networkx as nx

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
    "aws/rate_limit.py": ("controller.kinds", "controller.aws imports nothing of ours but controller.core"),
    "engine/observed.py": (
        "controller.aws",
        "Only cli and api import controller.aws",
    ),
    "crds/rules.py": (
        "controller.inventory.model",
        "controller.crds and controller.source import no inventory",
    ),
    "sandbox/listing.py": (
        "controller.core.ref",
        "The sandbox imports nothing of ours",
    ),
    "engine/converge.py": ("controller.sandbox", "Only the command line imports the sandbox"),
    "webhooks/trigger_queue.py": (
        "controller.engine.report",
        "Webhooks import no repository, provider, engine or AWS client",
    ),
    "engine/report.py": ("boto3", "boto3 is imported by controller.aws only"),
    "schema/names.py": ("yaml", "yaml is imported by controller.manifests only"),
    "source/git/mirror.py": (
        "subprocess",
        "subprocess is imported for git and for kubeconfigs only",
    ),
    "runtime/workqueue.py": ("kopf", "kopf is imported by the operator's informers only"),
    "insight/drift_acceptance.py": ("ruamel.yaml", "ruamel.yaml is imported by manifests.rewrite only"),
    "engine/decide.py": ("deepdiff", "deepdiff is imported by engine.diff only"),
    "webhooks/handler.py": (
        "aiohttp",
        "aiohttp is imported by the webhook server and for kopf's watch only",
    ),
    "notify/commit_status_reporter.py": (
        "ssl",
        "ssl is imported by the HTTP client only",
    ),
    "operator/kube/api.py": ("urllib3", "urllib3 is imported by the HTTP client only"),
    "gitops/metrics.py": (
        "prometheus_client",
        "prometheus_client is imported by runtime.metrics only",
    ),
}


def test_imports_keep_to_the_layers() -> None:
    """Imports go down only, and each library is imported where its contract allows it."""
    done = subprocess.run(LINT, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_module_imports_itself_through_others() -> None:
    """No cycle of modules, and none hidden by an import inside of a function."""
    graph = grimp.build_graph("controller", cache_dir=None)
    imports: nx.DiGraph[str] = nx.DiGraph(
        (each, of) for each in graph.modules for of in graph.find_modules_directly_imported_by(each)
    )
    assert [sorted(each) for each in nx.strongly_connected_components(imports) if len(each) > 1] == []


def test_a_breach_of_any_contract_is_noticed(tmp_path: Path) -> None:
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
        if f"{name} BROKEN" not in heads[0] or not _is_reported(path, line, heads[2])
    ]
    assert not unnoticed, done.stdout


def _is_reported(path: str, line: str, details: str) -> bool:
    """Whether the linter's output lists an import; of third-party ones, it lists the package."""
    module = "controller." + path.removesuffix(".py").replace("/", ".")
    named = line if line.startswith("controller") else line.partition(".")[0]
    return re.search(rf"{re.escape(module)} -> {re.escape(named)}\b", details) is not None
