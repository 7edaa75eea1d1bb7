"""Tokens from a command, as ``aws eks get-token`` gives them (client.authentication.k8s.io)."""

import json
import os
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_lock = threading.Lock()
_held: dict[str, tuple[str, datetime]] = {}
_EARLY = 60.0  # seconds before its end at which a token is renewed
_PATIENCE = 60.0


def exec_token(command: Mapping[str, Any]) -> str:
    """The command's token, run again only when the last one is about to end.

    Raises:
        OSError: the command can't be run.
        ValueError: it gave no token.

    """
    name = json.dumps(command, sort_keys=True)
    with _lock:
        token, until = _held.get(name, ("", datetime.min.replace(tzinfo=UTC)))
        if (until - datetime.now(UTC)).total_seconds() > _EARLY:
            return token
        status = _run(command)
        expiration_timestamp = status.get("expirationTimestamp")
        ends = datetime.fromisoformat(expiration_timestamp) if expiration_timestamp else datetime.now(UTC)
        _held[name] = (str(status["token"]), ends)
        return str(status["token"])


def _run(command: Mapping[str, Any]) -> Mapping[str, Any]:
    more = {each["name"]: each["value"] for each in command.get("env") or ()}
    request = {
        "apiVersion": command["apiVersion"],
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    done = subprocess.run(
        [command["command"], *(command.get("args") or ())],
        env={**os.environ, **more, "KUBERNETES_EXEC_INFO": json.dumps(request)},
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    if done.returncode:
        raise ValueError(f"{command['command']} failed: {done.stderr.strip()[-300:]}")
    status: Mapping[str, Any] = json.loads(done.stdout)["status"]
    return status
