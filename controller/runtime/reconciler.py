"""Reconcilers, and the workers that run one on a work queue."""

import logging
import math
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from controller.runtime.backoff import Backoff
from controller.runtime.tracing import PASS, span
from controller.runtime.workqueue import Queue, ReconcileRequest

K = TypeVar("K", bound=Hashable)

_log = logging.getLogger("sagectl.reconciler")
_IDLE = 0.5  # seconds between checks of leadership and shutdown
# Seconds for which a thread waits for a key: the queue wakes it for a key and at its end. At rest, the threads of an
# operator take 0.6 ms of CPU time a second; with waits of 0.5 s they took 7.5 ms.
_LONGEST_WAIT = 5.0


@dataclass(frozen=True)
class ReconcileResult:
    """When a key is reconciled again, unless something adds it before.

    Attributes:
        requeue_after: seconds; None for no requeue.
        backoff: requeue after its delay, which grows with each such result of the key in a row.
        keep: leave the number of retries in a row as it is; else a result without ``backoff`` resets it.

    """

    requeue_after: float | None = None
    backoff: Backoff | None = None
    keep: bool = False


class Reconciler(Protocol[K]):
    """One pass over one key. It does what can be done now and returns, without waiting."""

    def reconcile(self, request: ReconcileRequest[K]) -> ReconcileResult:
        """Reconcile a key. An exception is logged, and the key retried with backoff."""


@dataclass
class Workers(Generic[K]):
    """Threads that reconcile the keys of a queue.

    Attributes:
        reconciler: called for each key, for one key by one thread at a time.
        queue: the keys.
        number: how many threads there are.
        ready: set when work may begin.
        stuck_after: seconds without a worker's return after which the process should be restarted.
        is_leader: whether this process may work; while it may not, the keys stay in the queue.

    """

    reconciler: Reconciler[K]
    queue: Queue[K]
    number: int
    ready: threading.Event
    is_leader: Callable[[], bool] = lambda: True
    stuck_after: float = 600.0
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _moved_at: float = field(default_factory=time.monotonic)

    def problem(self) -> str:
        """Why the process should be restarted; empty if it is healthy. It does not depend on AWS's latency.

        Each call to AWS has a time-out, so that some worker returns long before ``stuck_after``.
        """
        if any(not thread.is_alive() for thread in self._threads) and not self.stopping.is_set():
            return "a worker has ended"
        still = time.monotonic() - self._moved_at
        return (
            f"no worker has come back for {still:.0f} s" if self._threads and still > self.stuck_after else ""
        )

    @property
    def missing_start_reason(self) -> str:
        """Why the workers have not started yet; empty once they have."""
        return "" if self._threads and self.ready.is_set() else "it is starting"

    def start(self) -> None:
        """Start the threads."""
        for number in range(self.number):
            thread = threading.Thread(target=self._run_worker, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Take no more keys."""
        self.stopping.set()
        self.queue.close()

    def stop(self, grace: float) -> bool:
        """Take no more keys and wait some seconds for running passes; returns whether all have finished."""
        self.close()
        end = time.monotonic() + grace
        for thread in self._threads:
            thread.join(None if grace == math.inf else max(end - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _run_worker(self) -> None:
        while not self.stopping.is_set():
            self._moved_at = time.monotonic()
            if not self.ready.wait(_IDLE):
                continue
            if not self.is_leader():
                self.stopping.wait(_IDLE)
                continue
            self.run_one(_LONGEST_WAIT)

    def run_one(self, timeout: float) -> bool:
        """Reconcile the next key in this thread; returns whether there was one within some seconds."""
        request = self.queue.get(timeout)
        if request is None:
            return False
        if not self.is_leader():  # again, because the process may have been suspended during the wait
            self.queue.add(request.key, request.cause)
            self.queue.done(request.key)
            return False
        key, result = request.key, ReconcileResult(backoff=Backoff())
        try:
            with span(PASS.name, {"sagectl.key": str(key)}):
                result = self.reconciler.reconcile(request)
        except Exception:  # noqa: BLE001 - one key must not stop a worker
            _log.exception("the reconciliation failed", extra={"fields": {"key": str(key)}})
        finally:
            self.queue.done(key)
        if result.backoff is not None:
            self.queue.add_backoff(key, result.backoff)
            return True
        if not result.keep:
            self.queue.reset_backoff(key)
        if result.requeue_after is not None:
            self.queue.add_after(key, result.requeue_after)
        return True
