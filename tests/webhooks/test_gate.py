import json
import threading
import time

import pytest

from controller.webhooks.delivery import WebhookResult
from controller.webhooks.handler import SeenDeliveries, WebhookHandler
from controller.webhooks.providers import Provider
from controller.webhooks.receiver import Receiver, Watch
from controller.webhooks.trigger_queue import Enqueued, PollRequest, TriggerQueue
from tests.webhooks.signed import (
    MAIN,
    NOW,
    SECRET,
    Request,
    push_request,
    secret_of,
    secrets_of,
    signed_request,
)

EACH = pytest.mark.parametrize("provider", Provider, ids=lambda p: p.value)


def receiver_of(provider: Provider = Provider.GITHUB, *watches: Watch) -> Receiver:
    return Receiver("fleet", provider, secrets_of(secret_of(provider)), watches or (Watch("fleet", (MAIN,)),))


def send(webhook_handler: WebhookHandler, request: Request, now: float = NOW) -> WebhookResult:
    return webhook_handler.handle(receiver_of(request.provider), request.headers, request.body, now)


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ((), "missing"),
        (("",), "missing"),
        (("  ",), "missing"),
        (("a", ""), "missing"),
        (("a", "b", "c"), "two"),
    ],
)
@EACH
def test_a_receiver_without_a_secret_cannot_be(
    provider: Provider, secrets: tuple[str, ...], message: str
) -> None:
    """Row 18: configuration without a secret is rejected, and one with an empty or a third one."""
    with pytest.raises(ValueError, match=message):
        Receiver("fleet", provider, secrets_of(*secrets), (Watch("fleet"),))


def test_other_nonsense_cannot_be_configured_either() -> None:
    """An invalid path as a name, an incomplete ref, a token that cannot sign, no syncs, a duplicate name."""
    watch = (Watch("fleet"),)
    with pytest.raises(ValueError, match="name"):
        Receiver("../x", Provider.GITHUB, secrets_of(SECRET), watch)
    with pytest.raises(ValueError, match="refs/heads/main"):
        Watch("fleet", ("main",))
    with pytest.raises(ValueError, match="key"):
        Watch("")
    for weak in (SECRET, "whsec_QUJD", "whsec_!"):
        with pytest.raises(ValueError, match="whsec_") as error:
            Receiver("fleet", Provider.GITLAB_SIGNED, secrets_of(weak), watch)
        assert weak not in str(error.value)
    with pytest.raises(ValueError, match="no sync is triggered"):
        Receiver("fleet", Provider.GITHUB, secrets_of(SECRET), ())
    with pytest.raises(ValueError, match="same name"):
        WebhookHandler((receiver_of(), receiver_of()), TriggerQueue())


def test_a_receiver_shows_no_secret() -> None:
    """The representation of a receiver has no secret."""
    assert SECRET not in repr(receiver_of())
    assert "(sensitive)" in repr(receiver_of())


@EACH
def test_a_push_becomes_a_look(provider: Provider) -> None:
    """A push to a ref that is followed is queued, with the delivery's id and nothing else of it."""
    looks = TriggerQueue()
    assert send(WebhookHandler((), looks), push_request(provider)) is WebhookResult.QUEUED
    (request,) = looks.pop_due(NOW)
    assert (request.key, request.since, request.merged) == ("fleet", NOW, 1)
    assert request.cause == "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@EACH
def test_a_push_to_another_ref_is_ignored(provider: Provider) -> None:
    """Row 21: a push to another branch, and to a tag with the branch's name, causes no poll."""
    looks = TriggerQueue()
    webhook_handler = WebhookHandler((), looks)
    for ref in ("refs/heads/other", "refs/tags/main", "refs/heads/main2"):
        assert send(webhook_handler, push_request(provider, ref)) is WebhookResult.OTHER_REF
    assert looks.depth() == 0


def test_patterns_and_repositories_choose_who_looks() -> None:
    """One hook of an organisation wakes those that follow the repository and the ref, in any case of its name."""
    watches = (
        Watch("tags", ("refs/tags/v*",), "ML/Fleet"),
        Watch("main", (MAIN,), "ml/fleet"),
        Watch("other", (MAIN,), "ml/other"),
        Watch("all"),
    )
    of = receiver_of(Provider.GITHUB, *watches)
    for ref, keys in ((MAIN, ["main", "all"]), ("refs/tags/v1.2.0", ["tags", "all"])):
        looks, request = TriggerQueue(), push_request(Provider.GITHUB, ref)
        assert (
            WebhookHandler((), looks).handle(of, request.headers, request.body, NOW) is WebhookResult.QUEUED
        )
        assert [request.key for request in looks.pop_due(NOW)] == keys


def test_a_push_that_names_no_ref_is_looked_at() -> None:
    """An event without a ref polls all syncs."""
    looks = TriggerQueue()
    assert send(WebhookHandler((), looks), signed_request(Provider.GENERIC, b"{}")) is WebhookResult.QUEUED
    assert looks.depth() == 1


