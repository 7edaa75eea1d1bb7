"""The HTTP server of the receivers, with limits on connections."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import cast

from aiohttp import ClientError, web

from controller.webhooks.delivery import MOST_BODY, STATUS, Headers, WebhookResult
from controller.webhooks.handler import WebhookHandler
from controller.webhooks.receiver import Receiver


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits in seconds, connections and bytes.

    ``bodies`` limits the memory of all unfinished bodies together.
    """

    header: float = 10.0
    read: float = 30.0
    linger: float = 1.0
    connections: int = 256
    bodies: int = 16 * 1024 * 1024

    @property
    def whole(self) -> float:
        """The longest life of a connection; each carries one request."""
        return self.header + self.read + self.linger + 5


class Connection(asyncio.Protocol):
    """Passes bytes to the HTTP library, and closes a connection whose headers are not completed in time."""

    def __init__(
        self, inner: asyncio.Protocol, limits: ConnectionLimits, connections: "ConnectionTracker"
    ) -> None:
        self._inner, self._limits, self._connections = inner, limits, connections
        self._timers: list[asyncio.TimerHandle] = []
        self._received = False
        self._wire: asyncio.Transport | None = None

    def hang_up(self) -> None:
        """Close the connection."""
        if self._wire:
            self._wire.abort()

    def headers_complete(self) -> None:
        """Note that the headers are complete."""
        self._received = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Accept the connection, if the limit permits it."""
        self._inner.connection_made(transport)
        self._wire, loop = cast("asyncio.Transport", transport), asyncio.get_running_loop()
        self._timers = [
            loop.call_later(self._limits.header, self._silence),
            loop.call_later(self._limits.whole, self.hang_up),
        ]
        if not self._connections.enter(self):
            self.hang_up()

    def _silence(self) -> None:
        if not self._received:
            self._connections.silent()
            self.hang_up()

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the connection."""
        for timer in self._timers:
            timer.cancel()
        self._connections.unregister(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._inner.resume_writing()


class ConnectionTracker:
    """The number of connections, and the size of their bodies."""

    def __init__(self, limits: ConnectionLimits, silent: Callable[[], None]) -> None:
        self._limits = limits
        self._inside: set[Connection] = set()
        self._held = 0
        self.silent = silent

    def enter(self, connection: Connection) -> bool:
        """Register a connection; False if there are too many."""
        if len(self._inside) >= self._limits.connections:
            return False
        self._inside.add(connection)
        return True

    def clear(self) -> None:
        """Close all connections."""
        for connection in tuple(self._inside):
            connection.hang_up()

    def unregister(self, connection: Connection) -> None:
        """Unregister a connection."""
        self._inside.discard(connection)

    def reserve(self, size: int) -> bool:
        """Reserve some bytes; False if that exceeds the limit. A negative size releases them."""
        self._held += size
        return self._held <= self._limits.bodies


_PATH = "/hooks/"
_RETRY_AFTER = "30"
_SHUTDOWN = 1.0
_NAME = {"Server": "sagectl"}  # not the library and its version
_MOST_HEADERS, _MOST_FIELD = 64, 4096  # 256 KiB together, as Flux
_log = logging.getLogger("controller.webhooks")


class _RedactingFilter(logging.Filter):
    """Reduces the library's log records to the type of the error: their texts contain headers with secrets."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        record.msg, record.args = f"a request could not be served: {kind.__name__ if kind else 'HTTP'}", ()
        record.exc_info = record.exc_text = record.stack_info = None
        return record.levelno >= logging.WARNING


class _Handler(web.RequestHandler):
    """The library's handler of a connection, without its error pages, which quote the request."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the library's name
    ) -> web.StreamResponse:
        """Refuse an invalid request with our own message."""
        return super().handle_error(request, status, exc, "the request cannot be read\n")


class _Refused(Exception):  # noqa: N818 - an answer, no error of ours
    def __init__(self, result: WebhookResult) -> None:
        super().__init__(result.value)
        self.result = result


