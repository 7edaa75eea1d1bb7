"""Connections that do nothing, and too many of them: what the HTTP library leaves to its user."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast


@dataclass(frozen=True)
class Limits:
    """What a sender may take of us, in seconds, connections and bytes.

    ``bodies`` bounds what all unfinished bodies hold together, so that many senders can't do what one may not.
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
    """Passes bytes on to the HTTP library, and hangs up on a sender whose headers don't come to their end."""

    def __init__(self, inner: asyncio.Protocol, limits: Limits, room: "Room") -> None:
        self._inner, self._limits, self._room = inner, limits, room
        self._timers: list[asyncio.TimerHandle] = []
        self._heard = False
        self._wire: asyncio.Transport | None = None

    def hang_up(self) -> None:
        """Let go of the sender."""
        if self._wire:
            self._wire.abort()

    def heard(self) -> None:
        """The headers are whole."""
        self._heard = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, if there is room."""
        self._inner.connection_made(transport)
        self._wire, loop = cast("asyncio.Transport", transport), asyncio.get_running_loop()
        self._timers = [
            loop.call_later(self._limits.header, self._hush),
            loop.call_later(self._limits.whole, self.hang_up),
        ]
        if not self._room.enter(self):
            self.hang_up()

    def _hush(self) -> None:
        if not self._heard:
            self._room.silent()
            self.hang_up()

    def data_received(self, data: bytes) -> None:
        """Pass on."""
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on."""
        return self._inner.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        for timer in self._timers:
            timer.cancel()
        self._room.leave(self)
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        """Pass on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on."""
        self._inner.resume_writing()


class Room:
    """How many connections there are, and what their bodies hold."""

    def __init__(self, limits: Limits, silent: Callable[[], None]) -> None:
        self._limits = limits
        self._inside: set[Connection] = set()
        self._held = 0
        self.silent = silent

    def enter(self, connection: Connection) -> bool:
        """Whether one more has room."""
        if len(self._inside) >= self._limits.connections:
            return False
        self._inside.add(connection)
        return True

    def clear(self) -> None:
        """Hang up on all."""
        for connection in tuple(self._inside):
            connection.hang_up()

    def leave(self, connection: Connection) -> None:
        """It is gone."""
        self._inside.discard(connection)

    def hold(self, size: int) -> bool:
        """Take so many bytes more; False if that is too much. What was taken is given back by a negative size."""
        self._held += size
        return self._held <= self._limits.bodies
