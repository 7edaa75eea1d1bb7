"""Threads that passes of several flows share."""

import threading

from controller.gitops.loop import Threads

PATIENCE = 10.0


def test_a_flow_whose_passes_last_leaves_threads_to_others() -> None:
    """Of four passes that do not end two are begun; another flow's pass runs at once, and all run in the end."""
    threads, let, begun, done = (
        Threads(3, 2),
        threading.Event(),
        threading.Semaphore(0),
        threading.Semaphore(0),
    )

    def lasting() -> None:
        begun.release()
        let.wait(PATIENCE)
        done.release()

    other = threading.Event()
    slow, quick = threads.of("a"), threads.of("b")
    for _ in range(4):
        slow(lasting)
    quick(other.set)
    assert other.wait(PATIENCE)
    assert begun.acquire(timeout=PATIENCE)
    assert begun.acquire(timeout=PATIENCE)
    assert not begun.acquire(timeout=0.1)
    let.set()
    assert all(done.acquire(timeout=PATIENCE) for _ in range(4))
    threads.close()


def test_a_pass_that_breaks_gives_its_thread_back() -> None:
    """What a pass raises stops neither the next one of its flow nor the end."""
    threads, after = Threads(1, 1), threading.Event()

    def breaks() -> None:
        raise RuntimeError

    threads.of("a")(breaks)
    threads.of("a")(after.set)
    assert after.wait(PATIENCE)
    threads.close()