@EACH
def test_a_delivery_that_comes_again_is_not_news(provider: Provider) -> None:
    """Row 20: the same delivery within the hour is answered 202 and not queued; a new one, or a later one, is."""
    looks = TriggerQueue()
    webhook_handler = WebhookHandler((), looks)
    assert send(webhook_handler, push_request(provider)) is WebhookResult.QUEUED
    assert send(webhook_handler, push_request(provider), NOW + 200) is WebhookResult.REPLAYED
    assert looks.pop_due(NOW)[0].merged == 1
    assert send(webhook_handler, push_request(provider, name="another")) is WebhookResult.QUEUED
    late = NOW + 3601
    assert send(webhook_handler, push_request(provider, at=late), late) is WebhookResult.QUEUED


def test_what_is_remembered_is_bounded() -> None:
    """The oldest deliveries are replaced by new ones; one that was refused because of the limit may come again."""
    seen = SeenDeliveries(most=3)
    for name in "abcd":
        seen.add("fleet", name, NOW)
    assert [seen.has("fleet", name, NOW) for name in "abcd"] == [False, True, True, True]
    assert not seen.has("other", "d", NOW)
    looks = TriggerQueue(most=1)
    looks.request("somebody", NOW)
    webhook_handler = WebhookHandler((), looks)
    assert send(webhook_handler, push_request(Provider.GITHUB)) is WebhookResult.BUSY
    looks.pop_due(NOW)
    assert send(webhook_handler, push_request(Provider.GITHUB)) is WebhookResult.QUEUED


def test_ten_thousand_hooks_are_two_looks() -> None:
    """Row 22: 10,000 valid webhooks in 10 s for one repository cause at most two polls, the last after the last one."""
    looks = TriggerQueue(gap=10)
    taken: list[PollRequest] = []
    webhook_handler = WebhookHandler((), looks)
    for number in range(10_000):
        now = NOW + number / 1000
        assert (
            send(webhook_handler, push_request(Provider.GITHUB, name=str(number)), now)
            is WebhookResult.QUEUED
        )
        taken += looks.pop_due(now)
    assert len(taken) == 1
    assert looks.next_due(NOW + 9.999) == pytest.approx(0.001, abs=1e-6)
    (last,) = looks.pop_due(NOW + 10)
    assert last.merged == 9_999
    assert looks.next_due(NOW + 10) is None


def test_a_wish_during_a_look_is_another_look() -> None:
    """Row 24: a request during a poll causes one more poll."""
    looks = TriggerQueue(gap=0)
    looks.request("fleet", NOW)
    looks.pop_due(NOW)
    assert looks.request("fleet", NOW) is Enqueued.NEW
    assert [request.key for request in looks.pop_due(NOW)] == ["fleet"]


def test_the_queue_is_bounded_and_joins_beyond_its_bound() -> None:
    """Row 22: no more keys wait than allowed; one that waits already joins even then."""
    looks = TriggerQueue(most=2)
    assert [looks.request(key, NOW) for key in "abca"] == [
        Enqueued.NEW,
        Enqueued.NEW,
        Enqueued.FULL,
        Enqueued.JOINED,
    ]
    assert looks.depth() == 2
    assert looks.oldest_age(NOW + 5) == 5


def test_waiting_ends_with_a_wish() -> None:
    """Who waits for something to be due is woken by it, and by its time running out."""
    looks = TriggerQueue()
    threading.Timer(0.05, looks.request, ("fleet", NOW)).start()
    begun = time.monotonic()
    looks.wait(20, NOW)
    assert looks.pop_due(NOW)
    looks.wait(0.05, NOW)
    assert time.monotonic() - begun < 10


def test_seven_hundred_watches_are_queued_at_once() -> None:
    """G4: one push that 700 syncs follow is queued for all of them well within a second."""
    looks = TriggerQueue()
    of = receiver_of(Provider.GITHUB, *(Watch(f"sync-{number}", (MAIN,)) for number in range(700)))
    request = push_request(Provider.GITHUB)
    begun = time.monotonic()
    assert WebhookHandler((), looks).handle(of, request.headers, request.body, NOW) is WebhookResult.QUEUED
    assert looks.depth() == 700
    assert time.monotonic() - begun < 1


def test_requests_are_counted_by_provider_and_result() -> None:
    """Row 63: the counter is a plain value, and its labels don't grow with what is sent."""
    webhook_handler = WebhookHandler((receiver_of(),), TriggerQueue())
    webhook_handler.count(receiver_of(), WebhookResult.QUEUED)
    webhook_handler.count(receiver_of(), WebhookResult.QUEUED)
    webhook_handler.count(None, WebhookResult.UNKNOWN)
    assert dict(webhook_handler.counts()) == {("github", "queued"): 2, ("none", "unknown"): 1}
    assert json.dumps([*webhook_handler.counts()])
