"""The HTTP client of this process: TLS, proxies, time and size limits, retries, and no secret in an error.

It is used for the API server, for the APIs of Git providers and for notifications. Redirects are not followed, so that
a token is never sent to a host that a response names.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined]  # the stubs lack the latter

from controller.runtime.backoff import Backoff
from controller.runtime.hidden_text import SecretText

if TYPE_CHECKING:
    import urllib3
    from urllib3.util import Url

_MOST = 16 * 1024 * 1024
_CHUNK = 65536
_AGENT = "sagemaker-gitops"
_PASSING = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})  # nothing was done


@dataclass(frozen=True)
class Request:
    """A request; ``secret`` are headers with secret values."""

    method: str
    url: str
    headers: Mapping[str, str]
    secret: Mapping[str, SecretText]
    body: bytes | None = None


@dataclass(frozen=True)
class Response:
    """A response of any status; names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Unreachable:
    """No response; ``reason`` names the host and the kind of error, and quotes nothing of the request."""

    reason: str


Send = Callable[[Request], Response | Unreachable]
TlsContext: TypeAlias = ssl.SSLContext


@dataclass(frozen=True)
class RequestLimits:
    """The limits of a request.

    Attributes:
        part: seconds to connect, and between two parts of a response.
        whole: seconds for a whole response; None for no limit.
        size: bytes of a response.
        connections: idle connections that are kept; 0 closes each after its response.
        tries: the most attempts of a request that is refused with 429 or 503, or of a GET without a response.
        retry: the delays between attempts.

    """

    part: float = 20.0
    whole: float | None = 20.0
    size: int = _MOST
    connections: int = 0
    tries: int = 1
    retry: Backoff = Backoff(first=0.4)  # noqa: RUF009 - frozen


@dataclass(frozen=True)
class ClientCertificate:
    """Files of a client certificate and its key (PEM)."""

    certificate: str
    key: str | None = None


def tls_context(
    authority: str = "",
    authority_file: str | None = None,
    client: ClientCertificate | None = None,
    *,
    verify: bool = True,
) -> TlsContext:
    """A TLS context with certificate authorities and a client certificate.

    Args:
        authority: certificates (PEM) to trust besides the system's.
        authority_file: a file of the certificates to trust instead of the system's.
        client: the client certificate.
        verify: False accepts any certificate.

    Raises:
        ValueError: the authority is no certificate.
        OSError: a file can't be read.

    """
    context = ssl.create_default_context(cafile=authority_file)
    # Set by default since Python 3.13: it refuses an authority without key identifiers, which git and kubectl take.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    try:
        if authority:
            context.load_verify_locations(cadata=authority)
    except (ssl.SSLError, ValueError, TypeError):  # the last for other than ASCII
        raise ValueError("the authority (ca) is not a certificate in PEM") from None
    if client:
        context.load_cert_chain(client.certificate, client.key)
    return context


def normalize_url(url: str) -> str:
    """A URL as it would be sent: without dot segments, and with normalized percent-encoding."""
    import urllib3

    return urllib3.util.parse_url(url).url


