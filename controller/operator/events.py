"""Events of Kubernetes, on transitions only."""

import logging
import uuid
from typing import Any

from controller.desired.envelope import API_VERSION
from controller.operator.item import Item
from controller.operator.kube.api import Api, ApiError
from controller.operator.reasons import Course, Reason, course
from controller.operator.words import MANAGER

_log = logging.getLogger("sagectl.events")
_LONGEST = 1024
_QUIET = frozenset(
    {Reason.CHANGED, Reason.RETRYING, Reason.BUSY, Reason.THROTTLED}
)  # on the way to something


class Teller:
    """Posts events; one that can't be posted is logged and lost, for it changes nothing."""

    def __init__(self, api: Api, host: str) -> None:
        self._api, self._host = api, host

    def turned(self, item: Item, reason: Reason, message: str, now: str) -> None:
        """Tell that an object stands otherwise than before, if it does."""
        before = item.condition("Ready").get("reason")
        if before == reason.value or reason in _QUIET:
            return
        self.tell(item, reason.value, message, now, warning=course(reason) is Course.STUCK)

    def tell(self, item: Item, reason: str, message: str, now: str, *, warning: bool = False) -> None:
        """Tell something of an object."""
        try:
            self._api.create(
                f"/api/v1/namespaces/{item.ref.namespace}/events",
                self._event(item, reason, message, now, "Warning" if warning else "Normal"),
            )
        except ApiError as error:
            _log.warning("event lost", extra={"told": {"object": str(item.ref), "error": str(error)}})

    def _event(self, item: Item, reason: str, message: str, now: str, kind: str) -> dict[str, Any]:
        return {
            "apiVersion": "v1",
            "kind": "Event",
            "metadata": {
                "name": f"{item.ref.name[:200]}.{uuid.uuid4().hex[:16]}",
                "namespace": item.ref.namespace,
            },
            "involvedObject": {
                "apiVersion": API_VERSION,
                "kind": item.ref.kind,
                "name": item.ref.name,
                "namespace": item.ref.namespace,
                "uid": item.uid,
            },
            "type": kind,
            "reason": reason,
            "message": message[:_LONGEST],
            "source": {"component": MANAGER, "host": self._host},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }
