"""A connection to the API server that can be cut: a TCP relay between the operator and the server."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.kubernetes.rig.server import Access

_CHUNK = 65536


class TcpRelay:
    """Relays connections to a port.

    Cut, it drops those that there are and takes no more. Silent, it takes every connection and brings nothing
    over: neither data nor an end. What it has lost stays lost when it is mended, as where a router forgot it.
    """

    def __init__(self, host: str, port: int) -> None:
        self._to = host, port
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server((host, 0))
        self.port = int(self._listener.getsockname()[1])
        self._cut = False
        self._good = threading.Event()  # of the existing connections; lost ones keep an old one
        self._good.set()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """Close all connections, and every new one."""
        self._cut = True
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._ends.clear()

    def silence(self) -> None:
        """Transfer nothing any more."""
        self._good.clear()

    def mend(self) -> None:
        """Relay new connections again."""
        self._cut = False
        self._good = threading.Event()
        self._good.set()

    def close(self) -> None:
        """Close it."""
        self.cut()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self._cut:
                near.close()
                continue
            far = socket.create_connection(self._to)
            self._ends += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=_copy_bytes, args=(one, other, self._good), daemon=True).start()


def _copy_bytes(one: socket.socket, other: socket.socket, good: threading.Event) -> None:
    with suppress(OSError):
        while data := one.recv(_CHUNK):
            if good.is_set():
                other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.close()


@contextmanager
def relay_to(access: Access, folder: Path) -> Iterator[tuple[TcpRelay, str]]:
    """A relay, and a kubeconfig of the operator's user that uses it."""
    relay = TcpRelay(access.host, access.port)
    path = folder / "wired.kubeconfig"
    text = Path(access.operator).read_text(encoding="utf-8")
    path.write_text(text.replace(f":{access.port}", f":{relay.port}"), encoding="utf-8")
    try:
        yield relay, str(path)
    finally:
        relay.close()
