"""Cache synchronization: no reconciliation begins before every listed object is in the cache.

With some of its neighbours unseen, a turn would take a document's name for one outside of the cluster, and delete
what an unseen object needs.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from controller.kinds import KINDS
from controller.operator.constants import places_of, plural_of
from controller.operator.kube.api import Api, ApiError
from controller.operator.kube.listing import uids
from controller.operator.object_cache import Store

_log = logging.getLogger("sagectl.cache_sync")
_FIRST, _LONGEST = 0.05, 5.0  # seconds between two looks
_AT_ONCE = 12  # lists; they also open the connections that the first turns will use


@dataclass
class CacheSync:
    """One cache synchronization, in its own thread; ``complete`` is set when it is over.

    Attributes:
        api: whose lists are compared with the store.
        store: what was seen.
        namespaces: those that are watched; all where none is named.
        lacking: what is waited for, in words; empty when nothing is.

    """

    api: Api
    store: Store
    namespaces: Sequence[str] = ()
    lacking: str = "it is starting"
    complete: threading.Event = field(default_factory=threading.Event)
    _left: dict[str, frozenset[str] | None] = field(default_factory=lambda: dict.fromkeys(sorted(KINDS)))
    _troubles: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._run, name="roll", daemon=True).start()

    def stop(self) -> None:
        """Call no more."""
        self._stop.set()

    def call(self) -> bool:
        """Compare once; gives whether all has been seen. Objects that come after the first list are not waited for."""
        self._troubles = []
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = dict(zip(self._left, pool.map(self._unseen, self._left), strict=True))
        self._left = {kind: left for kind, left in found.items() if left != frozenset()}
        counts = {kind: len(left) for kind, left in self._left.items() if left is not None}
        lines = [f"{count} of {plural_of(kind)} not seen yet" for kind, count in counts.items()]
        self.lacking = "; ".join([*lines, *self._troubles])
        return not self._left

    def _run(self) -> None:
        pause = _FIRST
        while not self._over():
            if pause == _LONGEST:
                _log.warning("waiting", extra={"fields": {"for": self.lacking}})
            if self._stop.wait(pause):
                return
            pause = min(pause * 2, _LONGEST)
        _log.info("complete")
        self.complete.set()

    def _over(self) -> bool:
        try:
            return self.call()
        except Exception:  # noqa: BLE001 - an operator that waits must say why, and go on once it can
            _log.exception("the initial list failed")
            return False

    def _unseen(self, kind: str) -> frozenset[str] | None:
        """What the first list of a kind showed, is still there and was not seen; None where no list can be had."""
        try:
            listed = {uid for path in places_of(kind, self.namespaces) for uid in uids(self.api, path)}
        except ApiError as error:
            if error.missing:  # without its definition there is no object of a kind
                return frozenset()
            self._troubles.append(f"{plural_of(kind)} can't be listed: {error}")
            return self._left[kind]
        first = self._left[kind]
        return frozenset(listed if first is None else listed & first) - {
            each.uid for each in self.store.all()
        }
