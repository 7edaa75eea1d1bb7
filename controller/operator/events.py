"""Events of Kubernetes, on transitions only, posted in a thread of their own."""

import logging
import queue
import threading
import uuid
from dataclasses import dataclass, replace
from typing import Any

from controller.core.finding import Severity
from controller.core.reason import Reason, is_warning
from controller.manifests.envelope import API_VERSION
from controller.operator.cached_object import Item
from controller.operator.constants import CORE, MANAGER, objects
from controller.operator.kube.api import Api, ApiError
from controller.runtime.log import object_fields

_log = logging.getLogger("sagectl.events")
_LONGEST = 1024
_MOST = 1000  # events in the queue; further ones are dropped to spare the API server
_GRACE = 5.0  # seconds for queued events when the operator ends
# In progress.
_QUIET = frozenset({Reason.CHANGED, Reason.RETRYING, Reason.BUSY, Reason.THROTTLED})


@dataclass(frozen=True)
class _PendingEvent:
    item: Item
    body: dict[str, Any]


class EventRecorder:
    """Posts events in a thread of its own, so that no pass waits for them.

    An event that can't be posted, or finds the queue full, is logged and dropped.
    """

    def __init__(self, api: Api, host: str) -> None:
        self._api, self._host = api, host
        self._waiting: queue.Queue[_PendingEvent | None] = queue.Queue(_MOST)
        self._thread = threading.Thread(target=self._post, name="events", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Post the queued events for a short time, then stop."""
        try:
            self._waiting.put(None, timeout=_GRACE)
        except queue.Full:
            return
        self._thread.join(_GRACE)

    def record_transition(self, item: Item, reason: Reason, message: str, now: str) -> None:
        """Record an event if the state of an object changed."""
        if item.reason == reason.value or reason in _QUIET:
            return
        self.record(item, reason, message, now, warning=is_warning(reason))

    def record_warnings(self, item: Item, now: str) -> None:
        """Record the warnings about a spec, once for each generation."""
        if item.status.get("observedGeneration") == item.generation:
            return
        for each in item.parsed.findings:
            if each.severity is Severity.WARNING:
                self.record(item, Reason.SPEC_WARNING, str(replace(each, origin=None)), now, warning=True)

    def record(self, item: Item, reason: Reason, message: str, now: str, *, warning: bool = False) -> None:
        """Record an event of an object."""
        kind = "Warning" if warning else "Normal"
        try:
            self._waiting.put_nowait(_PendingEvent(item, self._event(item, reason, message, now, kind)))
        except queue.Full:
            _log_lost(item, "too many wait to be posted")

    def _post(self) -> None:
        while (event := self._waiting.get()) is not None:
            try:
                self._api.create(objects(CORE, event.item.ref.namespace, "events"), event.body)
            except ApiError as error:
                _log_lost(event.item, str(error))
            except Exception:  # noqa: BLE001 - the events of other objects are still to be posted
                _log.exception("event lost", extra={"fields": object_fields(event.item.ref)})

    def _event(self, item: Item, reason: Reason, message: str, now: str, kind: str) -> dict[str, Any]:
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
            "reason": reason.value,
            "message": message[:_LONGEST],
            "source": {"component": MANAGER, "host": self._host},
            "firstTimestamp": now,
            "lastTimestamp": now,
            "count": 1,
        }


def _log_lost(item: Item, why: str) -> None:
    _log.warning("event lost", extra={"fields": {**object_fields(item.ref), "error": why}})
