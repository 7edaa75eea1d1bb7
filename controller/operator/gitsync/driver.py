"""The thread that drives all GitSyncs while we lead."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from controller.gitops.loop import Threads
from controller.operator.gitsync.controller import GitSyncRegistry

_log = logging.getLogger("sagectl.gitsync")
_IDLE = 0.5
_SOON = 0.05  # between two turns, whatever happens


@dataclass
class Driver:
    """Turns of the roster, one after the other."""

    registry: GitSyncRegistry
    threads: Threads
    namespaces: Sequence[str] = ()
    _thread: threading.Thread | None = None
    _led: bool = field(default=False)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="gitsync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self.registry.shared.stop.set()
        self.registry.shared.ended.set()
        if self._thread is not None:
            self._thread.join()
            self.threads.close()
            self.registry.end()

    def _run(self) -> None:
        shared = self.registry.shared
        while not shared.stop.wait(_SOON):
            left = _IDLE
            try:
                left = self._run_once()
            except Exception:  # noqa: BLE001 - the next turn may do better
                _log.exception("the reconciliation failed")
                shared.stop.wait(_IDLE)
            shared.ended.wait(left)
            shared.ended.clear()

    def _run_once(self) -> float:
        led, self._led = self._led, self.registry.shared.context.leads()
        if not self._led:
            return _IDLE
        if not led:
            self._led = False  # until the beginning has succeeded
            self.registry.begin(self.namespaces)
            self._led = True
        return self.registry.run_once()