class HttpClient:
    """Sends requests. Thread-safe.

    Args:
        tls: the TLS context; by default with the system's authorities.
        limits: of each request.
        plain: hosts that may be used without TLS, such as a Git server on loopback; None for all.
        proxies: whether requests go through the proxies of the environment (``https_proxy``, ``no_proxy``).
        count: called with each attempt and the status of its response, 0 without one.

    """

    def __init__(
        self,
        tls: TlsContext | None = None,
        limits: RequestLimits | None = None,
        *,
        plain: frozenset[str] | None = frozenset(),
        proxies: bool = True,
        count: Callable[[Request, int], None] = lambda _request, _status: None,
    ) -> None:
        self._tls, self._limits = tls or tls_context(), limits or RequestLimits()
        self._plain, self._proxies, self._count = plain, proxies, count
        self._pools: dict[str, urllib3.PoolManager] = {}

    def __call__(self, request: Request) -> Response | Unreachable:
        """Send a request and read its response."""
        limits = self._limits
        for attempt in range(limits.tries):
            if attempt:
                time.sleep(limits.retry.delay(attempt))
            answer = self._send_once(request)
            self._count(request, answer.status if isinstance(answer, Response) else 0)
            if not _may_pass(request, answer):
                break
        return answer

    def _send_once(self, request: Request) -> Response | Unreachable:
        import urllib3

        host = "nowhere"
        try:
            # The same parser that determines the host of the connection.
            url = urllib3.util.parse_url(request.url)
            host = url.host or host
            if url.auth is not None:
                return Unreachable(f"{host}: a login in the address is not sent")
            if url.scheme != "https" and not (url.scheme == "http" and self._may_be_plain(host)):
                return Unreachable(f"{host}: only https is allowed")
            return self._exchange(url, request)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._forget()
            return Unreachable(f"{host}: {_kind(error)}")

    def _may_be_plain(self, host: str) -> bool:
        return self._plain is None or host in self._plain

    def _exchange(self, url: "Url", request: Request) -> Response:
        keep = {} if self._limits.connections else {"Connection": "close"}
        secret = {name: value.reveal() for name, value in request.secret.items()}
        end = time.monotonic() + self._limits.whole if self._limits.whole else None
        pool = self._pool(url)
        answer = pool.request(
            request.method,
            url.url,
            body=request.body,
            headers={"User-Agent": _AGENT, **keep, **request.headers, **secret},
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            body = self._read(answer, end)
        except BaseException:
            answer.close()  # its rest must not be read as the next response
            raise
        finally:
            if not self._limits.connections:
                pool.clear()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, MappingProxyType(headers), body)

    def _read(self, answer: "urllib3.BaseHTTPResponse", end: float | None) -> bytes:
        got = bytearray()
        while chunk := answer.read1(_CHUNK):
            got += chunk
            if len(got) > self._limits.size:
                raise ValueError("too large")
            if end is not None and time.monotonic() > end:
                raise TimeoutError
        return bytes(got)

    def _pool(self, url: "Url") -> "urllib3.PoolManager":
        """The connections to a host: direct ones, or those through its proxy."""
        proxy = _proxy(url) if self._proxies else ""
        if not self._limits.connections:
            return self._connections(proxy)
        if proxy not in self._pools:
            self._pools.setdefault(proxy, self._connections(proxy))
        return self._pools[proxy]

    def _connections(self, proxy: str) -> "urllib3.PoolManager":
        import urllib3

        settings: dict[str, Any] = {
            "maxsize": max(self._limits.connections, 1),
            "ssl_context": self._tls,
            "timeout": urllib3.Timeout(connect=min(5.0, self._limits.part), read=self._limits.part),
            "retries": False,
        }
        if not proxy:
            return urllib3.PoolManager(**settings)
        login = urllib3.util.parse_url(proxy).auth
        headers = urllib3.make_headers(proxy_basic_auth=unquote(login)) if login else None
        return urllib3.ProxyManager(proxy, proxy_headers=headers, **settings)

    def _forget(self) -> None:
        """Close idle connections: they may be broken like the one that failed, and each would cost a time-out."""
        for pool in list(self._pools.values()):
            pool.clear()


def _may_pass(request: Request, answer: Response | Unreachable) -> bool:
    if isinstance(answer, Unreachable):
        return request.method == "GET"
    return answer.status in _PASSING


def _proxy(url: "Url") -> str:
    """The proxy that the environment names for an address; empty for none."""
    proxies = getproxies_environment()
    proxy = proxies.get(url.scheme or "") or proxies.get("all") or ""
    if not proxy or proxy_bypass_environment(url.netloc or "", proxies):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _kind(error: BaseException) -> str:
    """The kind of an error as a text of our own: messages of libraries quote URLs and headers."""
    import urllib3

    causes = _causes(error)
    if any(isinstance(each, ssl.SSLError | urllib3.exceptions.SSLError) for each in causes):
        return "its certificate is not trusted, or its TLS is broken"
    if any(isinstance(each, TimeoutError) for each in causes):
        return "no answer in time"
    for each in causes:
        if isinstance(each, OSError):
            return f"no connection ({each.strerror or type(each).__name__})"
    if any(isinstance(each, urllib3.exceptions.TimeoutError) for each in causes):
        # A refused connection is one too.
        return "no answer in time"
    return "an answer that cannot be read"


def _causes(error: BaseException) -> list[BaseException]:
    """An error and the ones that it wraps, as arguments or as causes."""
    found, left = list[BaseException](), [error]
    while left:
        each = left.pop()
        if each not in found:
            found.append(each)
            inner = (each.__cause__, each.__context__, *each.args)
            left += [more for more in inner if isinstance(more, BaseException)]
    return found
