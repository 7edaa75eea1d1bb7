import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from controller.runtime.backoff import Backoff
from controller.runtime.clock import Clock
from controller.runtime.reconciler import ReconcileResult, Workers
from controller.runtime.workqueue import Queue, ReconcileRequest
from tests.operator.clock import StepClock

_BACKOFF, _OTHER = Backoff(1, 60), Backoff(1, 15)
_LONG = 20  # seconds; only a failing test waits as long


@dataclass
class ScriptedReconciler:
    """Passes that a test programs; ``calls`` are the keys, ``passed`` is released once for each pass."""

    act: Callable[[str], ReconcileResult]
    calls: list[str] = field(default_factory=list)
    passed: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def reconcile(self, request: ReconcileRequest[str]) -> ReconcileResult:
        """One pass."""
        self.calls.append(request.key)
        try:
            return self.act(request.key)
        finally:
            self.passed.release()


def _ready() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def _delays(results: list[ReconcileResult]) -> list[float | None]:
    """After how many seconds a key comes again for each of these results, one after the other."""
    clock, left, found = StepClock(), iter(results), list[float | None]()
    queue: Queue[str] = Queue(Clock(clock, chance=lambda: 1.0))
    workers = Workers(ScriptedReconciler(lambda _: next(left)), queue, 1, _ready())
    for _ in results:
        queue.add("key")
        assert workers.run_one(0)
        before = clock.at
        while (again := queue.get(0)) is None and clock.at < before + 1000:
            clock.at += 1
        found.append(clock.at - before if again else None)
        if again:
            queue.done(again.key)
    return found


def test_retries_in_a_row_come_later_and_later() -> None:
    """The delay doubles with each failure and starts again after a success."""
    failed = ReconcileResult(backoff=_BACKOFF)
    assert _delays([failed] * 8) == [1, 2, 4, 8, 16, 32, 60, 60]
    assert _delays([failed, failed, ReconcileResult(), failed]) == [1, 2, None, 1]


def test_a_given_delay_is_kept() -> None:
    """``requeue_after`` is the delay; with ``keep`` the retries before count on, else they do not."""
    failed, keeps, plain = (
        ReconcileResult(backoff=_BACKOFF),
        ReconcileResult(7, keep=True),
        ReconcileResult(7),
    )
    assert _delays([failed, failed, keeps, failed]) == [1, 2, 7, 4]
    assert _delays([failed, failed, plain, failed]) == [1, 2, 7, 1]


def test_another_backoff_begins_anew() -> None:
    """Progress after failures is polled soon, and a failure after long progress is retried soon."""
    failed, progress = ReconcileResult(backoff=_BACKOFF), ReconcileResult(backoff=_OTHER)
    assert _delays([failed, failed, failed, progress, progress, failed]) == [1, 2, 4, 1, 2, 1]


def test_a_key_that_is_forgotten_has_no_history() -> None:
    """A new object of an old name does not wait for the failures of the one before."""
    clock = StepClock()
    queue: Queue[str] = Queue(Clock(clock, chance=lambda: 1.0))
    for _ in range(5):
        queue.add_backoff("key", _BACKOFF)
    queue.forget("key")
    queue.add_backoff("key", _BACKOFF)
    clock.at += 1
    assert queue.get(0)


def test_an_exception_costs_its_own_key_one_pass() -> None:
    """The worker continues with other keys, and the key is retried with backoff."""

    def act(key: str) -> ReconcileResult:
        if key == "bad":
            raise ValueError(key)
        return ReconcileResult()

    queue: Queue[str] = Queue(Clock(chance=lambda: 1.0))
    reconciling = ScriptedReconciler(act)
    workers = Workers(reconciling, queue, 1, _ready())
    for key in ("bad", "good"):
        queue.add(key)
    workers.start()
    for _ in range(3):
        assert reconciling.passed.acquire(timeout=_LONG)
    assert workers.problem() == ""
    assert workers.stop(_LONG)
    assert reconciling.calls == ["bad", "good", "bad"]


def test_a_throttled_key_holds_no_worker() -> None:
    """Of a single worker another key has its pass while the first waits for ``requeue_after``."""
    queue: Queue[str] = Queue()
    reconciling = ScriptedReconciler(
        lambda key: ReconcileResult(3600) if key == "throttled" else ReconcileResult()
    )
    workers = Workers(reconciling, queue, 1, _ready())
    for key in ("throttled", "free"):
        queue.add(key)
    workers.start()
    for _ in range(2):
        assert reconciling.passed.acquire(timeout=_LONG)
    assert workers.stop(_LONG)
    assert reconciling.calls == ["throttled", "free"]


def test_a_slow_flow_leaves_workers_to_others() -> None:
    """A hundred passes of one flow that all hang keep no pass of another flow waiting."""
    queue: Queue[str] = Queue(flow=lambda key: key[0], share=2)
    release, done = threading.Event(), threading.Event()

    def act(key: str) -> ReconcileResult:
        if key[0] == "b":
            done.set()
        else:
            release.wait(_LONG)
        return ReconcileResult()

    workers = Workers(ScriptedReconciler(act), queue, 3, _ready())
    for number in range(100):
        queue.add(f"a{number}")
    queue.add("b0")
    workers.start()
    try:
        assert done.wait(_LONG / 2)
    finally:
        workers.close()
        release.set()
    assert workers.stop(_LONG)


def test_who_does_not_lead_takes_nothing() -> None:
    """The keys stay in the queue until this process leads."""
    looked, leading = threading.Semaphore(0), threading.Event()

    def is_leader() -> bool:
        looked.release()
        return leading.is_set()

    queue: Queue[str] = Queue()
    queue.add("key")
    reconciling = ScriptedReconciler(lambda _: ReconcileResult())
    workers = Workers(reconciling, queue, 1, _ready(), is_leader)
    workers.start()
    assert looked.acquire(timeout=_LONG)
    assert looked.acquire(timeout=_LONG)
    assert reconciling.calls == []
    leading.set()
    assert reconciling.passed.acquire(timeout=_LONG)
    assert workers.stop(_LONG)


def test_who_leads_no_more_gives_back_what_it_waited_for() -> None:
    """Leadership that ends while a worker waits for a key, as of a frozen process: no pass, and the key stays."""
    queue: Queue[str] = Queue()
    reconciling, answers = ScriptedReconciler(lambda _: ReconcileResult()), iter([False, True])
    workers = Workers(reconciling, queue, 1, _ready(), lambda: next(answers))
    queue.add("key", "a push")
    assert not workers.run_one(0)
    assert (reconciling.calls, queue.depth()) == ([], 1)
    assert workers.run_one(0)
    assert (reconciling.calls, queue.idle) == (["key"], True)


def test_a_thread_without_a_key_sleeps_until_the_queue_is_closed() -> None:
    """Each thread waits once, for seconds; the end of the queue ends the waits at once."""

    class Counted(Queue[str]):
        """A queue that counts waits."""

        waits: list[float | None]

        def get(self, timeout: float | None = None) -> ReconcileRequest[str] | None:
            self.waits.append(timeout)
            if len(self.waits) == 3:
                all_wait.set()
            return super().get(timeout)

    all_wait = threading.Event()
    queue = Counted(Clock())
    queue.waits = []
    workers = Workers(ScriptedReconciler(lambda _: ReconcileResult()), queue, 3, _ready())
    workers.start()
    assert all_wait.wait(60)
    assert workers.stop(math.inf)
    assert min(each or math.inf for each in queue.waits) >= 5
