"""``sagectl sync`` as a process of its own, between a repository at Gitea and a sandbox over HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.sandbox import Sandbox
from tests.cli.conftest import Shell
from tests.gitea.repository import GiteaRepository
from tests.kubernetes.operator_process import wait_until
from tests.programs.forked import Process, start_forked
from tests.programs.running import LOCAL, free_port

SECRET = "canary-of-the-hook"
CONTEXT = "sagectl/prod"
TIMEOUT = 60.0
_PAUSE = (
    0.5  # between two requests for a commit's statuses: each takes Gitea 20 ms of CPU time, and git a process
)


def hook_url(port: int) -> str:
    """The address of the receiver ``forge``."""
    return f"http://{LOCAL}:{port}/hooks/forge"


def syncs_document(
    here: GiteaRepository, port: int, *, over: str = "https", **settings: Any
) -> dict[str, Any]:
    """A file of syncs with one, ``prod``; secrets are in FORGE_TOKEN and HOOK_SECRET, beside it is ``known_hosts``."""
    authority = {"ca": {"file": here.access.authority}}
    password = {"user": here.owner, "password": {"env": "FORGE_TOKEN"}}
    key = {"key": {"file": str(here.key.file)}, "knownHosts": {"file": "known_hosts"}}
    report = {
        "host": "gitea",
        "api": f"{here.access.url}/api/v1",
        "repository": here.path,
        "token": {"env": "FORGE_TOKEN"},
        "pullRequests": True,
    }
    https = {"repo": here.https, "login": password, **authority, "report": report}
    ssh = {"repo": here.ssh, "login": key, "report": {**report, **authority}}
    document = {
        "name": "prod",
        **(ssh if over == "ssh" else https),
        "branch": "main",
        "path": "deploy",
        "prune": True,
        **settings,
    }
    receiver = {"name": "forge", "provider": "gitea", "secrets": [{"env": "HOOK_SECRET"}], "syncs": ["prod"]}
    return {"syncs": [document], "webhooks": {"host": LOCAL, "port": port, "receivers": [receiver]}}


@dataclass
class RunningSync:
    """The file of syncs, the process, and its results."""

    hosted: GiteaRepository
    shell: Shell
    sandbox: Sandbox
    port: int = field(default_factory=free_port)

    @property
    def hook_url(self) -> str:
        """The address on which it listens for webhooks."""
        return hook_url(self.port)

    def write(self, *, over: str = "https", known_hosts: str = "", **settings: Any) -> None:
        """Write the file of one sync; JSON is YAML."""
        self.shell.write("known_hosts", known_hosts or self.hosted.access.known_hosts)
        document = syncs_document(self.hosted, self.port, over=over, poll="0.5s", **settings)
        self.shell.write("syncs.yaml", json.dumps(document))
        self.shell.env.update(FORGE_TOKEN=self.hosted.token, HOOK_SECRET=SECRET)

    @contextmanager
    def running(self) -> Iterator[Process]:
        """Run it for the block; it must exit with 0."""
        command = ["sync", "syncs.yaml", "--format", "json"]
        with self.log.open("w") as log:
            process = start_forked(command, cwd=self.shell.folder, env=self.shell.environment(), stdout=log)
        try:
            yield process
        finally:
            process.terminate()
            ended = process.wait(TIMEOUT)
        assert ended == 0, self.log_text

    def request_poll(self) -> None:
        """Request a poll as a user does, and wait for it."""
        assert self.shell.run("sync", "syncs.yaml", "--look", "prod").code == 0
        state = self.shell.folder / ".sagectl" / "sync"
        word = json.loads((state / "prod.word.json").read_text(encoding="utf-8"))["look"]
        wait_until(
            lambda: json.loads((state / "prod.json").read_text(encoding="utf-8"))["lastHandledLook"] == word
        )

    @property
    def log(self) -> Path:
        """The path of its log."""
        return self.shell.folder / "sync.log"

    @property
    def log_text(self) -> str:
        """The whole log."""
        return self.log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, str]]:
        """The events of one name in the log."""
        lines = [json.loads(line) for line in self.log_text.splitlines() if line.startswith("{")]
        return [line for line in lines if line["msg"] == name]

    def mutations(self) -> list[str]:
        """The operations that changed the account, in order."""
        return [call.operation for call in self.sandbox.calls if call.mutating and call.error is None]

    def until_called(self, count: int, since: float) -> float:
        """Wait for ``count`` changes of the account; returns the seconds since a time."""
        while len(self.mutations()) < count:
            assert time.monotonic() - since < TIMEOUT, self.log_text
            time.sleep(0.01)
        return time.monotonic() - since

    def wait_for_status(self, revision: str, verdict: str, context: str = CONTEXT) -> str:
        """Wait until a commit's last status of a context has this state; returns its description."""
        end = time.monotonic() + TIMEOUT
        while True:
            statuses = [each[1:] for each in self.hosted.statuses(revision) if each[0] == context]
            if statuses and statuses[-1][0] == verdict:
                return statuses[-1][1]
            assert time.monotonic() < end, f"{statuses}\n{self.log_text}"
            time.sleep(_PAUSE)
