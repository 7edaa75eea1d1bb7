"""Requests to a running ``sagectl sync``, its webhook receiver and its probes, through the real command."""

import hashlib
import hmac
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.gitops.stage import group
from tests.gitops.test_command import read_status, run
from tests.programs.forked import run_to_end, start_forked
from tests.source.git.forge import Forge
from tests.source.git.repository import Repository

SECRET = "canary-of-the-hook"


def write_settings(forge: Forge, folder: Path, more: str = "") -> Path:
    """A file with one sync that polls only once in an hour, and further settings."""
    folder.mkdir(exist_ok=True)
    (folder / "ca.pem").write_text(forge.issued.authority)
    sync = (
        f"name: prod, repo: '{forge.url()}', branch: main, path: deploy, ca: {{file: ca.pem}}, interval: 1h"
    )
    (folder / "syncs.yaml").write_text(f"syncs:\n- {{{sync}}}\n{more}")
    return folder / "syncs.yaml"


@contextmanager
def running_sync(
    folder: Path, *arguments: str, account: tuple[str, ...] = ("--sandbox",)
) -> Iterator[list[str]]:
    """The command, running; yields the lines that it writes."""
    line = ["sync", "syncs.yaml", *account, "--format", "json", *arguments]
    log = folder / "log"
    with log.open("w") as out:
        process = start_forked(line, cwd=folder, env=os.environ, stdout=out)
        try:
            yield _Lines(log)
        finally:
            process.terminate()
            assert process.wait(30) == 0, log.read_text()


class _Lines(list[str]):
    """The lines of a file, read again each time."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def __iter__(self) -> Iterator[str]:
        return iter(self._file.read_text().splitlines())


def until(what: Callable[[], Any], seconds: float = 40) -> Any:
    """Wait for a value, and return it."""
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def event_lines(lines: list[str], event: str) -> list[dict[str, str]]:
    """The lines of an event."""
    return [line for each in lines if (line := json.loads(each))["msg"] == event]


def is_applied(folder: Path, revision: str) -> bool:
    """Whether a revision is applied."""
    file = folder / ".sagectl/sync/prod.json"
    if not file.exists():
        return False
    mark = read_status(folder)["lastApplied"]
    return isinstance(mark, dict) and mark["revision"] == revision and read_status(folder)["ready"] is True


def send_request(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Send a request to the sync from another process."""
    return run_to_end(["sync", "syncs.yaml", "--sandbox", *arguments], cwd=folder, env=os.environ)


def test_requests_to_poll_roll_back_and_resume(forge: Forge, repository: Repository, tmp_path: Path) -> None:
    """Row 52: ``--look`` polls now, ``--rollback`` keeps the last good revision, ``--forward`` ends that."""
    first = repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    write_settings(forge, folder)
    with running_sync(folder):
        until(lambda: is_applied(folder, first))
        second = repository.commit({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
        assert send_request(folder, "--look", "prod").returncode == 0
        until(lambda: is_applied(folder, second))
        assert read_status(folder)["lastHandledLook"]
        assert send_request(folder, "--rollback", "prod").returncode == 0
        until(lambda: is_applied(folder, first))
        assert read_status(folder)["head"] == second
        assert send_request(folder, "--forward", "prod").returncode == 0
        until(lambda: is_applied(folder, second))
        wrong = send_request(folder, "--look", "prob")
        assert wrong.returncode == 1
        assert "there is no sync prob" in wrong.stderr


def test_a_webhook_over_http_is_applied_at_once(
    forge: Forge, repository: Repository, tmp_path: Path, monkeypatch: Any
) -> None:
    """Row 64: a signed push over HTTP is applied at once, one id joins all events; probes and metrics are served."""
    monkeypatch.setenv("HOOK_SECRET", SECRET)
    first = repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    hooks = "{name: forge, provider: gitea, secrets: [{env: HOOK_SECRET}], syncs: [prod]}"
    write_settings(forge, folder, f"serve: {{port: 0}}\nwebhooks:\n  port: 0\n  receivers: [{hooks}]\n")
    with running_sync(folder) as lines:
        until(lambda: is_applied(folder, first))
        second = repository.commit({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
        body = json.dumps({"ref": "refs/heads/main"}).encode()
        proof = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Gitea-Event": "push", "X-Gitea-Delivery": "d-1", "X-Gitea-Signature": proof}
        port = event_lines(lines, "listening")[0]["port"]
        assert _http_get(f"http://127.0.0.1:{port}/hooks/forge", body, headers)[0] == 202
        until(lambda: is_applied(folder, second))
        request = event_lines(lines, "requested")[0]
        assert request["cause"] == "d-1"
        made = [
            each for each in event_lines(lines, "answered") if each["reconcileID"] == request["reconcileID"]
        ]
        assert [each["operation"] for each in made] == ["CreateModelPackageGroup"]
        assert all(re.fullmatch(r"[0-9a-f-]{36}", each["request"]) for each in made)
        assert read_status(folder)["run"] == request["reconcileID"]
        served = event_lines(lines, "serving")[0]["port"]
        assert _http_get(f"http://127.0.0.1:{served}/healthz")[0] == 200
        assert _http_get(f"http://127.0.0.1:{served}/readyz")[0] == 200
        text = _http_get(f"http://127.0.0.1:{served}/metrics")[1]
        assert 'sagectl_webhook_requests_total{provider="gitea",result="queued"} 1.0' in text
        assert f'revision="{second}"' in text
    assert SECRET not in (folder / "log").read_text()


def _http_get(url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
    request = urllib.request.Request(url, body, headers or {})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
        return answer.status, answer.read().decode()


def test_a_relative_state_folder_is_not_relative_to_git(
    forge: Forge, repository: Repository, tmp_path: Path
) -> None:
    """``--state`` may be a relative path: git runs in folders of its own, and the cache is in that folder."""
    repository.commit({"deploy/a.yaml": group("fraud")})
    folder = tmp_path / "run"
    assert run(forge, folder, "--once", "--state", "here").returncode == 0
    assert (folder / "here/cache").is_dir()
