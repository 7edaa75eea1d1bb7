import asyncio
import contextlib
import logging
import select
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from controller.webhooks.delivery import MOST_BODY, WebhookResult
from controller.webhooks.handler import WebhookHandler
from controller.webhooks.providers import Provider
from controller.webhooks.server import ConnectionLimits, WebhookServer
from controller.webhooks.trigger_queue import TriggerQueue
from tests.webhooks.signed import PROOF, SECRET, Request, push_request, secret_of, signed_request
from tests.webhooks.wire import (
    HookReceiver,
    holds_soon,
    hung_up,
    read_all,
    read_answer,
    receiver_of,
    request_head,
    send_slowly,
    serve_receiver,
)

EACH = pytest.mark.parametrize("provider", Provider, ids=lambda p: p.value)


@pytest.fixture(scope="module")
def shared_receiver() -> Iterator[HookReceiver]:
    with serve_receiver() as receiver:
        yield receiver


@EACH
def test_a_push_is_answered_and_queued(shared_receiver: HookReceiver, provider: Provider) -> None:
    """Over HTTP, a push of every provider is accepted, and what is answered holds nothing of what was sent."""
    status, text = shared_receiver.posted(push_request(provider))
    assert (status, text) == (202, "queued\n")
    assert shared_receiver.looks.pop_due(time.monotonic() + 1e9 * (1 + list(Provider).index(provider)))


@EACH
def test_who_is_not_believed_is_told_so_and_no_more(
    shared_receiver: HookReceiver, provider: Provider
) -> None:
    """Row 17: a request without a valid proof is answered with 401, without a secret or a signature."""
    status, text = shared_receiver.posted(push_request(provider).having(PROOF[provider], "sha256=00"))
    assert (status, text) == (401, "not authenticated\n")
    doubled = push_request(provider)
    twice = Request(
        provider, (*doubled.pairs, (PROOF[provider], dict(doubled.pairs)[PROOF[provider]])), doubled.body
    )
    assert shared_receiver.posted(twice)[0] == 401


def test_other_events_and_addresses(shared_receiver: HookReceiver) -> None:
    """Row 21: ping 200, unknown event 202, another ref 202; an unknown address and another method 404."""
    assert shared_receiver.posted(signed_request(Provider.GITHUB, b"{}", event="ping")) == (200, "ping\n")
    assert shared_receiver.posted(signed_request(Provider.GITHUB, b"{}", event="star"))[0] == 202
    assert shared_receiver.posted(push_request(Provider.GITHUB, "refs/heads/x"))[0] == 202
    assert shared_receiver.posted(push_request(Provider.GITHUB), "/hooks/nobody")[0] == 404
    assert shared_receiver.posted(push_request(Provider.GITHUB), "/")[0] == 404
    with shared_receiver.connected() as wire:
        wire.sendall(b"GET /hooks/github HTTP/1.1\r\nHost: here\r\n\r\n")
        assert read_answer(wire)[0] == 404


def test_a_body_that_says_it_is_too_large_is_not_read(shared_receiver: HookReceiver) -> None:
    """Row 19: 3 MiB + 1 byte is refused with 413 from its header alone; not a byte of the body was sent."""
    with shared_receiver.connected() as wire:
        wire.sendall(request_head(push_request(Provider.GITHUB), "", ("Content-Length", str(MOST_BODY + 1))))
        assert wire.recv(100).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("size", [MOST_BODY, MOST_BODY + 1])
def test_a_body_that_turns_out_too_large_is_cut(shared_receiver: HookReceiver, size: int) -> None:
    """Row 19: without a length, 3 MiB are read and judged, and one byte more is 413."""
    good = signed_request(Provider.GENERIC, b'{"a": "' + b"x" * (MOST_BODY - 9) + b'"}', name=str(size))
    body = good.body + b" " * (size - MOST_BODY)
    with shared_receiver.connected() as wire:
        chunk = f"{size:x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        wire.sendall(request_head(good, "", ("Transfer-Encoding", "chunked")) + chunk)
        assert read_answer(wire)[0] == (202 if size == MOST_BODY else 413)


