"""Requests to the API server, and what its answers mean. Thread-safe."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlencode

from controller.core.ref import quote_untrusted
from controller.operator.constants import MANAGER
from controller.operator.kube.access import Access
from controller.operator.kube.request import ApiError, ApiPath
from controller.runtime.bounded_text import load_json
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import HttpClient, Request, RequestLimits, Unreachable, normalize_url

__all__ = ["METADATA", "METADATA_LIST", "Api", "ApiError", "Json", "Patch"]


Json = dict[str, Any]
_TRIES = 4
_JSON = "application/json"
# The metadata alone, of an object and of a list (kubernetes.io, API concepts, "Metadata-only fetches").
METADATA = f"{_JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_MOST = 512 * 1024 * 1024  # bytes of a response: a list may hold every object of a cluster
_WHOLE = 10  # time-outs within which a whole response must arrive
_WRITER = {"fieldManager": MANAGER}  # of each write, for managedFields


class Patch(Enum):
    """The format of a patch; the value is its media type."""

    APPLY = "application/apply-patch+yaml"
    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"


@dataclass(frozen=True)
class _Request:
    """One request; ``form`` is the media type of the body."""

    method: str
    path: ApiPath
    body: str | None = None
    form: str = ""
    accept: str = _JSON
    query: Mapping[str, str] | None = None


class Api:
    """An API server.

    ``timeout`` is in seconds. ``count`` is called for each request with its verb, resource and status.
    """

    def __init__(
        self,
        access: Access,
        connections: int = 32,
        timeout: float = 30.0,
        count: Callable[[str, str, int], None] = lambda _verb, _what, _status: None,
    ) -> None:
        self.access = access
        self._count = count
        limits = RequestLimits(timeout, _WHOLE * timeout, _MOST, connections, _TRIES)
        # kopf's watch uses no proxy either.
        self._http = HttpClient(access.trust, limits, plain=None, proxies=False, count=self._count_attempt)

    def get(self, path: ApiPath, accept: str = _JSON, query: Mapping[str, str] | None = None) -> Json:
        """Read an object or a list, in the accepted form.

        Raises:
            ApiError: it was refused.

        """
        return self._send(_Request("GET", path, accept=accept, query=query))

    def create(self, path: ApiPath, body: Mapping[str, Any]) -> Json:
        """Create an object.

        Raises:
            ApiError: it was refused.

        """
        return self._send(_Request("POST", path, json.dumps(body), _JSON, query=_WRITER))

    def replace(self, path: ApiPath, body: Mapping[str, Any]) -> Json:
        """Replace an object; its ``resourceVersion`` must be the current one.

        Raises:
            ApiError: it was refused.

        """
        return self._send(_Request("PUT", path, json.dumps(body), _JSON, query=_WRITER))

    def patch(self, path: ApiPath, how: Patch, body: Any) -> Json:
        """Change an object.

        Raises:
            ApiError: it was refused.

        """
        query = {**_WRITER, "force": "true"} if how is Patch.APPLY else _WRITER
        return self._send(_Request("PATCH", path, json.dumps(body), how.value, query=query))

    def delete(self, path: ApiPath) -> Json:
        """Delete an object.

        Raises:
            ApiError: it was refused.

        """
        return self._send(_Request("DELETE", path))

    def _send(self, request: _Request) -> Json:
        """Send a request, and again if the server was too busy or not reachable, because then it did nothing."""
        url = _url(self.access.server, request)
        headers = {"Accept": request.accept, **({"Content-Type": request.form} if request.form else {})}
        try:
            token = self.access.bearer()
        except (OSError, ValueError) as error:
            raise ApiError(0, f"there is no token for the API server: {error}") from error
        secret = {"Authorization": SecretText(f"Bearer {token}")} if token else {}
        body = request.body.encode() if request.body is not None else None
        answer = self._http(Request(request.method, url, headers, secret, body))
        if isinstance(answer, Unreachable):
            raise ApiError(0, f"the API server can't be reached: {answer.reason}")
        document = _read(answer.body)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            self.access.handle_refusal()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            message = str(document.get("message") or f"HTTP {answer.status}")
            raise ApiError(answer.status, message, tested=request.form == Patch.JSON.value)
        return document

    def _count_attempt(self, request: Request, status: int) -> None:
        self._count(request.method, _resource(request.url.removeprefix(self.access.server)), status)


def _url(server: str, request: _Request) -> str:
    """The URL of a request.

    This checks the bytes that are sent: urllib3 removes dot segments first (RFC 3986, 5.2.4), and the server decodes
    what is left.

    Raises:
        TypeError: the path is no ``ApiPath``.
        ApiError: a different path would be sent, or one that can be read as another.

    """
    path = request.path
    if type(path) is not ApiPath:
        raise TypeError("a request to the API server takes a ApiPath, never a text")
    sent = normalize_url(f"{server}{path}")
    if sent != f"{_server(server)}{path}" or not _is_plain(str(path)):
        raise ApiError(HTTPStatus.BAD_REQUEST, f"{quote_untrusted(path)} is ambiguous as a path")
    return f"{sent}?{urlencode(request.query)}" if request.query else sent


@cache
def _server(address: str) -> str:
    """The address of the API server as it is sent."""
    return normalize_url(address)


def _is_plain(path: str) -> bool:
    """Whether no segment is empty, a dot segment, or would be split or decoded again by the server."""
    segments = [unquote(each) for each in path.split("/")[1:]]
    return not any(each in {"", ".", ".."} or set(each) & set("/%\\?#") for each in segments)


def _resource(path: str) -> str:
    """The resource of a path without names: ``status``, ``events`` or ``models``."""
    parts = path.partition("?")[0].split("/")[1:]
    if parts[-1] == "status":
        return "status"
    within = parts.index("namespaces") + 2 if "namespaces" in parts else len(parts) - 1
    return parts[min(within, len(parts) - 1)]


def _read(data: bytes) -> Json:
    try:
        document = load_json(data or b"{}")
    except ValueError:
        return {"message": data[:300].decode(errors="replace")}
    return document if isinstance(document, dict) else {}


_PAGE = 500


def uids(api: Api, path: ApiPath) -> Iterator[str]:
    """The UIDs of all objects of a path such as ``/apis/GROUP/VERSION/PLURAL``.

    Raises:
        ApiError: the server refused.

    """
    after: dict[str, str] = {}
    while True:
        found = api.get(path, METADATA_LIST, {"limit": str(_PAGE), **after})
        yield from (each["metadata"]["uid"] for each in found.get("items") or ())  # null for an empty list
        token = found["metadata"].get("continue")
        if not token:
            return
        after = {"continue": str(token)}
