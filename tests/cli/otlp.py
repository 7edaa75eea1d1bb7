"""A receiver of OTLP over HTTP that keeps what is sent to it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass
class Receiver:
    """The received requests and their spans."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def resources(self) -> list[dict[str, Any]]:
        """The attributes of each request's resource."""
        return [
            values(each.resource.attributes)
            for body in self.bodies
            for each in parse_request(body).resource_spans
        ]

    @property
    def spans(self) -> list[Any]:
        """All spans."""
        return [
            span
            for body in self.bodies
            for resource in parse_request(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def named(self, name: str) -> list[Any]:
        """The spans of a name."""
        return [span for span in self.spans if span.name == name]


def parse_request(body: bytes) -> Any:
    """A request of OTLP."""
    return ExportTraceServiceRequest.FromString(body)


def values(attributes: Any) -> dict[str, Any]:
    """Attributes by their names."""
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def serve_receiver() -> Iterator[Receiver]:
    """Serve a receiver that answers with success."""
    received = Receiver()

    class Handler(BaseHTTPRequestHandler):
        """Keeps the requests to the path of traces."""

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/v1/traces" and self.headers["Content-Type"] == "application/x-protobuf":
                received.bodies.append(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        received.url = f"http://127.0.0.1:{server.server_port}"
        yield received
        server.shutdown()
        thread.join()
