"""The server of probes and metrics."""

import socket
from urllib.request import urlopen

import pytest

from controller.runtime.probe_server import Pages, probe


def test_who_sends_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection uses a thread; one without data, in or before its request, is closed after a time."""
    monkeypatch.setattr("controller.runtime.probe_server._SILENCE", 0.2)
    server = Pages("127.0.0.1", 0, {"/healthz": probe(lambda: "")})
    server.start()
    try:
        for begun in (b"", b"GET /healthz HT"):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as silent:
                silent.sendall(begun)
                assert silent.recv(1) == b""
        with urlopen(f"http://127.0.0.1:{server.port}/healthz", timeout=30) as answer:
            assert answer.read() == b"ok\n"
    finally:
        server.stop()
