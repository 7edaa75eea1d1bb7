"""Traces, received by an OTLP server over HTTP."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from controller.runtime.tracing import SPANS, is_requested
from controller.sandbox import InjectedFault, Sandbox
from tests.cli.conftest import Shell
from tests.cli.otlp import Receiver, serve_receiver, values
from tests.cli.trees import CANARY, GROUP, PIPELINE, SERVING

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
SECRET = PIPELINE.replace("ERROR", CANARY)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that answers with success."""
    with serve_receiver() as received:
        yield received


@pytest.fixture
def traced_shell(shell: Shell, receiver: Receiver) -> Shell:
    """A shell with tracing, within a trace that CI began."""
    shell.env |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
        "TRACEPARENT": f"00-{TRACE}-{PARENT}-01",
        "OTEL_SERVICE_NAME": "ml-platform",
    }
    return shell


def test_an_apply_is_one_trace(traced_shell: Shell, receiver: Receiver, sandbox: Sandbox) -> None:
    """All spans of a run are in the trace of TRACEPARENT, below its root, and each call to AWS is one of them."""
    traced_shell.write("serving.yaml", SERVING)
    assert traced_shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s").code == 0
    by_id = {span.span_id: span for span in receiver.spans}
    assert {span.trace_id.hex() for span in receiver.spans} == {TRACE}
    (root,) = [span for span in receiver.spans if span.parent_span_id not in by_id]
    assert (root.name, root.parent_span_id.hex(), values(root.attributes)) == (
        "sagectl apply",
        PARENT,
        {"sagectl.exit_code": 0},
    )
    assert {"compile", "observe", "plan", "step", "wait"} <= {span.name for span in receiver.spans}
    calls = [call.operation for call in sandbox.calls if call.operation != "GetCallerIdentity"]
    operations = [values(span.attributes).get("rpc.method") for span in receiver.spans]
    assert sorted(filter(None, operations)) == sorted(calls)
    assert {each["service.name"] for each in receiver.resources} == {"ml-platform"}


def test_a_call_belongs_to_its_step(traced_shell: Shell, receiver: Receiver) -> None:
    """A call has its operation, ARN, status and request; its parent is the step that makes it, in any thread."""
    traced_shell.write("serving.yaml", SERVING)
    traced_shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    by_id = {span.span_id: span for span in receiver.spans}
    (call,) = receiver.named("sagemaker.CreateEndpoint")
    about = values(call.attributes)
    assert about.pop("aws.request_id")
    assert about == {
        "rpc.system": "aws-api",
        "rpc.service": "sagemaker",
        "rpc.method": "CreateEndpoint",
        "cloud.resource_id": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud",
        "http.response.status_code": 200,
        "sagectl.attempts": 1,
    }
    step = by_id[call.parent_span_id]
    assert values(step.attributes) == {
        "sagectl.resource": "Endpoint/fraud",
        "sagectl.action": "create",
        "sagectl.result": "started",
    }
    assert {by_id[span.parent_span_id].name for span in receiver.named("sagemaker.DescribeEndpoint")} <= {
        "observe",
        "plan",
    }


def test_each_attempt_is_seen(traced_shell: Shell, receiver: Receiver, sandbox: Sandbox) -> None:
    """A throttled call has an event for each attempt; a failure is an error, by its code alone."""
    traced_shell.write("group.yaml", GROUP)
    sandbox.inject(InjectedFault.THROTTLE, operation="CreateModelPackageGroup", times=1)
    traced_shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s")
    (call,) = receiver.named("sagemaker.CreateModelPackageGroup")
    codes = [
        (values(event.attributes)["number"], values(event.attributes).get("error.type"))
        for event in call.events
        if event.name == "attempt"
    ]
    assert codes == [(1, "ThrottlingException"), (2, None)]
    assert "service-quotas.ListServiceQuotas" in {event.name for event in call.events}
    assert values(call.attributes)["sagectl.attempts"] == 2
    assert not call.status.code
    sandbox.inject(InjectedFault.DENIED, operation="DescribeModelPackageGroup", times=None)
    sandbox.inject(InjectedFault.DENIED, operation="ListModelPackageGroups", times=None)
    receiver.bodies.clear()
    traced_shell.run("plan", "group.yaml", "--refresh")
    failed = [span for span in receiver.spans if span.status.code == 2]
    assert {values(span.attributes)["error.type"] for span in failed} == {"AccessDeniedException"}
    assert all(not span.status.message for span in receiver.spans)


