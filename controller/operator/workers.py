"""Workers: each takes one key at a time, has its turn, and says when the key is wanted again."""

import logging
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

from controller.core.ref import Ref
from controller.operator.context import OperatorContext, spread
from controller.operator.finalizer import finalize
from controller.operator.kube.api import ApiError
from controller.operator.outcome import Verdict, broken
from controller.operator.reasons import RETRIED, Reason
from controller.operator.resource_reconciler import Ended, converge, publish
from controller.runtime.log import about
from controller.runtime.workqueue import Due, Queue

_log = logging.getLogger("sagectl.reconciler")
_IDLE = 0.5
_STUCK = 600.0  # seconds without a worker's return
_SOON, _SLOWER = 1.0, 1.6  # seconds to the first look at what AWS is at work on, and what each pause grows by


@dataclass
class Workers:
    """N threads on a queue, which begin when ``ready`` is set; ``stop`` lets turns in flight come to their end."""

    context: OperatorContext
    queue: Queue[Ref]
    number: int
    ready: threading.Event
    stopping: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _failed: dict[Ref, int] = field(default_factory=dict)
    _looked: dict[Ref, int] = field(default_factory=dict)
    _moved_at: float = field(default_factory=time.monotonic)

    def trouble(self) -> str:
        """Why the workers should be started anew, in words; how quick AWS is has no part in it.

        Each call to AWS ends after its time-out, so that of all workers one comes back long before this.
        """
        if any(not thread.is_alive() for thread in self._threads) and not self.stopping.is_set():
            return "a worker has ended"
        still = time.monotonic() - self._moved_at
        return f"no worker has come back for {still:.0f} s" if self._threads and still > _STUCK else ""

    def start(self) -> None:
        """Begin to work."""
        for number in range(self.number):
            thread = threading.Thread(target=self._work, name=f"worker-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Begin no more turns."""
        self.stopping.set()
        self.queue.close()

    def stop(self, grace: float) -> bool:
        """Begin no more turns and wait for those that run; gives whether all came to their end."""
        self.close()
        end = time.monotonic() + grace
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self.stopping.is_set():
            self._moved_at = time.monotonic()
            if not self.ready.wait(_IDLE):
                continue
            if not self.context.leads():
                self.stopping.wait(_IDLE)
                continue
            due = self.queue.get(_IDLE)
            if due is not None:
                self._take(due)

    def _take(self, due: Due[Ref]) -> None:
        began, after = time.monotonic(), None
        reconcile_id = due.cause or uuid.uuid4().hex[:12]
        reason: Reason | None = None
        try:
            found = self._reconcile(due.key, reconcile_id)
            reason = found.reason if found else None
            after = self._after(due.key, found) if found else None
        except ApiError as error:
            after = self._moved(due.key, reconcile_id, error)
        except Exception as error:  # noqa: BLE001 - one object must not stop a worker
            self.context.metrics.panicked()
            _log.exception(
                "the reconciliation failed",
                extra={"fields": {"reconcileID": reconcile_id, **about(due.key)}},
            )
            after = self._pause(due.key)
            self._say(due.key, broken(error))
        finally:
            self.queue.done(due.key)
        if after is not None:
            self.queue.add_after(due.key, after)
        took = time.monotonic() - began
        self.context.metrics.reconciled(due.key, reason, took, began - due.since)
        fields = {"reconcileID": reconcile_id, **about(due.key), "reason": reason.value if reason else "Gone"}
        _log.info("reconciled", extra={"fields": {**fields, "seconds": round(took, 3)}})

    def _reconcile(self, ref: Ref, reconcile_id: str) -> Verdict | None:
        subject = self.context.subject(ref)
        if subject is None:
            self._failed.pop(ref, None)
            self._looked.pop(ref, None)
            return None
        memory = self.context.store.wiped(subject.item)
        if memory is not None and self.context.intake.serves(subject.item) and self.context.leads():
            _log.warning("status was emptied", extra={"fields": {"reconcileID": reconcile_id, **about(ref)}})
            subject.restore(memory)
        take = finalize if subject.item.deleting else converge
        end = take(subject, self.context, reconcile_id)
        if end is None:
            return None
        return publish(subject, self.context, end)

    def _say(self, ref: Ref, why: Verdict) -> None:
        """Let an object say that its turn broke, as far as that can be written; its memory stays as it is."""
        try:
            subject = self.context.subject(ref)
            if subject is not None:
                publish(subject, self.context, Ended(why, subject.item.status.get("memory")))
        except Exception:  # noqa: BLE001 - what breaks a turn may break this too; it is in the log
            _log.warning("no status was written", extra={"fields": about(ref)}, exc_info=True)

    def _after(self, ref: Ref, of: Verdict) -> float | None:
        """In how many seconds an object is looked at again, if nothing happens before; None leaves it to the sweep."""
        rules = self.context.rules
        if of.soon or of.pause is not None:
            return of.pause or 0.0
        if of.retry is not None:
            return of.retry * random.uniform(1.0, 1.1)  # noqa: S311 - not a secret
        if of.reason in RETRIED:
            return self._pause(ref)
        self._failed.pop(ref, None)
        if of.reason in (Reason.IN_TRANSITION, Reason.USED):
            return self._poll_delay(ref)
        self._looked.pop(ref, None)
        if of.reason is Reason.READY:
            return None
        return spread(rules.resync, 0.2)

    def _poll_delay(self, ref: Ref) -> float:
        """The pause while status: short at first, for much of it is quick, and then the usual one."""
        times = self._looked.get(ref, 0)
        self._looked[ref] = times + 1
        return spread(min(self.context.rules.poll, _SOON * _SLOWER ** min(times, 20)))

    def _moved(self, ref: Ref, reconcile_id: str, error: ApiError) -> float:
        """The object changed under the turn, which is no trouble, or the API server has one."""
        fields = {"reconcileID": reconcile_id, **about(ref), "error": str(error)}
        self.context.store.doubt(ref)
        if error.moved or error.missing:
            _log.info("moved", extra={"fields": fields})
            return 0.0
        _log.warning("API", extra={"fields": fields})
        return self._pause(ref)

    def _pause(self, ref: Ref) -> float:
        """A pause that grows with every failure in a row."""
        rules = self.context.rules
        times = self._failed.get(ref, 0)
        self._failed[ref] = times + 1
        longest: float = min(rules.first_retry * 2 ** min(times, 30), rules.last_retry)
        return longest * random.uniform(0.5, 1.0)  # noqa: S311 - not a secret
