"""Files with secrets, or with keys of digests, are readable by their owner only."""

import os
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Shell
from tests.cli.trees import CANARY, GROUP, WORKFORCE


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A umask that lets all users read and write new files."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_umask")
def test_files_of_a_run_are_private(local_shell: Shell) -> None:
    """Inventory, lock, saved plan and the sandbox's state: with any umask, group and others have no permissions."""
    local_shell.env["CLIENT_SECRET"] = CANARY
    local_shell.write("tree/group.yaml", GROUP)
    local_shell.write("tree/workforce.yaml", WORKFORCE)
    assert local_shell.run("plan", "tree", "--out", "plan.json").code == 2
    assert local_shell.run("apply", "--plan", "plan.json", "--poll", "0.05s").code == 0
    kept = [path for path in local_shell.folder.rglob("*") if path.is_file() and "tree" not in path.parts]
    names = {path.name for path in kept}
    assert {"plan.json", "sandbox.sqlite"} <= names
    assert any(name.startswith("inventory-") for name in names)
    assert {path.name for path in kept if path.stat().st_mode & 0o077} == set()
