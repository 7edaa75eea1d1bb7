"""Traces of runs for OpenTelemetry: off unless its environment variables name a receiver of OTLP over HTTP.

The variables are those of OpenTelemetry's specification ("Environment Variable Specification", and "Environment
Variables as Context Propagation Carriers"), and the SDK reads most of them itself. It is an extra of this package,
``[otel]``, and only this module imports it, once a run is traced. A span holds names, codes and times: no request,
no answer and no text of an error, which may hold secrets.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from controller.core.cloud import (
    Call,
    Cloud,
    CloudError,
    CloudWrapper,
    Fault,
    Json,
    ListeningCloud,
    ResponseRecord,
)

P = ParamSpec("P")
T = TypeVar("T")

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_HTTP = "http/protobuf"
_LONGEST = 512  # characters of an attribute: the longest ARN has fewer than 300
_INSTALL = "pip install 'sagemaker-gitops[otel]'"


@dataclass(frozen=True)
class SpanKind:
    """A row of the table of spans: name, attributes and meaning."""

    name: str
    attributes: tuple[str, ...]
    help: str


COMMAND = SpanKind(
    "sagectl COMMAND", ("sagectl.exit_code",), "A run of the command line, the root of its trace."
)
PASS = SpanKind(
    "reconcile",
    ("sagectl.key",),
    "A pass of the operator or of `sagectl sync` over a key of the workqueue, the root of its trace.",
)
COMPILE = SpanKind("compile", (), "Reading, checking and linking the documents.")
OBSERVE = SpanKind("observe", (), "Reading what the documents and the inventory name.")
PLAN = SpanKind("plan", (), "Comparing and deciding, with the reads that a decision needs.")
STEP = SpanKind(
    "step",
    ("sagectl.resource", "sagectl.action", "sagectl.result"),
    "Applying a step of the plan. `result` is done, started, waiting, failed or skipped.",
)
WAIT = SpanKind("wait", (), "The command line waits for what AWS is changing.")
CALL = SpanKind(
    "SERVICE.OPERATION",
    (
        "rpc.system",
        "rpc.service",
        "rpc.method",
        "cloud.resource_id",
        "http.response.status_code",
        "aws.request_id",
        "error.type",
        "sagectl.attempts",
    ),
    "A call to AWS. `cloud.resource_id` is the ARN of the resource, where request or answer has it; status and request "
    "id are those of the last attempt. Each attempt is an event `attempt`: its number, status, error code and seconds.",
)
SPANS = (COMMAND, PASS, COMPILE, OBSERVE, PLAN, STEP, WAIT, CALL)


@dataclass
class _Tracing:
    """The process's tracer, and the context that its environment names."""

    tracer: Any = None
    parent: Any = None


_tracing = _Tracing()


class Span:
    """A span; without effect if the run is not traced."""

    def __init__(self, inner: Any = None) -> None:
        self._inner = inner

    def set(self, name: str, value: str | int) -> None:
        """Set an attribute."""
        if self._inner is not None:
            self._inner.set_attribute(name, value if isinstance(value, int) else value[:_LONGEST])

    def event(self, name: str, attributes: Mapping[str, str | int | float]) -> None:
        """Add something that happened within the span."""
        if self._inner is not None:
            self._inner.add_event(name, dict(attributes))

    def mark_failed(self, code: str) -> None:
        """Mark the span as failed, by the code of the error."""
        if self._inner is not None:
            from opentelemetry.trace import Status, StatusCode

            self.set("error.type", code)
            self._inner.set_status(Status(StatusCode.ERROR))


_UNTRACED = Span()


@contextmanager
def span(
    name: str, attributes: Mapping[str, str | int] | None = None, *, client: bool = False
) -> Iterator[Span]:
    """Trace a block; a span in the same context, in its threads too, is a child.

    Args:
        name: its name, of ``SPANS``.
        attributes: those that are known at the start.
        client: whether it is a request to another system.

    """
    if _tracing.tracer is None:
        yield _UNTRACED
        return
    from opentelemetry import trace

    own = trace.get_current_span().get_span_context().is_valid
    kind = trace.SpanKind.CLIENT if client else trace.SpanKind.INTERNAL
    with _tracing.tracer.start_as_current_span(
        name,
        context=None if own else _tracing.parent,
        kind=kind,
        record_exception=False,  # its text may quote a document
        set_status_on_exception=False,
    ) as inner:
        current = Span(inner)
        for key, value in (attributes or {}).items():
            current.set(key, value)
        try:
            yield current
        except BaseException as error:
            if not client:
                current.mark_failed(type(error).__name__)
            raise


