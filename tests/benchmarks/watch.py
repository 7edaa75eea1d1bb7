"""Waits for objects by a watch, because repeated lists would use the measured processor."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import urllib3

from controller.operator.kube.access import Access


class Watch:
    """The events of a watch, as they arrive."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer

    def ready(self, names: set[str]) -> None:
        """Return once objects of all these names were seen Ready.

        Raises:
            urllib3.exceptions.ReadTimeoutError: nothing came for too long.

        """
        left, rest = set(names), b""
        for part in self._answer.stream():
            *lines, rest = (rest + part).split(b"\n")
            left -= {each["metadata"]["name"] for each in map(_object, lines) if is_ready(each)}
            if not left:
                return


@contextmanager
def watch(reached: Access, path: str, timeout: float = 60.0) -> Iterator[Watch]:
    """Watch the objects of a path, from now on; ``timeout`` is in seconds, for each event."""
    token = reached.bearer()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib3.PoolManager(ssl_context=reached.trust, timeout=timeout) as pool:
        answer = pool.request(
            "GET", f"{reached.server}{path}?watch=true", headers=headers, preload_content=False
        )
        yield Watch(answer)
        answer.close()


def is_ready(value: dict[str, Any]) -> bool:
    """Whether an object's condition Ready is True."""
    conditions = value.get("status", {}).get("conditions", ())
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def _object(line: bytes) -> dict[str, Any]:
    return dict(json.loads(line)["object"])