def test_no_value_of_a_document_is_sent(traced_shell: Shell, receiver: Receiver, sandbox: Sandbox) -> None:
    """Spans have names and codes, but no values of documents and no texts of errors."""
    traced_shell.write("secret.yaml", SECRET)
    sandbox.inject(InjectedFault.DENIED, operation="CreatePipeline", times=1)
    traced_shell.run("apply", "secret.yaml", "--yes", "--poll", "0.05s")
    traced_shell.run("apply", "secret.yaml", "--yes", "--poll", "0.05s")
    assert receiver.named("sagemaker.CreatePipeline")
    assert all(CANARY.encode() not in body and b"not authorized" not in body for body in receiver.bodies)


def test_spans_are_those_of_the_table(traced_shell: Shell, receiver: Receiver) -> None:
    """Names and attributes of an apply's spans are in the documented table; every row but that of passes occurs."""
    traced_shell.write("serving.yaml", SERVING)
    traced_shell.run("apply", "serving.yaml", "--yes", "--poll", "0.05s")
    rows = {row.name: set(row.attributes) for row in SPANS}
    met = set()
    for span in receiver.spans:
        name = (
            "sagectl COMMAND"
            if span.name.startswith("sagectl ")
            else span.name
            if span.name in rows
            else "SERVICE.OPERATION"
        )
        met.add(name)
        assert set(values(span.attributes)) <= rows[name], span.name
    assert met == set(rows) - {"reconcile"}


def test_each_pass_of_a_sync_is_a_trace(traced_shell: Shell, receiver: Receiver) -> None:
    """Without TRACEPARENT each pass of ``sync`` begins its own trace, with the documents and calls in it."""
    del traced_shell.env["TRACEPARENT"]
    folder = traced_shell.folder / "source"
    folder.mkdir()
    traced_shell.write("source/group.yaml", GROUP)
    for line in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"],
    ):
        subprocess.run(["git", *line], cwd=folder, check=True)
    ran = traced_shell.run("sync", "--repo", str(folder), "--once")
    assert ran.code == 0, ran
    passes = receiver.named("reconcile")
    assert passes
    assert {span.parent_span_id for span in passes} == {b""}
    assert len({span.trace_id for span in passes}) == len(passes)
    (create,) = receiver.named("sagemaker.CreateModelPackageGroup")
    trace = [span.name for span in receiver.spans if span.trace_id == create.trace_id]
    assert {"reconcile", "observe", "plan", "step"} <= set(trace)


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x", "TRACEPARENT": "x"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_traces_are_made_on_request_only(environ: dict[str, str], expected: bool) -> None:
    """An endpoint enables traces; OTEL_SDK_DISABLED and OTEL_TRACES_EXPORTER turn them off."""
    assert is_requested(environ) is expected


def test_an_unsupported_protocol_is_a_note(traced_shell: Shell, receiver: Receiver) -> None:
    """An unsupported protocol is reported, and the run continues without a trace."""
    traced_shell.env["OTEL_EXPORTER_OTLP_PROTOCOL"] = "grpc"
    ran = traced_shell.run("version")
    assert (ran.code, receiver.bodies) == (0, [])
    assert "not traced: the OTLP protocol 'grpc' is not supported" in ran.err


def test_unused_tracing_is_not_imported() -> None:
    """Without an endpoint OpenTelemetry is not imported, nor is the program's own tracing by ``--help``."""
    program = (
        "import sys; from controller.cli.main import main; main(['version']);"
        "import controller.cli.apply, controller.operator.run;"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_missing_package_is_a_note(traced_shell: Shell) -> None:
    """If the extra is not installed, a note shows how to install it, and the command runs."""
    program = (
        "import sys; sys.modules['opentelemetry.sdk'] = None;"
        "from controller.cli.main import main; sys.exit(main(['version']))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=traced_shell.environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0
    assert "pip install 'sagemaker-gitops[otel]'" in ran.stderr


def test_an_unreachable_receiver_changes_no_result(traced_shell: Shell) -> None:
    """A run whose receiver refuses connections has its own exit code and output, and a note about the failure."""
    traced_shell.env |= {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "1",
    }
    program = "import sys; from controller.cli.main import main; sys.exit(main(['version']))"
    ran = subprocess.run(
        [sys.executable, "-c", program],
        env=traced_shell.environment(),
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout.split()[0]) == (0, "sagectl")
    assert "Failed to export" in ran.stderr
