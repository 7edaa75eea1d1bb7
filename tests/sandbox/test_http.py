"""HTTP/1.1 of the sandbox's server, tested with plain sockets."""

import json
import re
import socket
from collections.abc import Iterator

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox, Server, serve
from controller.sandbox import server as http
from tests.sandbox.conftest import client_of, make_config, make_model

LIST = b"POST / HTTP/1.1\r\nHost: sandbox\r\nX-Amz-Target: SageMaker.ListModels\r\n"
ANSWER = re.compile(rb"HTTP/1.1 (\d+) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n")


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    """Serve the sandbox over HTTP."""
    running = serve(sandbox).start()
    yield running
    running.stop()


def connect(server: Server) -> socket.socket:
    """Open a connection with a timeout of ten seconds."""
    host, port = server.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def read_answer(connection: socket.socket) -> tuple[int, bytes]:
    """Read one answer: its status and its body."""
    stream = connection.makefile("rb")
    head = b""
    while (line := stream.readline()) not in {b"\r\n", b""}:
        head += line
    found = ANSWER.match(head + b"\r\n")
    assert found is not None, head
    length = re.search(rb"(?i)content-length: (\d+)", head)
    return int(found[1]), stream.read(int(length[1]) if length else 0)


def send_raw(server: Server, sent: bytes, *, end: bool = False) -> tuple[int, bytes]:
    """Send bytes on a connection of their own and read the answer."""
    with connect(server) as connection:
        connection.sendall(sent)
        if end:
            connection.shutdown(socket.SHUT_WR)
        return read_answer(connection)


def send_control(
    server: Server, values: object, method: bytes = b"PUT", path: bytes = b"knobs"
) -> tuple[int, bytes]:
    """Send JSON to a control route."""
    body = json.dumps(values).encode()
    head = b"%s /_sandbox/%s HTTP/1.1\r\nHost: sandbox\r\nContent-Length: %d\r\n\r\n" % (
        method,
        path,
        len(body),
    )
    return send_raw(server, head + body)


