import threading
from functools import partial

import pytest

from controller.notify.delivery import DONE, DeliveryOutcome, DeliveryResult, Outbox, pause

LATER = DeliveryResult(DeliveryOutcome.LATER, "503")


def test_sent_and_lost_items_are_removed() -> None:
    """Each is tried once when it is due; done, unchanged and lost end it."""
    outbox = Outbox()
    for outcome in (DeliveryOutcome.DONE, DeliveryOutcome.UNCHANGED, DeliveryOutcome.FAILED):
        outbox.put(outcome.name, partial(DeliveryResult, outcome), 0)
    assert [result.outcome for result in outbox.run(0).values()] == [
        DeliveryOutcome.DONE,
        DeliveryOutcome.UNCHANGED,
        DeliveryOutcome.FAILED,
    ]
    assert outbox.run(1) == {}


def test_transient_errors_are_retried_with_growing_delays() -> None:
    """The delays double up to five minutes, and after nine attempts it is abandoned with a report."""
    outbox = Outbox(chance=lambda: 1.0)
    outbox.put("status", lambda: LATER, 0)
    tried = {now: result for now in range(1000) for result in outbox.run(now).values()}
    assert list(tried) == [0, 1, 3, 7, 15, 31, 63, 127, 255]
    assert tried[255] == DeliveryResult(DeliveryOutcome.FAILED, "given up after 9 attempts: 503")


def test_retry_after_is_respected() -> None:
    """``Retry-After`` is respected, up to an hour, also by a later item with the same key."""
    outbox = Outbox(chance=lambda: 0.5)
    outbox.put("status", lambda: DeliveryResult(DeliveryOutcome.LATER, "429", 60), 100)
    outbox.run(100)
    outbox.put("status", lambda: DONE, 120)
    assert outbox.run(160) == {}
    assert outbox.run(161) == {"status": DONE}
    assert pause(1, DeliveryResult(DeliveryOutcome.LATER, "", 9e9), lambda: 0.0) == 3600
    assert pause(99, LATER, lambda: 1.0) == 300


def test_the_newest_item_is_sent() -> None:
    """A new item replaces the waiting one with its key: success isn't followed by an old pending."""
    outbox = Outbox()
    for word in ("pending", "success"):
        outbox.put("status", partial(DeliveryResult, DeliveryOutcome.DONE, word), 0)
    assert [result.detail for result in outbox.run(0).values()] == ["success"]


@pytest.mark.parametrize("first", [DONE, LATER])
def test_an_item_put_during_a_slow_attempt_is_not_lost(first: DeliveryResult) -> None:
    """``put`` doesn't wait for a running attempt, and its item is sent after it."""
    outbox, begun, proceed = Outbox(chance=lambda: 0.0), threading.Event(), threading.Event()

    def slow() -> DeliveryResult:
        begun.set()
        assert proceed.wait(5)
        return first

    outbox.put("status", slow, 0)
    runner = threading.Thread(target=outbox.run, args=(0,))
    runner.start()
    assert begun.wait(5)
    outbox.put("status", lambda: DONE, 0)
    proceed.set()
    runner.join()
    assert outbox.run(1) == {"status": DONE}


def test_what_waits_is_bounded() -> None:
    """At most the allowed number of keys wait; the oldest is dropped."""
    outbox = Outbox(most=2)
    for key in "abc":
        outbox.put(key, lambda: DONE, 0)
    assert list(outbox.run(0)) == ["b", "c"]


def test_an_attempt_that_breaks_ends_neither_the_others_nor_their_thread(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A bug in one delivery is logged without its text, which may contain a token; it is not retried."""
    hidden = "s3cr3t"

    def broken() -> DeliveryResult:
        raise KeyError(hidden)

    outbox = Outbox()
    outbox.put("a", broken, 0.0)
    outbox.put("b", lambda: DONE, 0.0)
    found = outbox.run(1.0)
    assert found["b"] == DONE
    assert (found["a"].outcome, found["a"].detail) == (
        DeliveryOutcome.FAILED,
        "this is a bug in sagectl (KeyError)",
    )
    assert outbox.run(2.0) == {}
    (record,) = caplog.records
    assert "in broken" in record.fields["stacktrace"]  # type: ignore[attr-defined]
    assert hidden not in str(record.__dict__)
