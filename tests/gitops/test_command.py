"""``sagectl sync`` as users and CI jobs start it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.gitops.stage import group
from tests.programs.forked import run_to_end
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

SAGECTL = str(Path(sys.executable).with_name("sagectl"))


def sync_arguments(forge: Forge, folder: Path, *arguments: str) -> list[str]:
    """The arguments of ``sagectl`` for one sync of branch main, in the sandbox."""
    folder.mkdir(exist_ok=True)
    ca = folder / "ca.pem"
    ca.write_text(forge.issued.authority)
    where = ["--repo", forge.url(), "--branch", "main", "--path", "deploy", "--ca", str(ca)]
    return ["sync", *where, "--sandbox", "--name", "prod", *arguments]


def run(forge: Forge, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end."""
    return run_to_end(sync_arguments(forge, folder, *arguments), cwd=folder, env=os.environ)


def read_status(folder: Path) -> dict[str, object]:
    """The contents of the status file."""
    document: dict[str, object] = json.loads((folder / ".sagectl/sync/prod.json").read_text())
    return document


def test_once_applies_and_reports(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """Row 70: ``--once`` applies a sync, logs a line for each event, and writes a status file; again it is idle."""
    revision = repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    done = run(forge, folder, "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "msg=called sync=prod" in done.stdout
    assert f"revision={revision}" in done.stdout
    document = read_status(folder)
    assert document["ready"] is True
    assert document["lastApplied"] == document["lastAttempted"]
    again = run(forge, folder, "--once", "--format", "json")
    assert again.returncode == 0
    assert "called" not in again.stdout
    assert all(json.loads(line)["sync"] == "prod" for line in again.stdout.splitlines())


def test_an_unreadable_path_fails(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """``--once`` with a missing path exits with 1 and the reason; nothing is deleted."""
    repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    assert run(forge, folder, "--once", "--prune").returncode == 0
    repository.commit({"elsewhere/a.yaml": group("fraud")})
    done = run(forge, folder, "--once", "--prune")
    assert done.returncode == 1
    assert "SG055" in done.stdout
    assert read_status(folder)["ready"] is False


def test_a_plan_waits_for_its_approval(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """With ``--plan-only`` the exit code is 2 and nothing is done until the fingerprint is approved."""
    repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    done = run(forge, folder, "--once", "--plan-only")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "called" not in done.stdout
    attempted = read_status(folder)["lastAttempted"]
    assert isinstance(attempted, dict)
    done = run(forge, folder, "--once", "--plan-only", "--approve", attempted["fingerprint"])
    assert done.returncode == 0, done.stdout + done.stderr
    assert "msg=called" in done.stdout


def test_a_signal_ends_it_with_exit_code_0(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """A running sync exits with 0 soon after the signal, and another process may start."""
    repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    line = [SAGECTL, *sync_arguments(forge, folder)]
    with subprocess.Popen(
        line, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        until, path = time.monotonic() + 30, folder / ".sagectl/sync/prod.json"
        while not (path.exists() and read_status(folder)["ready"]):
            assert time.monotonic() < until
            time.sleep(0.05)
        busy = run(forge, folder, "--once")
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    assert busy.returncode == 1
    assert "in use by another run" in busy.stdout + busy.stderr
    assert run(forge, folder, "--once").returncode == 0


def test_a_push_of_a_wrong_type_fails_at_once(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """A push with ``tags`` as a list ends ``--once`` with its finding; nothing is deleted, also with prune."""
    repository.commit({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    folder = tmp_path / "run"
    assert run(forge, folder, "--once", "--prune").returncode == 0
    before = read_status(folder)["lastApplied"]
    wrong = group("churn").replace("spec: {}", "spec: {tags: [{key: a, value: b}]}")
    repository.commit({"deploy/b.yaml": wrong})
    begun = time.monotonic()
    done = run(forge, folder, "--once", "--prune", "--timeout", "50s")
    assert (done.returncode, time.monotonic() - begun < 40) == (1, True), done.stdout + done.stderr
    assert "SG022" in done.stdout
    assert "called" not in done.stdout
    assert read_status(folder)["lastApplied"] == before
