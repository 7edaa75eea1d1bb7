import os
import re
import subprocess
import sys
from pathlib import Path

from tests.programs.forked import command_folder
from tests.repo.files import ROOT


def test_the_demo_ends_by_itself_with_an_empty_sandbox(tmp_path: Path) -> None:
    """The demo creates, finds nothing to do, moves model, configuration and endpoint in order, and leaves nothing."""
    path = f"{command_folder()}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", str(ROOT / "examples" / "demo.sh")],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    steps = re.split(r"(?m)^== \d+\. ", done.stdout)[1:]
    assert "Plan: 9 to create" in steps[0]
    assert "Done: 9 created" in steps[1]
    assert "No changes." in steps[2]
    moved = [
        steps[4].index(word)
        for word in (
            "Model/fraud: replaced",
            "EndpointConfig/fraud: replaced",
            "Endpoint/fraud: request accepted",
        )
    ]
    assert moved == sorted(moved)
    assert re.search(r"Endpoint/fraud: \w+ after", steps[4][moved[-1] :])
    assert "Done: 1 updated, 2 replaced (create before delete), 2 deleted." in steps[4]
    assert "Done: 9 deleted." in steps[5]
    assert "the sandbox is empty" in steps[6]
    assert not list(tmp_path.iterdir()), "the demo cleans up after itself"
