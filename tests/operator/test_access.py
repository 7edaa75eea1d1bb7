import base64
import json
import ssl
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from controller.operator.kube.access import AccessError, access
from controller.operator.kube.api import Api
from controller.operator.kube.request import ApiError, ApiPath
from tests.operator.wire import serve_wire
from tests.source.git.authority import issue_certificate

SCRIPT = """
import json, os, sys
asked = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
count = open(sys.argv[1], "a"); count.write("x"); count.close()
status = {"token": os.environ["WORD"], "expirationTimestamp": "2999-01-01T00:00:00Z"}
print(json.dumps({"apiVersion": asked["apiVersion"], "kind": "ExecCredential", "status": status}))
"""


def _kubeconfig(folder: Path, user: dict[str, object], **cluster: object) -> str:
    fields = {
        "current-context": "one",
        "contexts": [
            {"name": "one", "context": {"cluster": "c", "user": "u", "namespace": "ml"}},
            {"name": "two", "context": {"cluster": "c", "user": "u"}},
        ],
        "clusters": [{"name": "c", "cluster": {"server": "https://example.com:6443/", **cluster}}],
        "users": [{"name": "u", "user": user}],
    }
    path = folder / "config"
    path.write_text(json.dumps(fields), encoding="utf-8")
    return str(path)


def test_a_token_and_the_namespace_of_the_context_are_read(tmp_path: Path) -> None:
    """Server, namespace and token are those of the context, by default of the current one."""
    path = _kubeconfig(tmp_path, {"token": "t0"})
    found = access(path)
    assert (found.server, found.namespace, found.bearer()) == ("https://example.com:6443", "ml", "t0")
    assert access(path, "two").namespace == "default"


def test_a_token_in_a_file_is_read_anew(tmp_path: Path) -> None:
    """The kubelet renews the file; the next request uses the new token."""
    (tmp_path / "token").write_text("one\n", encoding="utf-8")
    found = access(_kubeconfig(tmp_path, {"tokenFile": "token"}))
    assert found.bearer() == "one"
    (tmp_path / "token").write_text("two\n", encoding="utf-8")
    assert found.bearer() == "two"


def test_a_command_gives_the_token_and_is_run_once_while_that_lasts(tmp_path: Path) -> None:
    """The command is run as ``aws eks get-token`` is used."""
    script, count = tmp_path / "token.py", tmp_path / "count"
    script.write_text(SCRIPT, encoding="utf-8")
    command = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": [str(script), str(count)],
        "env": [{"name": "WORD", "value": "from-a-command"}],
    }
    found = access(_kubeconfig(tmp_path, {"exec": command}))
    assert [found.bearer(), found.bearer()] == ["from-a-command"] * 2
    assert count.read_text(encoding="utf-8") == "x"


def _command(folder: Path, program: str) -> dict[str, object]:
    """A user whose token is the output of a Python program, which may count its runs in a given file."""
    (folder / "token.py").write_text(program, encoding="utf-8")
    arguments = [str(folder / "token.py"), str(folder / "count")]
    given = {"apiVersion": "client.authentication.k8s.io/v1", "command": sys.executable, "args": arguments}
    return {"exec": given}


def test_a_token_without_an_end_is_used_until_it_is_refused(tmp_path: Path) -> None:
    """As client-go does: no program is started for each request."""
    program = """
import json, sys
count = open(sys.argv[1], "a"); count.write("x"); count.close()
print(json.dumps({"status": {"token": "lasting"}}))
"""
    found = access(_kubeconfig(tmp_path, _command(tmp_path, program)))
    assert [found.bearer(), found.bearer()] == ["lasting"] * 2
    assert (tmp_path / "count").read_text(encoding="utf-8") == "x"
    found.handle_refusal()
    assert found.bearer() == "lasting"
    assert (tmp_path / "count").read_text(encoding="utf-8") == "xx"


def test_a_refused_token_is_requested_anew(tmp_path: Path) -> None:
    """A response with status 401 ends the use of the token that was sent."""
    program = 'import sys\nopen(sys.argv[1], "a").write("x")\nprint(\'{"status": {"token": "stale"}}\')\n'
    with serve_wire() as server:
        server.status = 401
        found = access(_kubeconfig(tmp_path, _command(tmp_path, program), server=server.url))
        for _ in range(2):
            with pytest.raises(ApiError, match="401"):
                Api(found).get(ApiPath(("version",)))
    assert (tmp_path / "count").read_text(encoding="utf-8") == "xx"


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("import time; time.sleep(60)", "did not end within"),
        ("print('{}')", "gave no credential"),
        ("print('[]')", "gave no credential"),
        ("print('{\"status\": {}}')", "gave no credential"),
        ("raise SystemExit('no login')", "no login"),
        ("print('hello')", "Expecting value"),
    ],
    ids=["silent", "nothing", "a list", "no token", "failed", "no JSON"],
)
def test_a_command_that_gives_no_token_is_an_error_of_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, message: str
) -> None:
    """Whatever the command does, the request fails like one that the server refuses; no thread ends."""
    monkeypatch.setattr("controller.operator.kube.access._TIMEOUT", 0.3 if "sleep" in program else 30)
    found = access(_kubeconfig(tmp_path, _command(tmp_path, program)))
    with pytest.raises(ApiError, match=message):
        Api(found).get(ApiPath(("version",)))


def test_data_becomes_a_file(tmp_path: Path) -> None:
    """A certificate inside the kubeconfig is written to a file for TLS."""
    data = base64.b64encode(b"certificate").decode()
    found = access(_kubeconfig(tmp_path, {"token": "t"}, **{"certificate-authority-data": data}))
    assert found.authority
    assert Path(found.authority).read_bytes() == b"certificate"


def test_an_authority_without_key_identifiers_is_trusted(tmp_path: Path) -> None:
    """As with kubectl: since Python 3.13 the standard library's default refuses the chain of such a cluster."""
    data = base64.b64encode(issue_certificate().authority.encode()).decode()
    found = access(_kubeconfig(tmp_path, {"token": "t"}, **{"certificate-authority-data": data}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*issue_certificate().write(tmp_path))
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(up, down, server_side=True)
    client = found.trust.wrap_bio(down, up, server_hostname="127.0.0.1")
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    assert client.getpeercert()


def test_what_is_no_kubeconfig_is_told(tmp_path: Path) -> None:
    """A missing file, another file and a missing context raise the same error, with the path."""
    (tmp_path / "other").write_text("a: 1\n", encoding="utf-8")
    good = _kubeconfig(tmp_path, {"token": "t"})
    for path, context in ((str(tmp_path / "none"), None), (str(tmp_path / "other"), None), (good, "three")):
        with pytest.raises(AccessError, match=str(tmp_path)):
            access(path, context)