class WebhookServer:
    """The HTTP server in front of a ``WebhookHandler``.

    Args:
        webhook_handler: handles the requests.
        limits: the limits of connections and times.
        now: seconds since 1970.

    """

    def __init__(
        self, webhook_handler: WebhookHandler, limits: ConnectionLimits, now: Callable[[], float]
    ) -> None:
        self._webhook_handler, self._limits, self._now = webhook_handler, limits, now
        self._server: asyncio.Server | None = None
        self._library: web.Server | None = None
        self._connections = ConnectionTracker(limits, lambda: self._log_result(None, WebhookResult.TIMED_OUT))

    async def listen(self, host: str, port: int) -> int:
        """Start to listen; returns the port."""
        log = logging.getLogger(f"{_log.name}.http")
        log.filters[:] = [_RedactingFilter()]
        self._library, loop = web.Server(self._answer), asyncio.get_running_loop()
        handler = partial(
            _Handler,
            self._library,
            loop=loop,
            access_log=None,  # type: ignore[arg-type]  # none is taken, and none is desired: paths are of others
            logger=log,
            auto_decompress=False,
            lingering_time=self._limits.linger,
            max_field_size=_MOST_FIELD,
            max_line_size=_MOST_FIELD,
            max_headers=_MOST_HEADERS,
        )
        self._server = await loop.create_server(
            lambda: Connection(handler(), self._limits, self._connections), host, port
        )
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and close all connections."""
        if self._server:
            self._server.close()
        self._connections.clear()
        if self._library:
            await self._library.shutdown(_SHUTDOWN)
        await asyncio.sleep(0)  # a closed transport needs a turn of the loop to call its protocol

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        connection = request.transport.get_protocol() if request.transport else None
        if isinstance(connection, Connection):
            connection.headers_complete()
        receiver = self._receiver(request)
        try:
            result = await self._judged(request, receiver) if receiver else WebhookResult.UNKNOWN
        except _Refused as refused:
            result = refused.result
        except Exception as error:  # noqa: BLE001 - whatever a request does, the next one is answered
            _log.error("request handling failed: %s", type(error).__name__)
            result = WebhookResult.BROKEN
        self._log_result(receiver, result)
        retry = {"Retry-After": _RETRY_AFTER, **_NAME} if result is WebhookResult.BUSY else _NAME
        response = web.Response(status=STATUS[result], text=f"{result.value}\n", headers=retry)
        response.force_close()  # so that time limits apply to one request
        return response

    def _receiver(self, request: web.BaseRequest) -> Receiver | None:
        if request.method != "POST" or not request.path.startswith(_PATH):
            return None
        return self._webhook_handler.receiver(request.path.removeprefix(_PATH))

    async def _judged(self, request: web.BaseRequest, receiver: Receiver) -> WebhookResult:
        headers = Headers(tuple(request.headers.items()))
        body = await self._body(request)
        return self._webhook_handler.handle(receiver, headers, body, self._now())

    async def _body(self, request: web.BaseRequest) -> bytes:
        if (request.content_length or 0) > MOST_BODY:
            raise _Refused(WebhookResult.TOO_LARGE)
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _Refused(WebhookResult.ENCODED)
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        held = bytearray()
        try:
            async with asyncio.timeout(self._limits.read):
                async for chunk in request.content.iter_any():
                    self._reserve(held, chunk)
        except TimeoutError:
            raise _Refused(WebhookResult.TIMED_OUT) from None
        except (ClientError, web.RequestPayloadError, ConnectionError):
            raise _Refused(WebhookResult.MALFORMED) from None
        finally:
            self._connections.reserve(-len(held))
        return bytes(held)

    def _reserve(self, held: bytearray, chunk: bytes) -> None:
        held += chunk
        free = self._connections.reserve(len(chunk))
        if len(held) > MOST_BODY:
            raise _Refused(WebhookResult.TOO_LARGE)
        if not free:
            raise _Refused(WebhookResult.BUSY)

    def _log_result(self, receiver: Receiver | None, result: WebhookResult) -> None:
        self._webhook_handler.count(receiver, result)
        _log.info("hook %s: %s", receiver.name if receiver else "none", result.name.lower())


@contextmanager
def run_server(
    webhook_handler: WebhookHandler,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    limits: ConnectionLimits | None = None,
    now: Callable[[], float] = time.time,
) -> Iterator[int]:
    """Run the server in a thread of its own within the block; yields the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="webhooks", daemon=True)
    thread.start()
    server = WebhookServer(webhook_handler, limits or ConnectionLimits(), now)
    try:
        yield asyncio.run_coroutine_threadsafe(server.listen(host, port), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(server.close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
