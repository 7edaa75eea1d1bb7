import base64
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from urllib3.exceptions import InsecureRequestWarning

from controller.runtime.backoff import Backoff
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import (
    HttpClient,
    Request,
    RequestLimits,
    Response,
    Unreachable,
    tls_context,
)
from tests.notify.recorded import ExpectedRequest, RecordedProvider
from tests.notify.shapes import TOKEN

PLAIN = frozenset({"127.0.0.1"})


def build_request(url: str, body: bytes | None = None) -> Request:
    return Request("POST" if body else "GET", url, {}, {"Authorization": SecretText(TOKEN)}, body)


@contextmanager
def serve_answer(*parts: bytes, pause: float = 0.0, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that writes these parts to each client, with pauses between them."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()

        def serve() -> None:
            try:
                wire, _ = server.accept()
                with context.wrap_socket(wire, server_side=True) if context else wire as safe:
                    safe.recv(65536)
                    for part in parts:
                        safe.sendall(part)
                        over.wait(pause)
            except OSError:
                pass  # the client hung up, as it should

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            thread.join(5)


def test_an_answer_is_an_answer_whatever_its_status(provider: RecordedProvider) -> None:
    """No status raises; headers are in lower case; the login is sent."""
    expected = ExpectedRequest(
        "GET", "/x", 418, {"a": 1}, headers={"Authorization": TOKEN}, answered={"X-Tea": "pot"}
    )
    provider.will(expected)
    answer = HttpClient(plain=PLAIN)(build_request(f"{provider.base}/x"))
    assert isinstance(answer, Response)
    assert (answer.status, answer.headers["x-tea"], answer.body) == (418, "pot", b'{"a": 1}')


def test_a_redirect_is_not_followed(provider: RecordedProvider) -> None:
    """A token is never sent to the address of a redirect: the redirect is the response."""
    provider.will(ExpectedRequest("GET", "/x", 302, answered={"Location": f"{provider.base}/elsewhere"}))
    answer = HttpClient(plain=PLAIN)(build_request(f"{provider.base}/x"))
    assert isinstance(answer, Response)
    assert answer.status == 302


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://forge.example/", "file:///etc/passwd", "ftp://x/", "x"]
)
def test_only_https_is_spoken_unless_told_otherwise(url: str) -> None:
    """Plain HTTP is only for given hosts; other schemes are always refused."""
    assert isinstance(HttpClient()(build_request(url)), Unreachable)
    response = HttpClient(plain=frozenset({"other"}))(build_request(url))
    assert "https" in repr(response)


def test_nobody_there_is_told_without_the_token() -> None:
    """A failed connection is reported with its host and kind, without any part of the request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    response = HttpClient(plain=PLAIN)(build_request(f"http://127.0.0.1:{port}/{TOKEN}"))
    assert isinstance(response, Unreachable)
    assert response.reason.startswith("127.0.0.1: no connection (")
    assert TOKEN not in response.reason


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", b"HTTP/1.1 two\r\n\r\n"],
)
def test_a_broken_answer_is_no_answer(answer: bytes) -> None:
    """A truncated response, or one that is no HTTP, is reported as such."""
    with serve_answer(answer) as port:
        response = HttpClient(plain=PLAIN)(build_request(f"http://127.0.0.1:{port}/"))
    assert isinstance(response, Unreachable)
    assert TOKEN not in response.reason


def test_an_answer_that_drips_is_cut() -> None:
    """The time-out is for the whole exchange: an answer that comes byte by byte doesn't prolong it."""
    drops = [b"x"] * 100
    with serve_answer(b"HTTP/1.1 200 OK\r\n\r\n", *drops, pause=0.1) as port:
        begun = time.monotonic()
        response = HttpClient(limits=RequestLimits(0.5, 0.5), plain=PLAIN)(
            build_request(f"http://127.0.0.1:{port}/")
        )
        assert time.monotonic() - begun < 3
    assert response == Unreachable("127.0.0.1: no answer in time")


def test_an_answer_that_is_too_large_is_cut() -> None:
    """Sixteen megabytes are read and no more."""
    parts = [b"x" * 1024 * 1024] * 17
    with serve_answer(b"HTTP/1.1 200 OK\r\n\r\n", *parts) as port:
        response = HttpClient(plain=PLAIN)(build_request(f"http://127.0.0.1:{port}/"))
    assert response == Unreachable("127.0.0.1: an answer that cannot be read")


