"""Leader election with a Lease, and a check that fails before the Lease could have passed to another replica.

As in client-go (tools/leaderelection), a replica that does not hold the Lease takes it when it has not changed for its
duration by the replica's own clock, so that clocks need not agree.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from controller.operator.constants import objects
from controller.operator.kube.api import Api, ApiError, Json
from controller.operator.kube.request import ApiPath
from controller.runtime.clock import suspend_aware_time

_VERSION = "coordination.k8s.io/v1"
_log = logging.getLogger("sagectl.leader_election")


@dataclass
class Lease:
    """A Lease by name. ``holds`` is checked before every change.

    Attributes:
        duration: seconds after which other replicas may take it.
        margin: seconds before that from which on no request that changes AWS is sent: the longest time that a request
            may be in flight after the check on its connection.
        elected: called when this replica becomes the leader.

    """

    api: Api
    namespace: str
    name: str
    identity: str
    duration: float = 15.0
    margin: float = 5.0
    now: Callable[[], float] = suspend_aware_time
    elected: Callable[[], None] = lambda: None
    _until: float = 0.0
    _closed: bool = False
    _seen: tuple[Any, float] = (None, 0.0)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def holds(self) -> bool:
        """Whether this replica leads, for at least ``margin`` seconds to come."""
        return not self._closed and self.now() < self._until - self.margin

    def start(self) -> None:
        """Start to acquire and renew it."""
        self._thread = threading.Thread(target=self._keep_renewing, name="lease", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop leading; the Lease is no longer renewed, and not released yet."""
        self._closed = True
        self._stop.set()

    def stop(self) -> None:
        """Release it, so that another replica need not wait."""
        self.close()
        if self._thread is not None:
            self._thread.join(self.duration)  # as long as a request to the API server may take
        if self._until > self.now():
            self._until = 0.0
            self._give_back()

    def _keep_renewing(self) -> None:
        while not self._stop.is_set():
            try:
                self.renew()
            except Exception:  # noqa: BLE001 - without this thread no replica of this process leads ever again
                _log.exception("lease")
            self._stop.wait(self.duration / 5)

    def renew(self) -> None:
        """Acquire or renew it if possible."""
        began, was_leader = self.now(), self.holds()
        try:
            held = self._try(began)
        except ApiError as error:
            _log.warning("lease", extra={"fields": {"error": str(error)}})
            return  # it may still be ours until it expires
        self._until = began + self.duration if held else 0.0
        if held and not was_leader:
            _log.info("leading", extra={"fields": {"lease": self.name, "as": self.identity}})
            self.elected()

    def _try(self, began: float) -> bool:
        try:
            lease = self.api.get(self._path / self.name)
        except ApiError as error:
            if not error.is_not_found:
                raise
            return self._try_write(lambda: self.api.create(self._path, self._lease({}, fresh=True)))
        spec = lease["spec"]
        if spec.get("holderIdentity") not in (None, "", self.identity) and not self._has_expired(
            lease, began
        ):
            return False
        taken = spec.get("holderIdentity") != self.identity
        body = {**self._lease(spec, fresh=taken), "metadata": lease["metadata"]}
        return self._try_write(lambda: self.api.replace(self._path / self.name, body))

    def _has_expired(self, lease: Json, began: float) -> bool:
        version = lease["metadata"]["resourceVersion"]
        if self._seen[0] != version:
            self._seen = version, began
        lease_seconds = float(lease["spec"].get("leaseDurationSeconds", self.duration))
        return began - self._seen[1] > lease_seconds

    def _try_write(self, send: Callable[[], Json]) -> bool:
        try:
            send()
        except ApiError as error:
            if error.is_conflict:
                return False  # another replica was faster
            raise
        return True

    def _lease(self, before: Json, *, fresh: bool) -> Json:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        spec = {
            **before,
            "holderIdentity": self.identity,
            "leaseDurationSeconds": max(int(self.duration), 1),
            "renewTime": now,
        }
        if fresh:
            spec |= {"acquireTime": now, "leaseTransitions": before.get("leaseTransitions", -1) + 1}
        metadata = {"name": self.name, "namespace": self.namespace}
        return {"apiVersion": _VERSION, "kind": "Lease", "metadata": metadata, "spec": spec}

    def _give_back(self) -> None:
        try:
            lease = self.api.get(self._path / self.name)
            if lease["spec"].get("holderIdentity") == self.identity:
                spec = {**lease["spec"], "holderIdentity": ""}
                self.api.replace(self._path / self.name, {**lease, "spec": spec})
        except ApiError as error:
            _log.warning("lease", extra={"fields": {"error": str(error)}})

    @property
    def _path(self) -> ApiPath:
        return objects(_VERSION, self.namespace, "leases")
