import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.trees import SERVING

NEVER = ("kopf", "networkx", "deepdiff", "rich", "shtab", "aiohttp", "ruamel")
HEAVY = (*NEVER, "boto3", "botocore")
OF_STANDARD = ("difflib", "hmac", "html", "platform", "random", "secrets", "shutil", "uuid")
PLANNING = (
    "controller.engine.reconcile",
    "controller.engine.plan",
    "controller.engine.observed",
    "controller.inventory.model",
)
UNUSED_ROWS = ("controller.kinds.training_job", "controller.kinds.pipeline", "controller.kinds.domain")


@pytest.mark.parametrize(
    ("parts", "absent"),
    [
        (["--help"], (*HEAVY, "pydantic", "yaml", "typing", "dataclasses", "json")),
        (["plan", "--help"], (*HEAVY, "pydantic", "yaml", "typing")),
        (["version"], (*HEAVY, "pydantic", "yaml")),
        (["validate", "tree.yaml"], (*HEAVY, *OF_STANDARD, *UNUSED_ROWS, *PLANNING)),
        (["plan", "tree.yaml", "--sandbox"], (*NEVER, "prometheus_client", "controller.operator")),
    ],
)
def test_what_a_command_does_not_import(tmp_path: Path, parts: list[str], absent: tuple[str, ...]) -> None:
    """A command imports only what it needs, because imports delay its start."""
    (tmp_path / "tree.yaml").write_text(SERVING, encoding="utf-8")
    code = (
        "import sys; from controller.cli.main import main; "
        f"code = main({parts!r}); there = [m for m in {absent!r} if m in sys.modules]; "
        "sys.exit(f'{code}, imported: {there}' if there or code not in (0, 2) else 0)"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
