"""Access to the API server: from a kubeconfig, from a command's token, or from inside a pod."""

import base64
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from controller.manifests.files import Limits
from controller.manifests.yaml_reader import read
from controller.runtime.http_client import ClientCertificate, TlsContext, tls_context

_lock = threading.Lock()
_held: dict[str, tuple[str, datetime]] = {}
_ENDED, _ALWAYS = datetime.min.replace(tzinfo=UTC), "9999-12-31T00:00:00Z"
_EARLY = 60.0  # seconds before its expiration at which a token is renewed
_TIMEOUT = 60.0


def exec_token(command: Mapping[str, Any]) -> str:
    """The token of a command, which is run again only when the last token is about to expire.

    A token without an expiration is used until a server refuses it, as in client-go (kubernetes.io, "client-go
    credential plugins": expirationTimestamp).

    Raises:
        OSError: the command can't be run.
        ValueError: it gave no token, or did not end in time.

    """
    name = json.dumps(command, sort_keys=True)
    with _lock:
        token, until = _held.get(name, ("", _ENDED))
        if (until - datetime.now(UTC)).total_seconds() > _EARLY:
            return token
        _held[name] = _token_of(command)
        return _held[name][0]


def forget_token(command: Mapping[str, Any]) -> None:
    """Forget a token that a server refused, so that the next request runs the command again."""
    with _lock:
        _held.pop(json.dumps(command, sort_keys=True), None)


def _token_of(command: Mapping[str, Any]) -> tuple[str, datetime]:
    """The command's token and its expiration.

    Raises:
        OSError: the command can't be run.
        ValueError: it gave no token, or did not end in time.

    """
    try:
        status = _run(command)
        until = datetime.fromisoformat(status.get("expirationTimestamp") or _ALWAYS)
        return str(status["token"]), until if until.tzinfo else until.replace(tzinfo=UTC)
    except subprocess.TimeoutExpired:
        raise ValueError(f"{command['command']} did not end within {_TIMEOUT:.0f} s") from None
    except (AttributeError, KeyError, TypeError):
        raise ValueError(f"{command['command']} gave no credential with a token") from None


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
        timeout=_TIMEOUT,
    )
    if done.returncode:
        raise ValueError(f"{command['command']} failed: {done.stderr.strip()[-300:]}")
    status: Mapping[str, Any] = json.loads(done.stdout)["status"]
    return status


_POD = Path("/var/run/secrets/kubernetes.io/serviceaccount")


class AccessError(Exception):
    """There is no usable access to the API server; the message names what was checked."""


@dataclass(frozen=True)
class Access:
    """The access to an API server. A token file is read each time, because the kubelet renews it."""

    server: str
    authority: str | None = None
    token: str = ""
    token_file: str = ""
    certificate: str | None = None
    key: str | None = None
    command: Mapping[str, Any] | None = None
    namespace: str = "default"
    insecure: bool = False

    def bearer(self) -> str:
        """The token to send now; empty if a client certificate is used."""
        if self.command:
            return exec_token(self.command)
        if self.token_file:
            return Path(self.token_file).read_text(encoding="utf-8").strip()
        return self.token

    def handle_refusal(self) -> None:
        """Handle the refusal of the last token."""
        if self.command:
            forget_token(self.command)

    @cached_property
    def trust(self) -> TlsContext:
        """The TLS context, with the trusted authorities and the client certificate."""
        identity = ClientCertificate(self.certificate, self.key) if self.certificate else None
        return tls_context("", self.authority, identity, verify=not self.insecure)


def access(kubeconfig: str | None = None, context: str | None = None) -> Access:
    """The requested access, else ``KUBECONFIG``, else a pod's, else ``~/.kube/config``.

    Raises:
        AccessError: there is none.

    """
    named = kubeconfig or os.environ.get("KUBECONFIG", "").split(os.pathsep)[0]
    if not named and (_POD / "token").exists():
        return _in_pod()
    path = Path(named) if named else Path.home() / ".kube" / "config"
    try:
        documents = read(str(path), path.read_bytes(), Limits()).documents
    except OSError as error:
        raise AccessError(f"{path} can't be read: {error.strerror}") from None
    try:
        return _from_file(documents[0].value, path.parent, context)
    except (IndexError, KeyError, TypeError, StopIteration, ValueError) as error:
        raise AccessError(f"{path} is not a kubeconfig with the requested context ({error!r})") from None


def _in_pod() -> Access:
    host = os.environ.get("KUBERNETES_SERVICE_HOST", "kubernetes.default.svc")
    port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    return Access(
        f"https://{f'[{host}]' if ':' in host else host}:{port}",
        str(_POD / "ca.crt"),
        token_file=str(_POD / "token"),
        namespace=(_POD / "namespace").read_text(encoding="utf-8").strip(),
    )


def _from_file(document: Mapping[str, Any], folder: Path, desired: str | None) -> Access:
    context = _entry_named(document["contexts"], desired or document["current-context"])["context"]
    cluster = _entry_named(document["clusters"], context["cluster"])["cluster"]
    user = _entry_named(document["users"], context["user"])["user"]
    return Access(
        cluster["server"].rstrip("/"),
        _file(cluster, "certificate-authority", folder),
        token=user.get("token", ""),
        token_file=str(folder / user["tokenFile"]) if "tokenFile" in user else "",
        certificate=_file(user, "client-certificate", folder),
        key=_file(user, "client-key", folder),
        command=user.get("exec"),
        namespace=context.get("namespace", "default"),
        insecure=bool(cluster.get("insecure-skip-tls-verify")),
    )


def _entry_named(those: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in those if each["name"] == name)


def _file(document: Mapping[str, Any], member: str, folder: Path) -> str | None:
    """A file as named, or a temporary one with data of the kubeconfig: ssl takes only files."""
    data = document.get(f"{member}-data")
    if data:
        held, path = tempfile.mkstemp(prefix="sagectl-", suffix=".pem")
        with os.fdopen(held, "wb") as file:
            file.write(base64.b64decode(data))
        return path
    return str(folder / document[member]) if document.get(member) else None
