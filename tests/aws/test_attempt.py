"""The leadership check of a call, immediately before each of its attempts."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import Loader

import controller.aws
from controller.aws import connect
from controller.core.cloud import Call, Cloud, CloudError, Fault, Guarded, Leadership
from controller.sandbox import Answer, Sandbox, serve
from controller.sandbox import InjectedFault as Injected
from controller.sandbox.protocol import NO_ANSWER
from tests.source.git.authority import issue_certificate

MODELS = str(Path(controller.aws.__file__).with_name("models"))
CREATE = Call("CreateModelPackageGroup", {"ModelPackageGroupName": "fraud"})


class LimitedLeadership:
    """Leadership that holds for a number of checks."""

    def __init__(self, checks: int) -> None:
        self.left = checks

    def __call__(self) -> bool:
        """Whether it still holds."""
        self.left -= 1
        return self.left >= 0


class TransientErrorSandbox(Sandbox):
    """An account whose first response is 503, which is treated as a transient error."""

    received = 0

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond as usual from the second request on."""
        self.received += 1
        if self.received == 1:
            return Answer(503, {"Content-Length": "0"}, b"")
        return super().answer(method, path, headers, body)


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for requests that are sent over a socket."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")


def _with_leadership(cloud: Cloud, holds: Callable[[], bool]) -> Cloud:
    return Guarded(cloud, Leadership(holds, 5.0))


def _operations() -> list[str]:
    model = Loader([MODELS], include_default_search_paths=False).load_service_model("sagemaker", "service-2")
    return [name for name in model["operations"] if Call(name).changes]


def test_no_operation_that_changes_something_gets_past_a_guard() -> None:
    """Of all operations of a client, those that read go through and no other is sent once leadership is lost."""
    sandbox = Sandbox()
    cloud = _with_leadership(connect(region="us-east-1", attach=sandbox.attach), lambda: False)
    cloud.call(Call("ListModels"))
    for operation in _operations():
        with pytest.raises(CloudError, match="NotLeading") as refused:
            cloud.call(Call(operation, {}))
        assert refused.value.fault is Fault.BUSY
    assert [each.operation for each in sandbox.calls] == ["ListModels"]


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_throttled_call_is_not_made_again_after_leadership_was_lost(attempts: int) -> None:
    """Each attempt of a throttled call checks the leadership after the wait that comes before it."""
    sandbox = Sandbox()
    sandbox.inject(Injected.THROTTLE, times=None)
    cloud = _with_leadership(connect(region="us-east-1", attach=sandbox.attach), LimitedLeadership(attempts))
    with pytest.raises(CloudError, match="NotLeading"):
        cloud.call(CREATE)
    assert len(sandbox.calls) == attempts


@pytest.mark.usefixtures("credentials")
def test_a_retry_is_not_made_after_leadership_was_lost() -> None:
    """Before a request is retried after a server error, leadership is checked again."""
    sandbox = TransientErrorSandbox()
    server = serve(sandbox).start()
    try:
        bare = connect(region="us-east-1", endpoint_url=server.url)
        with pytest.raises(CloudError, match="NotLeading"):
            _with_leadership(bare, LimitedLeadership(2)).call(
                CREATE
            )  # before it is sent, and once it is connected
        assert sandbox.received == 1
        assert _with_leadership(bare, lambda: True).call(CREATE)["ModelPackageGroupArn"]
    finally:
        server.stop()
        sandbox.close()


