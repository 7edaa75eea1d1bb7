"""One attempt of a call: its leadership is checked when botocore is about to send it, and again once it is connected.

Between a call and its first byte lie the rate limit of its operation, botocore's retries, a renewal of credentials, a
DNS look-up, a TCP and a TLS handshake: each may last longer than a lease. After the check on the connection only the
request's bytes are sent, and those are acknowledged within the leadership's margin, or the connection is closed
(``TCP_USER_TIMEOUT``, tcp(7)).
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
)

from controller.core.cloud import Call, CloudError, Fault

UNANSWERED = "Unanswered"
UNKNOWN = "AWS accepted it and did not answer; the next poll reads the result, and nothing is created twice"
# Seconds to wait for an answer. A read has no effect and can be repeated, so it times out early. The time-out of a
# change is botocore's default, because its outcome is unknown after a time-out.
_READ, _CHANGE = 10.0, 60.0
_SECONDS = {
    "Search": 20.0,  # an index over all resources of an account
    "GetResources": 20.0,  # tags of all services
    "GetObject": 60.0,  # an inventory may have megabytes
    "AssumeRole": 10.0,  # changes nothing, and every pass waits for it
}
_FAILED_WITHIN = 500  # HTTP statuses from here on: RFC 9110, 15.6, Server Error
_USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)  # of Linux


@dataclass
class Attempt:
    """A call that is being made in this thread.

    Attributes:
        call: the call.
        refusal: why an attempt was refused, kept here because botocore wraps exceptions that its transport raises.
        unanswered: whether AWS may have received a request that it has not answered.
        ambiguous: whether any attempt may have taken effect without a successful answer: it ended with a server error,
            or timed out.

    """

    call: Call
    refusal: CloudError | None = None
    unanswered: bool = False
    ambiguous: bool = False

    def check(self) -> None:
        """Refuse to continue if the leadership no longer holds, or if a change was sent whose outcome is unknown.

        Raises:
            CloudError: the attempt may not be made.

        """
        self.refusal = None
        try:
            self._check()
        except CloudError as error:
            self.refusal = error
            raise

    def _check(self) -> None:
        if self.unanswered and self.call.changes:
            raise CloudError(Fault.UNANSWERED, UNANSWERED, UNKNOWN, self.call.operation)
        if self.call.leadership is not None:
            self.call.leadership.check(self.call.operation)

    @property
    def seconds(self) -> float:
        """How long to wait for an answer."""
        return _SECONDS.get(self.call.operation, _CHANGE if self.call.changes else _READ)


_current: ContextVar[Attempt | None] = ContextVar("attempt", default=None)


@contextmanager
def track_attempt(call: Call) -> Iterator[Attempt]:
    """Mark this thread as making a call; its ``CloudError`` states whether the call may have taken effect."""
    attempt = Attempt(call)
    token = _current.set(attempt)
    try:
        yield attempt
    except CloudError as refusal:
        refusal.ambiguous = attempt.ambiguous
        raise
    finally:
        _current.reset(token)


def guard_client(client: Any) -> None:
    """Let a botocore client check the leadership of the call that its thread makes.

    ``before-send`` is emitted for each attempt, after it was signed. Botocore has no event for an established
    connection, so its pools get connection classes of this module.
    """
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register_first(f"before-send.{service}", _before_send)
    client.meta.events.register_first(f"before-parse.{service}", _before_parse)
    pools = client._endpoint.http_session._pool_classes_by_scheme  # noqa: SLF001 - see above
    pools.update({"http": _Pool, "https": _SecurePool})


def _before_send(**_: object) -> None:
    attempt = _current.get()
    if attempt is not None:
        attempt.check()


def _before_parse(response_dict: Mapping[str, Any], **_: object) -> None:
    """Note that the whole answer has arrived."""
    attempt = _current.get()
    if attempt is not None:
        attempt.unanswered = False
        attempt.ambiguous |= response_dict["status_code"] >= _FAILED_WITHIN


class _Connection:
    """A connection that checks the leadership before a request's first byte."""

    sock: Any = None
    timeout: Any = None
    _bounded = 0

    def request(self, *args: Any, **kwargs: Any) -> None:
        attempt = _current.get()
        if attempt is not None and attempt.call.leadership is not None:
            if self.sock is None:
                self.connect()  # type: ignore[attr-defined]  # of the classes that this is mixed with
            self._set_user_timeout(attempt.call.leadership.margin)
            attempt.check()
        else:
            self._set_user_timeout(0.0)
        if attempt is not None:
            attempt.unanswered = True
        super().request(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        attempt = _current.get()
        if attempt is not None:
            self.timeout = attempt.seconds  # of the socket from here on, instead of the client's
        return super().getresponse()  # type: ignore[misc]

    def close(self) -> None:
        self._bounded = 0
        super().close()  # type: ignore[misc]

    def _set_user_timeout(self, seconds: float) -> None:
        """Set the time after which unacknowledged data closes the connection; 0 is the system's default."""
        milliseconds = int(seconds * 1000)
        if milliseconds != self._bounded and _USER_TIMEOUT is not None and hasattr(self.sock, "setsockopt"):
            self.sock.setsockopt(socket.IPPROTO_TCP, _USER_TIMEOUT, milliseconds)
            self._bounded = milliseconds


class _Plain(_Connection, AWSHTTPConnection):  # type: ignore[misc]  # the stubs of its own bases disagree
    """A connection without TLS."""


class _Secure(_Connection, AWSHTTPSConnection):  # type: ignore[misc]  # as above
    """A connection with TLS."""


class _Pool(AWSHTTPConnectionPool):
    """A pool of connections without TLS."""

    ConnectionCls = _Plain


class _SecurePool(AWSHTTPSConnectionPool):
    """A pool of connections with TLS."""

    ConnectionCls = _Secure