def test_twenty_five_megabytes_are_refused_at_once(shared_receiver: HookReceiver) -> None:
    """G8: the largest hook of GitHub is refused within a second, whatever it holds."""
    begun = time.monotonic()
    with shared_receiver.connected() as wire:
        wire.sendall(
            request_head(push_request(Provider.GITHUB), "", ("Content-Length", str(25 * 1024 * 1024)))
        )
        assert wire.recv(12) == b"HTTP/1.1 413"
    assert time.monotonic() - begun < 1


def test_an_encoded_body_is_refused(shared_receiver: HookReceiver) -> None:
    """A compressed body could be a bomb: it is refused unread."""
    assert shared_receiver.posted(push_request(Provider.GITHUB).having("Content-Encoding", "gzip"))[0] == 415


def test_a_sender_that_asks_first_is_answered_first(shared_receiver: HookReceiver) -> None:
    """``Expect: 100-continue`` gets its go-ahead, or at once the refusal of a body that is too large."""
    request = push_request(Provider.GENERIC, name="asked")
    with shared_receiver.connected() as wire:
        length = ("Content-Length", str(len(request.body)))
        wire.sendall(request_head(request, "", length, ("Expect", "100-continue")))
        assert wire.recv(100).startswith(b"HTTP/1.1 100")
        wire.sendall(request.body)
        assert read_answer(wire)[0] == 202
    with shared_receiver.connected() as wire:
        wire.sendall(request_head(request, "", ("Content-Length", "99999999"), ("Expect", "100-continue")))
        assert read_answer(wire)[0] == 413


def test_headers_that_never_end_are_hung_up_on() -> None:
    """Row 19: slow-loris senders, dripping or silent, are cut at the header time-out, and others are served."""
    with serve_receiver(ConnectionLimits(header=0.4)) as receiver:
        silent, dripping = receiver.connected(), receiver.connected()
        begun = time.monotonic()
        with silent, dripping:
            dripping.sendall(b"POST /hooks/github HTTP/1.1\r\n")
            with pytest.raises(OSError, match=r"reset|[Bb]roken pipe"):
                send_slowly(dripping)
            assert receiver.posted(push_request(Provider.GITHUB))[0] == 202
            assert hung_up(silent)
        assert time.monotonic() - begun < 3
        assert receiver.webhook_handler.counts()["none", "timed_out"] == 2


def test_the_default_header_time_out_is_ten_seconds() -> None:
    """Row 19: by default, headers have ten seconds and a body thirty."""
    assert (ConnectionLimits().header, ConnectionLimits().read) == (10, 30)


def test_a_body_that_never_ends_is_answered() -> None:
    """A sender that stops in its body gets 408 at the read timeout."""
    with serve_receiver(ConnectionLimits(read=0.3, linger=0.1)) as receiver, receiver.connected() as wire:
        wire.sendall(request_head(push_request(Provider.GITHUB), "", ("Content-Length", "1000")) + b"{")
        assert read_answer(wire)[0] == 408


def test_bodies_together_are_bounded() -> None:
    """The memory of unfinished bodies is limited: one that exceeds it gets 503, and later ones are accepted."""
    with serve_receiver(ConnectionLimits(bodies=100_000, linger=0.1)) as receiver:
        big = request_head(push_request(Provider.GITHUB), "", ("Content-Length", "90000")) + b"x" * 80_000
        with receiver.connected() as first, receiver.connected() as second:
            first.sendall(big)
            second.sendall(big)
            answered, _, _ = select.select([first, second], [], [], 10)
            assert read_answer(answered[0])[0] == 503
        assert holds_soon(lambda: receiver.posted(push_request(Provider.GITHUB))[0] == 202)


def test_connections_are_bounded() -> None:
    """One connection more than allowed is hung up on, and when one ends there is room again."""
    with serve_receiver(ConnectionLimits(connections=3)) as receiver:
        held = [receiver.connected() for _ in range(3)]
        with receiver.connected() as fourth:
            assert hung_up(fourth)
        for wire in held:
            wire.close()
        assert holds_soon(lambda: receiver.posted(push_request(Provider.GITHUB))[0] == 202)


