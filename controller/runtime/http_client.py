"""The one way out to forges: HTTPS, no redirects, no more time and bytes than agreed, no secret in an error."""

import ssl
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from types import MappingProxyType
from urllib.error import URLError
from urllib.parse import urlsplit

from controller.runtime.hidden_text import Hidden

_MOST = 16 * 1024 * 1024
_CHUNK = 65536
_AGENT = "sagemaker-gitops"


@dataclass(frozen=True)
class Request:
    """What is asked. ``secret`` are headers whose values nobody is shown."""

    method: str
    url: str
    headers: Mapping[str, str]
    secret: Mapping[str, Hidden]
    body: bytes | None = None


@dataclass(frozen=True)
class Response:
    """What was answered, whatever its status; names of headers in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Unreachable:
    """No answer; ``reason`` names the host and the kind of trouble, in our words."""

    reason: str


Send = Callable[[Request], Response | Unreachable]


class Door:
    """Sends requests.

    Redirects are answers like any other: a token never goes to a host that an answer names. Proxies are those
    of the environment.

    Args:
        timeout: seconds for the whole exchange, and for each of its parts.
        authority: certificates (PEM) to trust besides the system's.
        plain: hosts that may be spoken to without TLS, such as a forge on loopback.

    Raises:
        ValueError: the authority is no certificate.

    """

    def __init__(
        self, *, timeout: float = 20.0, authority: str = "", plain: frozenset[str] = frozenset()
    ) -> None:
        self._timeout, self._plain = timeout, plain
        context = _trusting(authority)
        self._opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(context=context),
        ):
            self._opener.add_handler(handler)

    def __call__(self, request: Request) -> Response | Unreachable:
        """Send a request and read its answer."""
        parts = urlsplit(request.url)
        host = parts.hostname or "nowhere"
        if parts.scheme != "https" and not (parts.scheme == "http" and host in self._plain):
            return Unreachable(f"{host}: only https is spoken to it")
        headers = {**request.headers, **{name: value.reveal() for name, value in request.secret.items()}}
        http_request = urllib.request.Request(  # noqa: S310 - the scheme was checked
            request.url, request.body, {"User-Agent": _AGENT, **headers}, method=request.method
        )
        try:
            return self._exchange(http_request)
        except (OSError, HTTPException, ValueError) as error:
            return Unreachable(f"{host}: {_kind(error)}")

    def _exchange(self, request: urllib.request.Request) -> Response:
        until = time.monotonic() + self._timeout
        with self._opener.open(request, timeout=self._timeout) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            return Response(answer.status, MappingProxyType(headers), _read(answer, until))


def _trusting(authority: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    # Set by default since Python 3.13: it refuses an authority without key identifiers, which git and curl take.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        if authority:
            context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError, TypeError):  # the last for other than ASCII
        raise ValueError("the authority (ca) is not a certificate in PEM") from None
    return context


def _read(answer: HTTPResponse, until: float) -> bytes:
    got = bytearray()
    while chunk := answer.read1(_CHUNK):
        got += chunk
        if len(got) > _MOST:
            raise ValueError("too large")
        if time.monotonic() > until:
            raise TimeoutError
    if answer.length:  # read1 ends early without a word, and half a list must not look like a whole one
        raise ValueError("cut")
    return bytes(got)


def _kind(error: Exception) -> str:
    """The trouble in our words: those of libraries repeat addresses and headers."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, ssl.SSLError):
        return "its certificate is not trusted, or its TLS is broken"
    if isinstance(cause, OSError):
        return f"no connection ({cause.strerror or type(cause).__name__})"
    return "an answer that cannot be read"
