"""JSON requests to a server that tests started, over one connection: a thousand of them take seconds."""

import http.client
import json
import ssl
import threading
from dataclasses import dataclass
from typing import Any

from controller.runtime.bounded_text import load_json


@dataclass(frozen=True)
class Answer:
    """The server's response: an object or a list, or a refusal with its message."""

    status: int
    body: Any

    @property
    def accepted(self) -> bool:
        """Whether the server executed the request."""
        return self.status < http.HTTPStatus.BAD_REQUEST

    @property
    def message(self) -> str:
        """The reason of a refusal."""
        return str(self.body.get("message", ""))


class Requests:
    """One connection, shared by threads.

    Args:
        host: where the server listens.
        port: likewise.
        authority: the certificate to trust, a file.
        login: the ``Authorization`` header.

    """

    def __init__(self, host: str, port: int, authority: str, login: str) -> None:
        trusted = ssl.create_default_context(cafile=authority)
        trusted.verify_flags &= ~ssl.VERIFY_X509_STRICT  # the authorities of tests have no key identifiers
        self._connection = http.client.HTTPSConnection(host, port, context=trusted, timeout=30)
        self._login = login
        self._lock = threading.Lock()

    def send(self, method: str, path: str, body: Any = None, form: str = "json") -> Answer:
        """Send a request; ``form`` is that of the body, such as ``merge-patch+json``; a text is sent as it is."""
        headers = {"Authorization": self._login, "Content-Type": f"application/{form}"}
        value = body if body is None or isinstance(body, str) else json.dumps(body)
        with self._lock:
            try:
                return self._sent(method, path, value, headers)
            except (OSError, http.client.HTTPException):  # the server closes a connection now and then
                self._connection.close()
                return self._sent(method, path, value, headers)

    def _sent(self, method: str, path: str, message: str | None, headers: dict[str, str]) -> Answer:
        self._connection.request(method, path, message, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if "json" not in answer.headers.get("Content-Type", ""):  # such as "404 page not found"
            return Answer(answer.status, {"message": content.decode(errors="replace")})
        return Answer(answer.status, load_json(content or b"{}"))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
