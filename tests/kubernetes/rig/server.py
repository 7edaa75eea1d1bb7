"""etcd and kube-apiserver on free ports, with throw-away data (flags: kubernetes.io, kube-apiserver; etcd.io)."""

import http.client
import json
import os
import signal
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.kubernetes.rig.programs import Programs
from tests.programs.running import LOCAL, await_ready, free_port, running
from tests.source.git.authority import issue_certificate

# Tokens; the second user has only the permissions that a test gives.
ADMIN, OPERATOR = ("admin-of-tests", "operator-of-tests")


@dataclass(frozen=True)
class Access:
    """The connection to a server: its address, its certificate, and kubeconfigs.

    ``kubeconfig`` is the administrator's; ``operator`` is that of the user ``sagemaker-gitops``, who has no
    right but those that a test gives.
    """

    host: str
    port: int
    authority: str
    kubeconfig: str
    operator: str
    kubectl: str

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> "Access":
        """Read what ``save`` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


@dataclass
class Server:
    """kube-apiserver on an etcd that outlives it; data and logs are in the folder."""

    found: Programs
    folder: Path
    client: int
    access: Access
    flags: tuple[str, ...] = ()
    etcd: int = 0  # the process
    _running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        """Start it, with the same data and port as before, and wait until it serves.

        Raises:
            RuntimeError: it did not get ready.

        """
        log, port = self.folder / "kube-apiserver.log", self.access.port
        command = [*_apiserver_command(self.found, self.folder, self.client, port), *self.flags]
        process = self._running.enter_context(running(command, log))
        await_ready(process, lambda: _is_ready(Path(self.access.authority), port), log)

    def stop(self) -> None:
        """Stop it; etcd continues."""
        self._running.close()

    @contextmanager
    def slow_etcd(self, stopped: float, running: float) -> Iterator[None]:
        """While the block runs, etcd is suspended for some seconds at each interval."""
        ended = threading.Event()

        def stall() -> None:
            while not ended.wait(running):
                os.kill(self.etcd, signal.SIGSTOP)
                ended.wait(stopped)
                os.kill(self.etcd, signal.SIGCONT)

        thread = threading.Thread(target=stall)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


@contextmanager
def run_server(found: Programs, folder: Path, *flags: str) -> Iterator[Access]:
    """A running server, with further flags if there are any; its data and logs are in the folder."""
    with run_restartable(found, folder, *flags) as made:
        yield made.access


@contextmanager
def run_restartable(found: Programs, folder: Path, *flags: str) -> Iterator[Server]:
    """The same, to be stopped and started."""
    folder.mkdir(parents=True, exist_ok=True)
    client, peer, secure = (free_port() for _ in range(3))
    (folder / "tokens.csv").write_text(
        f'{ADMIN},admin,admin,"system:masters"\n{OPERATOR},sagemaker-gitops,operator\n', encoding="utf-8"
    )
    (folder / "accounts.key").write_bytes(_key())
    authority = folder / "authority.pem"
    # The server would create an RSA key: signing with it for each connection took a quarter of its CPU time.
    certified = issue_certificate("kube-apiserver")
    certified.write(folder)
    authority.write_text(certified.authority, encoding="utf-8")
    admin, operator = folder / "kubeconfig", folder / "operator.kubeconfig"
    admin.write_text(_kubeconfig(secure, authority, ADMIN), encoding="utf-8")
    operator.write_text(_kubeconfig(secure, authority, OPERATOR), encoding="utf-8")
    access = Access(LOCAL, secure, str(authority), str(admin), str(operator), str(found.kubectl))
    made = Server(found, folder, client, access, flags)
    with running(_etcd_command(found, folder, client, peer), folder / "etcd.log") as etcd:
        made.etcd = etcd.pid
        try:
            made.start()
            yield made
        finally:
            made.stop()


def _etcd_command(found: Programs, folder: Path, client: int, peer: int) -> list[str]:
    serving, between = f"http://{LOCAL}:{client}", f"http://{LOCAL}:{peer}"
    return [
        str(found.etcd),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={serving}",
        f"--advertise-client-urls={serving}",
        f"--listen-peer-urls={between}",
        f"--initial-advertise-peer-urls={between}",
        f"--initial-cluster=default={between}",
        "--unsafe-no-fsync",
    ]


def _apiserver_command(found: Programs, folder: Path, client: int, secure: int) -> list[str]:
    key = folder / "accounts.key"
    return [
        str(found.apiserver),
        f"--etcd-servers=http://{LOCAL}:{client}",
        f"--secure-port={secure}",
        f"--bind-address={LOCAL}",
        f"--advertise-address={LOCAL}",
        f"--tls-cert-file={folder / 'server.pem'}",
        f"--tls-private-key-file={folder / 'server.key'}",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",
    ]


def _is_ready(authority: Path, port: int) -> bool:
    trusted = ssl.create_default_context(cafile=authority)
    httpsconnection = http.client.HTTPSConnection(LOCAL, port, context=trusted, timeout=5)
    try:
        httpsconnection.request("GET", "/readyz", headers={"Authorization": f"Bearer {ADMIN}"})
        return httpsconnection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        httpsconnection.close()


def _kubeconfig(port: int, authority: Path, token: str) -> str:
    """JSON is YAML."""
    cluster = {"server": f"https://{LOCAL}:{port}", "certificate-authority": str(authority)}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "tests",
            "clusters": [{"name": "tests", "cluster": cluster}],
            "users": [{"name": "one", "user": {"token": token}}],
            "contexts": [{"name": "tests", "context": {"cluster": "tests", "user": "one"}}],
        },
        indent=1,
    )


def _key() -> bytes:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return made.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
