"""Requests to the API server, and what its answers mean. Thread-safe."""

import json
import time
from collections.abc import Callable, Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any

import urllib3

from controller.operator.kube.access import Access
from controller.operator.words import MANAGER

Json = dict[str, Any]
_TRIES = 4
_JSON = "application/json"
# The metadata alone, of an object and of a list (kubernetes.io, API concepts, "Metadata-only fetches").
METADATA = f"{_JSON};as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST = f"{_JSON};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_PAUSE = 0.2


class Patch(Enum):
    """How a patch is written; the value is its media type."""

    APPLY = "application/apply-patch+yaml"
    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"


class ApiError(Exception):
    """A request was refused, or could not be made."""

    def __init__(self, status: int, message: str, *, tested: bool = False) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.status = status
        self.message = message
        self._tested = tested  # a JSON patch whose test fails is answered with 422

    @property
    def missing(self) -> bool:
        """Whether the thing is not there."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def moved(self) -> bool:
        """Whether somebody else was faster: a version or a precondition no longer holds."""
        return self.status == HTTPStatus.CONFLICT or (
            self._tested and self.status == HTTPStatus.UNPROCESSABLE_ENTITY
        )


class Api:
    """An API server.

    ``patience`` is for how many seconds an answer is waited for. ``count`` is told of each request: its verb, what
    it was for, and the answer's status.
    """

    def __init__(
        self,
        access: Access,
        connections: int = 32,
        patience: float = 30.0,
        count: Callable[[str, str, int], None] = lambda _verb, _what, _status: None,
    ) -> None:
        self.access = access
        self._count = count
        times = urllib3.Timeout(connect=min(5.0, patience), read=patience)
        self._pool = urllib3.PoolManager(
            maxsize=connections, ssl_context=access.trust, timeout=times, retries=False
        )

    def get(self, path: str, accept: str = _JSON) -> Json:
        """Read an object or a list, in the form that is accepted.

        Raises:
            ApiError: it was refused.

        """
        return self._send("GET", path, accept=accept)

    def create(self, path: str, body: Mapping[str, Any]) -> Json:
        """Make an object.

        Raises:
            ApiError: it was refused.

        """
        return self._send("POST", path, json.dumps(body), "application/json")

    def replace(self, path: str, body: Mapping[str, Any]) -> Json:
        """Write an object whole; its ``resourceVersion`` must be the present one.

        Raises:
            ApiError: it was refused.

        """
        return self._send("PUT", path, json.dumps(body), "application/json")

    def patch(self, path: str, how: Patch, body: Any) -> Json:
        """Change an object.

        Raises:
            ApiError: it was refused.

        """
        asked = f"?fieldManager={MANAGER}&force=true" if how is Patch.APPLY else ""
        return self._send("PATCH", path + asked, json.dumps(body), how.value)

    def delete(self, path: str) -> Json:
        """Delete an object.

        Raises:
            ApiError: it was refused.

        """
        return self._send("DELETE", path)

    def _send(
        self, method: str, path: str, body: str | None = None, form: str = "", accept: str = _JSON
    ) -> Json:
        """Send; again where the server was too busy, or was not there, for then it did nothing."""
        for left in reversed(range(_TRIES)):
            try:
                return self._once(method, path, body, form, accept)
            except ApiError as error:
                passes = error.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
                if not left or not (passes or (not error.status and method == "GET")):
                    raise
            time.sleep(_PAUSE * 2 ** (_TRIES - left))
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, method: str, path: str, body: str | None, form: str, accept: str) -> Json:
        headers = {"Accept": accept, **({"Content-Type": form} if form else {})}
        try:
            token = self.access.bearer()
            headers |= {"Authorization": f"Bearer {token}"} if token else {}
            answer = self._pool.request(method, self.access.server + path, body=body, headers=headers)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            self._count(method, _what(path), 0)
            self._pool.clear()  # what idles there may be as dead, and each would be waited for in full
            raise ApiError(0, f"the API server can't be reached: {error}") from error
        self._count(method, _what(path), answer.status)
        told = _read(answer.data)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            message = str(told.get("message", answer.reason))
            raise ApiError(answer.status, message, tested=form == Patch.JSON.value)
        return told


def _what(path: str) -> str:
    """What a path is about, without the names in it: ``status``, ``events`` or ``models``."""
    parts = path.partition("?")[0].split("/")
    if parts[-1] == "status":
        return "status"
    within = parts.index("namespaces") + 2 if "namespaces" in parts else len(parts) - 1
    return parts[min(within, len(parts) - 1)]


def _read(data: bytes) -> Json:
    try:
        told = json.loads(data or b"{}")
    except ValueError:
        return {"message": data[:300].decode(errors="replace")}
    return told if isinstance(told, dict) else {}