class DelayedTlsServer:
    """A TLS server that delays its handshake until ``may`` is set, and keeps what is sent to it after that."""

    def __init__(self, folder: Path) -> None:
        self.may = threading.Event()
        self.reached = threading.Event()
        self.ended = threading.Event()
        self.sent = b""
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*issue_certificate().write(folder))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop the server."""
        self.may.set()
        self._listener.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.reached.set()
                self.may.wait(30)
                with suppress(OSError), self._context.wrap_socket(near, server_side=True) as secure:
                    while data := secure.recv(65536):
                        self.sent += data
                self.ended.set()


@pytest.fixture
def tls_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DelayedTlsServer]:
    """Serve on loopback."""
    authority = tmp_path / "authority.pem"
    authority.write_text(issue_certificate().authority, encoding="ascii")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    made = DelayedTlsServer(tmp_path)
    yield made
    made.close()


@pytest.mark.usefixtures("credentials")
def test_nothing_is_sent_where_leadership_was_lost_while_it_connected(tls_server: DelayedTlsServer) -> None:
    """If leadership is lost while the connection is established, no byte of the request is sent."""
    leads = threading.Event()
    leads.set()
    refused: list[CloudError] = []

    def call() -> None:
        try:
            _with_leadership(connect(region="us-east-1", endpoint_url=tls_server.url), leads.is_set).call(
                CREATE
            )
        except CloudError as error:
            refused.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert tls_server.reached.wait(30)
    leads.clear()
    tls_server.may.set()
    thread.join(30)
    assert tls_server.ended.wait(30)
    assert [each.code for each in refused] == ["NotLeading"]
    assert tls_server.sent == b""


@pytest.mark.usefixtures("credentials")
@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux alone can bound it")
def test_a_guarded_request_is_given_up_where_aws_does_not_acknowledge_it_in_time() -> None:
    """The connection of a changing call is bound to the margin of its leadership, and reads on it are not."""
    sandbox = Sandbox()
    server = serve(sandbox).start()
    try:
        bare = connect(region="us-east-1", endpoint_url=server.url)
        found = []
        for call in (Call("ListModels"), CREATE, Call("ListModels")):
            _with_leadership(bare, lambda: True).call(call)
            found.append(_user_timeout(bare))
        assert found == [0, 5000, 0]
    finally:
        server.stop()
        sandbox.close()


def _user_timeout(cloud: Cloud) -> int:
    """The TCP user timeout of the one idle connection, in milliseconds."""
    option = socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT
    return int(_read_idle_connection(cloud, lambda connection: connection.sock.getsockopt(*option)))


def _read_idle_connection(cloud: Cloud, connection_state: Callable[[Any], Any]) -> Any:
    """Call a function with the one idle connection, and return its result."""
    pools = cloud._client("sagemaker")._endpoint.http_session._manager.pools  # type: ignore[attr-defined]
    pool = pools[next(iter(pools.keys()))]
    held = pool._get_conn()
    try:
        return connection_state(held)
    finally:
        pool._put_conn(held)


class DisconnectingSandbox(Sandbox):
    """An account that executes a request, and breaks the connection instead of responding."""

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Execute the request, then break the connection."""
        return replace(super().answer(method, path, headers, body), status=NO_ANSWER)


@pytest.mark.usefixtures("credentials")
@pytest.mark.filterwarnings("ignore")
def test_a_change_that_was_sent_and_not_answered_is_not_sent_again() -> None:
    """A change without a response is reported as unknown; a read is sent once more, because it has no effect."""
    sandbox = DisconnectingSandbox()
    server = serve(sandbox).start()
    try:
        cloud = connect(region="us-east-1", endpoint_url=server.url)
        for call, fault in ((CREATE, Fault.UNANSWERED), (Call("ListModels"), Fault.UNKNOWN)):
            with pytest.raises(CloudError) as refused:
                cloud.call(call)
            assert refused.value.fault is fault
        assert [each.operation for each in sandbox.calls] == [CREATE.operation, "ListModels", "ListModels"]
    finally:
        server.stop()
        sandbox.close()


@pytest.mark.usefixtures("credentials")
def test_a_read_is_waited_for_less_long_than_a_change() -> None:
    """The read time-out is that of the operation, whichever connection of the pool is used."""
    sandbox = Sandbox()
    server = serve(sandbox).start()
    try:
        cloud = connect(region="us-east-1", endpoint_url=server.url)
        found = []
        for call in (Call("ListModels"), CREATE, Call("ListModels"), Call("Search", {"Resource": "Model"})):
            with suppress(CloudError):
                cloud.call(call)
            found.append(_read_idle_connection(cloud, lambda connection: connection.sock.gettimeout()))
        assert found == [10.0, 60.0, 10.0, 20.0]
    finally:
        server.stop()
        sandbox.close()
