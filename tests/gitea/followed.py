"""``sagectl sync`` as a process of its own, between a repository at Gitea and a sandbox over HTTP."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.sandbox import Sandbox
from tests.fronts.conftest import SAGECTL, Shell
from tests.gitea.hosted import Hosted
from tests.kubernetes.operated import until
from tests.programs.running import LOCAL, free_port

SECRET = "canary-of-the-hook"
CONTEXT = "sagectl/prod"
PATIENCE = 60.0


@dataclass
class Followed:
    """The file of syncs, the process, and what came of it."""

    hosted: Hosted
    shell: Shell
    sandbox: Sandbox
    port: int = field(default_factory=free_port)

    @property
    def hook_url(self) -> str:
        """Where webhooks are listened for."""
        return f"http://{LOCAL}:{self.port}/hooks/forge"

    def write(self, *, over: str = "https", known_hosts: str = "", **settings: Any) -> None:
        """Write the file of one sync; JSON is YAML."""
        here = self.hosted
        login: dict[str, Any] = {"user": here.owner, "password": {"env": "FORGE_TOKEN"}}
        if over == "ssh":
            self.shell.write("known_hosts", known_hosts or here.access.known_hosts)
            login = {"key": {"file": str(here.key.file)}, "knownHosts": {"file": "known_hosts"}}
        authority = {"ca": {"file": here.access.authority}}
        told = {
            "name": "prod",
            "repo": here.ssh if over == "ssh" else here.https,
            "branch": "main",
            "path": "deploy",
            "login": login,
            "prune": True,
            "poll": "0.5s",
            "report": {"host": "gitea", "api": f"{here.access.url}/api/v1", "repository": here.path,
                       "token": {"env": "FORGE_TOKEN"}, **authority},
            **({} if over == "ssh" else authority),
            **settings,
        }  # fmt: skip
        receiver = {
            "name": "forge",
            "provider": "gitea",
            "secrets": [{"env": "HOOK_SECRET"}],
            "syncs": ["prod"],
        }
        hooks = {"host": LOCAL, "port": self.port, "receivers": [receiver]}
        self.shell.write("syncs.yaml", json.dumps({"syncs": [told], "webhooks": hooks}))
        self.shell.env.update(FORGE_TOKEN=here.token, HOOK_SECRET=SECRET)

    @contextmanager
    def running(self) -> "Iterator[subprocess.Popen[bytes]]":
        """Follow while the block runs; it must end in good order."""
        command = [str(SAGECTL), "sync", "syncs.yaml", "--format", "json"]
        with self.log.open("w") as log:
            process = subprocess.Popen(
                command, cwd=self.shell.folder, env=self.shell.environment(), stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.terminate()
            ended = process.wait(PATIENCE)
        assert ended == 0, self.told

    @property
    def log(self) -> Path:
        """Where its lines go."""
        return self.shell.folder / "sync.log"

    @property
    def told(self) -> str:
        """All that it said."""
        return self.log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, str]]:
        """What it said of one kind of event."""
        lines = [json.loads(line) for line in self.told.splitlines() if line.startswith("{")]
        return [line for line in lines if line["event"] == name]

    def mutations(self) -> list[str]:
        """The operations that changed the account, in order."""
        return [call.operation for call in self.sandbox.calls if call.mutating and call.error is None]

    def until_called(self, count: int, since: float) -> float:
        """Wait for so many changes of the account; gives the seconds since a moment.

        Raises:
            AssertionError: they did not come in time.

        """
        while len(self.mutations()) < count:
            assert time.monotonic() - since < PATIENCE, self.told
            time.sleep(0.01)
        return time.monotonic() - since

    def until_told(self, revision: str, verdict: str) -> None:
        """Wait until a commit's last status, which is ours, is this one."""
        until(lambda: (self.hosted.statuses(revision) or [("", "", "")])[-1][:2] == (CONTEXT, verdict))