def test_a_certificate_must_be_trusted(tmp_path: Path) -> None:
    """A self-signed certificate is refused before the token is sent, and accepted when its authority is given."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=forge", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with serve_answer(b"HTTP/1.1 204 No Content\r\n\r\n", context=context) as port:
        response = HttpClient()(build_request(f"https://127.0.0.1:{port}/"))
        assert response == Unreachable("127.0.0.1: its certificate is not trusted, or its TLS is broken")
    with serve_answer(b"HTTP/1.1 204 No Content\r\n\r\n", context=context) as port:
        with pytest.warns(InsecureRequestWarning):
            answer = HttpClient(tls_context(verify=False))(build_request(f"https://127.0.0.1:{port}/"))
        assert isinstance(answer, Response)  # as insecure-skip-tls-verify in a kubeconfig has it
    with serve_answer(b"HTTP/1.1 204 No Content\r\n\r\n", context=context) as port:
        answer = HttpClient(tls_context(certificate.read_text(encoding="ascii")))(
            build_request(f"https://127.0.0.1:{port}/")
        )
        assert isinstance(answer, Response)
        assert answer.status == 204


@pytest.mark.parametrize("text", ["certificate.pem", "-----BEGIN CERTIFICATE-----\nnone", "\u00e4"])
def test_an_authority_that_is_none_is_told(text: str) -> None:
    """What is no certificate is refused when it is configured, not at the first report."""
    with pytest.raises(ValueError, match="not a certificate in PEM"):
        tls_context(text)


def test_a_proxy_of_the_environment_is_used(
    provider: RecordedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the environment names a proxy, it is used."""
    monkeypatch.setenv("http_proxy", provider.base)
    monkeypatch.setenv("no_proxy", "")
    provider.will(ExpectedRequest("GET", "http://forge.example/x", 204))
    answer = HttpClient(plain=frozenset({"forge.example"}))(build_request("http://forge.example/x"))
    assert isinstance(answer, Response)


@pytest.mark.parametrize(
    ("bypass", "through"),
    [("", True), ("forge.example", False), (".example", False), ("*", False), ("other", True)],
)
def test_no_proxy_is_heeded(
    provider: RecordedProvider, monkeypatch: pytest.MonkeyPatch, bypass: str, *, through: bool
) -> None:
    """A host of no_proxy is connected to directly, and a client without proxies connects directly to all."""
    monkeypatch.setenv("http_proxy", provider.base)
    monkeypatch.setenv("no_proxy", bypass)
    for proxies in (True, False):
        client = HttpClient(plain=frozenset({"forge.example"}), proxies=proxies)
        if through and proxies:
            provider.will(ExpectedRequest("GET", "http://forge.example/x", 204))
        answer = client(build_request("http://forge.example/x"))
        assert isinstance(answer, Response) == (through and proxies)


def test_the_login_of_a_proxy_is_sent_to_it(
    provider: RecordedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that is named with a login gets it, and no error repeats it."""
    proxy = provider.base.replace("://", "://me:pass%21@")
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.setenv("no_proxy", "")
    login = base64.b64encode(b"me:pass!").decode()
    provider.will(
        ExpectedRequest(
            "GET", "http://forge.example/x", 204, headers={"Proxy-Authorization": f"Basic {login}"}
        )
    )
    assert isinstance(HttpClient(plain=None)(build_request("http://forge.example/x")), Response)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1@evil.example/",
        "http://evil.example\\@127.0.0.1/",
        "http://evil.example#@127.0.0.1/",
        "http://127.0.0.1:80@evil.example/",
        "https://user:pass@evil.example/",
        "http://[::ffff:127.0.0.1]/",
        "http://127.0.0.1.evil.example/",
        "HTTPS://user@evil.example/",
    ],
)
def test_the_host_that_is_judged_is_the_host_that_is_connected_to(url: str) -> None:
    """Addresses that parsers read differently are refused before any connection."""
    answer = HttpClient(plain=PLAIN)(build_request(url))
    assert isinstance(answer, Unreachable)
    assert "only https" in answer.reason or "login" in answer.reason


@pytest.mark.parametrize(("method", "status", "sent"), [("GET", 503, 3), ("POST", 429, 3), ("POST", 500, 1)])
def test_a_refusal_that_did_nothing_is_tried_again(
    provider: RecordedProvider, method: str, status: int, sent: int
) -> None:
    """429 and 503 are tried again as often as agreed, and each attempt is counted; other answers are final."""
    counted: list[int] = []
    limits = RequestLimits(tries=3, retry=Backoff(0.0))
    client = HttpClient(limits=limits, plain=PLAIN, count=lambda _request, status: counted.append(status))
    for _ in range(sent):
        provider.will(ExpectedRequest(method, "/x", status))
    answer = client(Request(method, f"{provider.base}/x", {}, {}))
    assert isinstance(answer, Response)
    assert (answer.status, counted) == (status, [status] * sent)


@pytest.mark.parametrize(("method", "sent"), [("GET", 2), ("POST", 1), ("PATCH", 1)])
def test_only_reads_are_tried_again_without_an_answer(method: str, sent: int) -> None:
    """A change without an answer may have been made, so it is not sent twice."""
    counted: list[int] = []
    limits = RequestLimits(tries=2, retry=Backoff(0.0))
    client = HttpClient(limits=limits, plain=PLAIN, count=lambda _request, status: counted.append(status))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert isinstance(client(Request(method, f"http://127.0.0.1:{port}/", {}, {})), Unreachable)
    assert counted == [0] * sent
