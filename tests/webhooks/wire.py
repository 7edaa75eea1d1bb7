"""A client that writes raw bytes, and a receiver for it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from controller.webhooks.handler import WebhookHandler
from controller.webhooks.providers import Provider
from controller.webhooks.receiver import Receiver, Watch
from controller.webhooks.server import ConnectionLimits, run_server
from controller.webhooks.trigger_queue import TriggerQueue
from tests.webhooks.signed import MAIN, NOW, Request, secret_of, secrets_of


@dataclass(frozen=True)
class HookReceiver:
    """A receiver for each provider, named as the provider is."""

    port: int
    webhook_handler: WebhookHandler
    looks: TriggerQueue

    def connected(self) -> socket.socket:
        """A connection that nothing was written to."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def posted(self, request: Request, path: str = "") -> tuple[int, str]:
        """The status and the text of an answer."""
        with self.connected() as wire:
            wire.sendall(
                request_head(request, path, ("Content-Length", str(len(request.body)))) + request.body
            )
            return read_answer(wire)


def request_head(request: Request, path: str = "", *more: tuple[str, str]) -> bytes:
    """The first part of a request."""
    pairs = (("Host", "here"), *request.pairs, *more)
    lines = [f"POST {path or f'/hooks/{request.provider.value}'} HTTP/1.1", *(f"{k}: {v}" for k, v in pairs)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def read_all(wire: socket.socket) -> bytes:
    """All that comes until the other side ends."""
    got = b""
    while more := wire.recv(65536):
        got += more
    return got


def read_answer(wire: socket.socket) -> tuple[int, str]:
    """The answer of a connection that ends with it; 0 if there was none."""
    message, _, text = read_all(wire).decode().partition("\r\n\r\n")
    return (int(message.split(" ", 2)[1]), text) if message else (0, "")


def hung_up(wire: socket.socket) -> bool:
    """Whether the other side closes the connection without a response."""
    try:
        return read_all(wire) == b""
    except ConnectionResetError:
        return True


def holds_soon(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Whether something comes to hold."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def send_slowly(wire: socket.socket, seconds: float = 5) -> None:
    """Send a header now and then, and never the last."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        wire.sendall(b"X-A: b\r\n")
        time.sleep(0.05)


@contextmanager
def serve_receiver(
    limits: ConnectionLimits | None = None, looks: TriggerQueue | None = None, *, clock: bool = False
) -> Iterator[HookReceiver]:
    """Serve while the block runs, at the time of the signed requests unless the real clock is requested."""
    queue = looks or TriggerQueue()
    webhook_handler = WebhookHandler((receiver_of(provider) for provider in Provider), queue)
    with run_server(webhook_handler, limits=limits, now=time.time if clock else lambda: NOW) as port:
        yield HookReceiver(port, webhook_handler, queue)


def receiver_of(provider: Provider) -> Receiver:
    """A receiver that follows the main branch."""
    return Receiver(provider.value, provider, secrets_of(secret_of(provider)), (Watch("fleet", (MAIN,)),))
