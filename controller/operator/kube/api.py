"""Requests to the API server, and what its answers mean. Thread-safe."""

import json
import time
from collections.abc import Mapping
from enum import Enum
from http import HTTPStatus
from typing import Any

import urllib3

from controller.operator.kube.access import Access
from controller.operator.words import MANAGER

Json = dict[str, Any]
_TIMES = urllib3.Timeout(connect=5.0, read=30.0)
_TRIES = 4
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
    """An API server."""

    def __init__(self, access: Access, connections: int = 32) -> None:
        self.access = access
        self._pool = urllib3.PoolManager(
            maxsize=connections, ssl_context=access.trust, timeout=_TIMES, retries=False
        )

    def get(self, path: str) -> Json:
        """Read an object or a list.

        Raises:
            ApiError: it was refused.

        """
        return self._send("GET", path)

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

    def _send(self, method: str, path: str, body: str | None = None, form: str = "") -> Json:
        """Send; again where the server was too busy, or was not there, for then it did nothing."""
        for left in reversed(range(_TRIES)):
            try:
                return self._once(method, path, body, form)
            except ApiError as error:
                passes = error.status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
                if not left or not (passes or (not error.status and method == "GET")):
                    raise
            time.sleep(_PAUSE * 2 ** (_TRIES - left))
        raise AssertionError("unreachable: the last try returns or raises")

    def _once(self, method: str, path: str, body: str | None, form: str) -> Json:
        headers = {"Accept": "application/json", **({"Content-Type": form} if form else {})}
        try:
            token = self.access.bearer()
            headers |= {"Authorization": f"Bearer {token}"} if token else {}
            answer = self._pool.request(method, self.access.server + path, body=body, headers=headers)
        except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise ApiError(0, f"the API server can't be reached: {error}") from error
        told = _read(answer.data)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            message = str(told.get("message", answer.reason))
            raise ApiError(answer.status, message, tested=form == Patch.JSON.value)
        return told


def _read(data: bytes) -> Json:
    try:
        told = json.loads(data or b"{}")
    except ValueError:
        return {"message": data[:300].decode(errors="replace")}
    return told if isinstance(told, dict) else {}