def test_broken_http_is_no_end() -> None:
    """Nonsense, headers without end and ends in the middle are refused; the next request is served."""
    nonsense = [
        b"\x00\xff\r\n\r\n",
        b"POST / HTTP/9\r\n\r\n",
        b"POST /hooks/github HTTP/1.1\r\nA: " + b"b" * 9000,
    ]
    nonsense.append(b"POST /hooks/github HTTP/1.1\r\n" + b"A: b\r\n" * 1000 + b"\r\n")
    with serve_receiver() as receiver:
        for each in nonsense:
            with receiver.connected() as wire:
                wire.sendall(each)
                assert read_answer(wire)[0] in (400, 404, 431)
        with receiver.connected() as wire:
            wire.sendall(request_head(push_request(Provider.GITHUB), "", ("Content-Length", "50")) + b"{")
        assert receiver.posted(push_request(Provider.GITHUB))[0] == 202


def test_a_full_queue_is_told_at_once() -> None:
    """Row 22: with a full queue the response is 503 with Retry-After, within a second."""
    looks = TriggerQueue(most=1)
    looks.request("somebody", 0)
    with serve_receiver(looks=looks) as receiver, receiver.connected() as wire:
        begun = time.monotonic()
        request = push_request(Provider.GITHUB)
        wire.sendall(request_head(request, "", ("Content-Length", str(len(request.body)))) + request.body)
        data = read_all(wire)
        assert time.monotonic() - begun < 1
        assert data.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 30" in data


def test_answers_come_fast_whoever_takes_the_looks() -> None:
    """G4: with a queue that is not read, 400 webhooks at 200 a second are answered, the slowest within a second."""
    with serve_receiver() as receiver:

        def timed(number: int) -> float:
            time.sleep(max(0.0, begun + number / 200 - time.monotonic()))
            start = time.monotonic()
            assert receiver.posted(push_request(Provider.GITHUB, name=str(number)))[0] == 202
            return time.monotonic() - start

        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            took = sorted(pool.map(timed, range(400)))
        print(f"p50 {statistics.median(took) * 1e3:.1f} ms, p99 {took[395] * 1e3:.1f} ms")
        assert took[-1] < 1
        assert receiver.looks.depth() == 1


@EACH
def test_no_secret_is_written_anywhere(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    """Row 34: neither log nor answer holds the secret or a signature, however a request breaks."""
    caplog.set_level(logging.DEBUG)
    request = push_request(provider)
    proof = dict(request.pairs)[PROOF[provider]]
    with serve_receiver() as receiver:
        lines = [receiver.posted(request), receiver.posted(request.having(PROOF[provider], proof + "x"))]
        for odd in (f"{proof}\x00", proof * 100):  # the library's complaint about a header repeats it
            with receiver.connected() as wire:
                wire.sendall(request_head(request.having(PROOF[provider], odd), "", ("Content-Length", "0")))
                lines.append(read_answer(wire))
        counted = repr(receiver.webhook_handler.counts())
    written = caplog.text + repr(lines) + counted + repr([vars(record) for record in caplog.records])
    assert "hook" in caplog.text
    for secret in (secret_of(provider), SECRET, proof):
        assert secret not in written


def test_an_error_of_ours_is_answered_and_shows_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever breaks in judging, the sender gets 500, the log the kind of error, and the next one is served."""
    with serve_receiver() as receiver:
        judge = receiver.webhook_handler.handle
        receiver.webhook_handler.handle = lambda *_: 1 / 0  # type: ignore[assignment,method-assign]
        assert receiver.posted(push_request(Provider.GITHUB)) == (500, f"{WebhookResult.BROKEN.value}\n")
        receiver.webhook_handler.handle = judge  # type: ignore[method-assign]
        assert receiver.posted(push_request(Provider.GITHUB))[0] == 202
    assert "ZeroDivisionError" in caplog.text
    assert "Traceback" not in caplog.text


def test_closing_ends_its_own_work_only() -> None:
    """In a loop with other tasks, closing disconnects an active sender and lets the other tasks continue."""

    async def shared() -> bytes:
        other = asyncio.create_task(asyncio.sleep(0.3, b"done"))
        site = WebhookServer(
            WebhookHandler([receiver_of(Provider.GITHUB)], TriggerQueue()), ConnectionLimits(), time.time
        )
        port = await site.listen("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request_head(push_request(Provider.GITHUB), "", ("Content-Length", "100")) + b"{")
        await asyncio.sleep(0.1)
        await site.close()
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()
        with pytest.raises(OSError, match="Connect"):
            await asyncio.open_connection("127.0.0.1", port)
        return await other

    assert asyncio.run(shared()) == b"done"
