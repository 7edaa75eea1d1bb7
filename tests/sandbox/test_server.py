import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest

from controller.sandbox import Sandbox, Server, serve
from tests.clients.environment import client_environment
from tests.repo.files import ROOT as PROJECT
from tests.sandbox.conftest import IMAGE

DRIVER = str(PROJECT / "tests" / "clients" / "aws_cli" / "driver.py")
ROLE = "arn:aws:iam::123456789012:role/sagemaker"


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[Server]:
    """Serve the sandbox over HTTP."""
    running = serve(sandbox).start()
    yield running
    running.stop()


def call_control(server: Server, path: str, content: Any = None) -> Any:
    """Ask a control route."""
    data = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(f"{server.url}/_sandbox/{path}", data=data) as answer:  # noqa: S310 - our own
        return json.load(answer)


def creation_calls() -> list[tuple[str, dict[str, Any]]]:
    """Return creations in the order of their dependencies."""
    container = {"Image": IMAGE}
    variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    return [
        ("model", {"ModelName": "m", "PrimaryContainer": container, "ExecutionRoleArn": ROLE}),
        ("endpoint-config", {"EndpointConfigName": "c", "ProductionVariants": [variant]}),
        ("endpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
    ]


@contextmanager
def run_aws_cli(server: Server) -> Iterator[Callable[[str, dict[str, Any]], Any]]:
    """Calls of the AWS CLI in forks of one process, because a start takes a second of CPU time."""
    with subprocess.Popen(
        [sys.executable, DRIVER, server.url],
        env=client_environment(server.url),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as driver:
        assert driver.stdin
        assert driver.stdout
        given, answers = driver.stdin, driver.stdout

        def aws(operation: str, params: dict[str, Any]) -> Any:
            line = {"reset": False, "advance": 0, "operation": operation, "params": params}
            print(json.dumps(line), file=given, flush=True)
            answer = json.loads(answers.readline())
            assert answer["code"] == 0, answer["error"]
            return answer["output"]

        yield aws


def test_the_aws_cli_drives_an_endpoint(sandbox: Sandbox, server: Server) -> None:
    """The real AWS CLI creates, describes, lists and deletes a serving stack.

    ``python -m tests.clients`` has it make every call of every kind.
    """
    with run_aws_cli(server) as aws:
        for kind, params in creation_calls():
            aws(f"create-{kind}", params)
        sandbox.clock.advance(300)
        assert len(sandbox.resources()) == 3
        for kind, params in reversed(creation_calls()):
            name = dict([next(iter(params.items()))])
            assert next(iter(name.values())) in json.dumps(aws(f"describe-{kind}", name))
            assert f":{kind}/" in json.dumps(aws(f"list-{kind}s", {}))
            aws(f"delete-{kind}", name)
            sandbox.clock.advance(100)
    assert sandbox.resources() == ()


def test_the_control_routes_move_time_and_trouble(sandbox: Sandbox, server: Server) -> None:
    """Over HTTP the clock is advanced, faults are injected, and calls and resources are returned."""
    made = boto3.session.Session("dummy", "dummy", region_name="us-east-1")
    aws: Any = made.client("sagemaker", endpoint_url=server.url)
    assert call_control(server, "clock", {"advance": 60}) == {"now": 1767225660.0}
    call_control(server, "faults", {"fault": "limit", "operation": "CreateModel"})
    with pytest.raises(Exception, match="ResourceLimitExceeded"):
        aws.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE})
    aws.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE})
    assert [one["error"] for one in call_control(server, "calls")["calls"]] == ["ResourceLimitExceeded", None]
    assert len(call_control(server, "resources")["resources"]) == 1
    call_control(server, "reset", {})
    assert call_control(server, "resources") == {"resources": []}
    aws.close()


@pytest.mark.parametrize(
    ("path", "content", "status"), [("faults", {"fault": "x"}, 400), ("nowhere", {}, 404)]
)
def test_a_bad_control_request_is_refused(
    sandbox: Sandbox, server: Server, path: str, content: dict[str, Any], status: int
) -> None:
    """Invalid control requests get a 400 or a 404."""
    with pytest.raises(urllib.error.HTTPError) as caught:
        call_control(server, path, content)
    assert caught.value.code == status
    caught.value.close()


def test_a_request_that_was_cut_off_is_no_request(sandbox: Sandbox, server: Server) -> None:
    """A request whose client died before its end is refused, neither executed nor recorded."""
    host, port = server.url.removeprefix("http://").split(":")
    head = "POST / HTTP/1.1\r\nX-Amz-Target: SageMaker.CreateModel\r\nContent-Length: 100\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(f'{head}{{"ModelName":'.encode())
        client.shutdown(socket.SHUT_WR)
        assert client.recv(100).startswith(b"HTTP/1.1 400 ")
    assert not sandbox.calls
