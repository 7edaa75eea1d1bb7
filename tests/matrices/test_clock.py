"""A scenario has one clock, the simulation's: what it does is the same however long the machine takes for it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]


def _play_all(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.matrices.jumping_clock", *options]
    run = subprocess.run(command, cwd=_ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def test_a_scenario_and_a_history_do_the_same_while_the_machines_clock_jumps() -> None:
    """The request with a number is the same one in each play only if no read becomes invalid by the machine's clock."""
    jumping, still = _play_all(), _play_all("--still")
    assert len(still) > 30
    assert [name for name, end in still.items() if jumping[name] != end] == []