def stage(kind: SpanKind) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Trace each call of a function as a span."""

    def decorated(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def traced_function(*args: P.args, **kwargs: P.kwargs) -> T:
            if _tracing.tracer is None:
                return function(*args, **kwargs)
            with span(kind.name):
                return function(*args, **kwargs)

        return traced_function

    return decorated


@dataclass(frozen=True)
class _TracedCloud(CloudWrapper):
    """A cloud with a span for each call."""

    def call(self, call: Call) -> Json:
        about = {"rpc.system": "aws-api", "rpc.service": call.service, "rpc.method": call.operation}
        with span(f"{call.service}.{call.operation}", about, client=True) as current:
            attempts = _Attempts(current, call.operation)
            answer: Json = {}
            try:
                answer = ListeningCloud(self.cloud, attempts.record).call(call)
            except CloudError as error:
                if error.fault is not Fault.MISSING:  # the normal answer to a Describe before a creation
                    current.mark_failed(error.code)
                raise
            finally:
                arn = _arn(call, answer)
                if arn:
                    current.set("cloud.resource_id", arn)
            return answer


@dataclass
class _Attempts:
    """The attempts of one call."""

    span: Span
    operation: str
    count: int = field(default=0)

    def record(self, answered: ResponseRecord) -> None:
        """Record an answered or failed attempt; reads of quotas between the attempts of a throttled call are events."""
        if answered.operation != self.operation:
            self.span.event(f"{answered.service}.{answered.operation}", {"seconds": answered.seconds})
            return
        self.count += 1
        self.span.set("sagectl.attempts", self.count)
        status: dict[str, int] = {"http.response.status_code": answered.status} if answered.status else {}
        request = {"aws.request_id": answered.request} if answered.request else {}
        code = {"error.type": answered.code} if answered.code else {}
        last: dict[str, str | int] = {**status, **request}
        for name, value in last.items():
            self.span.set(name, value)
        self.span.event(
            "attempt", {"number": self.count, "seconds": answered.seconds, **status, **request, **code}
        )


def _arn(call: Call, answer: Json) -> str:
    """The ARN that names the resource of a call: ``<Noun>Arn`` of the answer or the request, or ``ResourceArn``."""
    noun = call.operation
    for verb in ("Create", "Describe", "Update", "Delete", "Stop", "Start", "Put", "Import", "Register"):
        noun = noun.removeprefix(verb)
    named = (source.get(key) for key in (f"{noun}Arn", "ResourceArn") for source in (answer, call.params))
    return next((arn for arn in named if isinstance(arn, str) and arn.startswith("arn:")), "")


def trace_cloud(cloud: Cloud) -> Cloud:
    """The cloud, with a span for each call if the process is traced."""
    return cloud if _tracing.tracer is None else _TracedCloud(cloud)


def is_requested(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment requests traces."""
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().casefold() == "true"
    exporter = environ.get("OTEL_TRACES_EXPORTER", "otlp").strip() or "otlp"
    return any(environ.get(name) for name in _ENDPOINTS) and not disabled and exporter == "otlp"


@contextmanager
def tracing(version: str, warn: Callable[[str], None]) -> Iterator[None]:
    """Trace the process; at the end, send the remaining spans.

    Args:
        version: of this program.
        warn: called with the reason if a requested trace is not possible.

    """
    protocol = next((os.environ[name] for name in _PROTOCOLS if os.environ.get(name)), _HTTP)
    if protocol != _HTTP:
        warn(f"not traced: the OTLP protocol {protocol!r} is not supported, only {_HTTP}")
        yield
        return
    try:
        provider = _provider(version)
    except ImportError as error:
        warn(f"not traced: {error.name} is not installed; {_INSTALL} installs it")
        yield
        return
    _tracing.tracer = provider.get_tracer("sagectl", version)
    _tracing.parent = _parent()
    try:
        yield
    finally:
        _tracing.tracer = None
        provider.shutdown()


def _provider(version: str) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = os.environ.get("OTEL_SERVICE_NAME") or "service.name=" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    resource = Resource.create({"service.version": version, **({} if named else {"service.name": "sagectl"})})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _parent() -> Any:
    """The context that ``TRACEPARENT`` and ``TRACESTATE`` name."""
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {
        name: os.environ[name.upper()] for name in ("traceparent", "tracestate") if name.upper() in os.environ
    }
    return TraceContextTextMapPropagator().extract(carrier)