def test_a_client_that_expects_to_continue_is_told_at_once(server: Server) -> None:
    """100 Continue arrives before the body is sent, and the answer after it."""
    with connect(server) as connection:
        connection.sendall(LIST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        assert read_answer(connection) == (100, b"")
        connection.sendall(b"{}")
        assert read_answer(connection) == (200, b'{"Models":[]}')


def test_chunks_are_one_body(server: Server) -> None:
    """A chunked body, with an extension and a trailer, is read whole, and the connection continues."""
    with connect(server) as connection:
        for _ in range(2):
            connection.sendall(LIST + b"Transfer-Encoding: chunked\r\n\r\n")
            connection.sendall(b'1;a=b\r\n{\r\n11\r\n"NameContains":"x\r\n2\r\n"}\r\n0\r\nTrailer: t\r\n\r\n')
            assert read_answer(connection) == (200, b'{"Models":[]}')


@pytest.mark.parametrize(
    ("framing", "status"),
    [
        (b"Content-Length: -1", 400),
        (b"Content-Length: ten", 400),
        (b"Content-Length: 1_0", 400),
        (b"Content-Length: +2", 400),
        (b"Content-Length: 2, 2", 400),
        (b"Content-Length: 2\r\nContent-Length: 3", 400),
        (b"Content-Length: 2\r\nTransfer-Encoding: chunked", 400),
        (b"Content-Length: 99999999999", 413),
        (b"Content-Length: " + b"9" * 5000, 413),
        (b"Transfer-Encoding: gzip", 501),
    ],
)
def test_a_body_without_an_end_is_refused(server: Server, framing: bytes, status: int) -> None:
    """An invalid length is refused with a body and the connection is closed, so that no client waits."""
    with connect(server) as connection:
        connection.sendall(LIST + framing + b"\r\n\r\n{}")
        found, body = read_answer(connection)
        assert (found, json.loads(body)["__type"]) == (status, "SerializationException")
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "chunks",
    [b"x\r\n", b"-1\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"\r\n", b"f" * 70000, b"2\r\n{}\r\n", b"ffffffffff\r\n"],
)
def test_chunks_that_are_none_are_refused(server: Server, chunks: bytes) -> None:
    """An invalid size, a chunk longer than its size and a body without a last chunk are refused."""
    status, body = send_raw(server, LIST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, end=True)
    assert (status, json.loads(body)["__type"]) == (
        413 if b"fff\r" in chunks else 400,
        "SerializationException",
    )


def test_two_framings_of_one_body_are_refused(server: Server) -> None:
    """A body that both headers delimit is refused although its chunks are valid: others may read two requests."""
    both = b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n"
    status, body = send_raw(server, LIST + both + b"2\r\n{}\r\n0\r\n\r\n", end=True)
    assert (status, json.loads(body)["__type"]) == (400, "SerializationException")


def test_a_body_shorter_than_its_length_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the client closes its side or sends nothing more, the response is 400."""
    monkeypatch.setattr(http, "BODY_SECONDS", 0.2)
    for end in (True, False):
        status, _ = send_raw(server, LIST + b"Content-Length: 50\r\n\r\n{}", end=end)
        assert status == 400


def test_a_mistake_of_the_sandbox_is_an_internal_failure(sandbox: Sandbox, server: Server) -> None:
    """An exception inside is HTTP 500 with a body that clients can read, and the next request is answered."""

    def broken() -> float:
        raise ZeroDivisionError

    sandbox.clock.now = broken  # type: ignore[method-assign]
    status, body = send_raw(server, LIST + b"Content-Length: 2\r\n\r\n{}")
    assert (status, json.loads(body)) == (
        500,
        {"__type": "InternalFailure", "message": "Internal server error."},
    )
    del sandbox.clock.now
    assert send_raw(server, LIST + b"Content-Length: 2\r\n\r\n{}")[0] == 200


def test_other_methods_are_not_found(server: Server) -> None:
    """A GET, PUT or DELETE outside of the control routes is answered with 404."""
    for method in (b"GET", b"PUT", b"DELETE"):
        assert send_raw(server, method + b" / HTTP/1.1\r\nHost: sandbox\r\n\r\n")[0] == 404


def test_every_knob_can_be_turned_over_http(sandbox: Sandbox, server: Server) -> None:
    """PUT accepts what GET returns, for every knob; an unknown name or a value of another type is refused."""
    shown = json.loads(send_control(server, {}, b"GET")[1])["knobs"]
    others = {
        name: (not value)
        if isinstance(value, bool)
        else ["Endpoint"]
        if isinstance(value, list)
        else "text"
        if value is None
        else {"ml.m5.large for endpoint usage": 4.0}
        if isinstance(value, dict)
        else value + 1
        for name, value in shown.items()
    } | {"latency": 0.0}
    for name, value in others.items():
        assert send_control(server, {name: value})[0] == 200
        status, _ = send_control(server, {name: {"a": "b"}})
        assert status == 400, name
        if not isinstance(value, bool | str | list):
            for wrong in (-1, True, "1", None):
                assert send_control(server, {name: wrong})[0] == 400, (name, wrong)
    assert json.loads(send_control(server, {}, b"GET")[1])["knobs"] == others
    assert send_control(server, {"no_such": 1})[0] == send_control(server, [1])[0] == 400
    assert sandbox.knobs.lowered_arns == frozenset({"Endpoint"})
    assert Knobs() != sandbox.knobs


def test_every_fault_can_be_set_and_cleared_over_http(sandbox: Sandbox, server: Server) -> None:
    """POST accepts every fault, `fail` sets the outcome of a creation, and DELETE removes those that wait."""
    for fault in InjectedFault:
        assert send_control(server, {"fault": fault.value, "times": None}, b"POST", b"faults")[0] == 200
    assert send_control(server, {}, b"DELETE", b"faults")[0] == 200
    assert send_control(server, {"fault": "fail", "reason": "no capacity"}, b"POST", b"faults")[0] == 200
    aws = client_of(sandbox)
    make_model(aws)
    make_config(aws, "c")
    aws.create_endpoint(EndpointName="e", EndpointConfigName="c")
    sandbox.clock.advance(1000)
    shown = aws.describe_endpoint(EndpointName="e")
    assert (shown["EndpointStatus"], shown["FailureReason"]) == ("Failed", "no capacity")
