"""From a push to its first call to AWS, by a webhook on loopback: ``python -m tests.benchmarks.webhook``.

A process of ``sagectl sync``, a git server and a sandbox; no sync is due by its interval. The median of some pushes.
"""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from controller.sandbox import Sandbox, serve
from controller.webhooks.providers import Provider
from tests.benchmarks.figures import record
from tests.cli.conftest import SAGECTL
from tests.gitops.stage import group
from tests.programs.running import LOCAL, free_port
from tests.source.git.authority import issue_certificate
from tests.source.git.forge import serve_forge
from tests.source.git.repository import Repository
from tests.webhooks.signed import SECRET, push_request

GOAL, PUSHES, LONGEST = 1.5, 5, 60.0
GAP = 11.0  # seconds between polls that webhooks cause: controller/webhooks/trigger_queue.py
KEY = "a push to its first call to AWS, by webhook on loopback"


@contextmanager
def _run_sync(folder: Path, repository: str, authority: str, sandbox: Sandbox) -> Iterator[int]:
    """A process that follows the repository; yields the port of its webhooks."""
    port, server = free_port(), serve(sandbox).start()
    (folder / "ca.pem").write_text(authority, encoding="utf-8")
    source = {
        "name": "prod",
        "repo": repository,
        "ca": {"file": "ca.pem"},
        "branch": "main",
        "path": "deploy",
    }
    receiver = {"name": "forge", "provider": "gitea", "secrets": [{"env": "HOOK_SECRET"}], "syncs": ["prod"]}
    document = {"syncs": [source], "webhooks": {"host": LOCAL, "port": port, "receivers": [receiver]}}
    (folder / "syncs.yaml").write_text(json.dumps(document), encoding="utf-8")
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(folder), "HOOK_SECRET": SECRET, "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "us-east-1",
    }  # fmt: skip
    command = [str(SAGECTL), "sync", "syncs.yaml", "--endpoint-url", server.url, "--format", "json"]
    with (folder / "sync.log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield port
    finally:
        process.terminate()
        process.wait(LONGEST)
        server.stop()


def _count_changes(sandbox: Sandbox) -> int:
    return sum(call.mutating for call in sandbox.calls)


def _until_called(sandbox: Sandbox, before: int) -> float:
    """The time of the next changing call; reads continue while a resource is in transition."""
    end = time.monotonic() + LONGEST
    while _count_changes(sandbox) <= before:
        if time.monotonic() > end:
            raise TimeoutError("no call came")
        time.sleep(0.005)
    return time.monotonic()


def _send(port: int, number: int) -> None:
    sent = push_request(Provider.GITEA, name=f"72d3162e-cc78-11e3-81ab-{number:012d}")
    request = urllib.request.Request(f"http://{LOCAL}:{port}/hooks/forge", sent.body, dict(sent.pairs))
    urllib.request.urlopen(request, timeout=LONGEST).close()  # noqa: S310 - an address of our own


def measure(folder: Path) -> list[float]:
    """Seconds from each push to its first call."""
    (folder / "forge").mkdir()
    sandbox = Sandbox()
    repository, found = Repository(folder / "forge" / "fleet.git"), []
    repository.commit({"deploy/0.yaml": group("g0")})
    with (
        serve_forge(folder / "forge", issue_certificate()) as forge,
        _run_sync(folder, forge.url(), forge.issued.authority, sandbox) as port,
    ):
        _until_called(sandbox, 0)
        for number in range(1, PUSHES + 1):
            time.sleep(GAP)
            before = _count_changes(sandbox)
            repository.commit({f"deploy/{each}.yaml": group(f"g{each}") for each in range(number + 1)})
            began = time.monotonic()
            _send(port, number)
            found.append(_until_called(sandbox, before) - began)
    sandbox.close()
    return found


def main() -> int:
    """Run, print, judge; the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder))
    print(
        f"| pushes | median s | longest s | goal |\n|---|---|---|---|\n"
        f"| {len(found)} | {median(found):.2f} | {max(found):.2f} | {GOAL} |"
    )
    record({KEY: f"{median(found):.1f} s"})
    good = median(found) <= GOAL
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
