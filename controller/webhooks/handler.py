"""From the bytes of a webhook request to its result: verified, not seen before, queued."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from controller.runtime.hidden_text import SecretText
from controller.webhooks.authentication import SignatureClaim
from controller.webhooks.delivery import (
    MOST_BODY,
    Delivery,
    EventKind,
    Headers,
    RejectedDelivery,
    WebhookResult,
)
from controller.webhooks.providers import DIALECTS, Provider, WebhookFormat, parsed
from controller.webhooks.receiver import Receiver
from controller.webhooks.trigger_queue import Enqueued, TriggerQueue, requests_of


class SeenDeliveries:
    """Remembers ids for a while, and no more than so many; the oldest make room.

    Args:
        window: seconds for which an id is remembered.
        most: how many are.

    """

    def __init__(self, *, window: float = 3600.0, most: int = 10_000) -> None:
        self._window, self._most = window, most
        self._until: dict[tuple[str, str], float] = {}

    def has(self, receiver: str, name: str, now: float) -> bool:
        """Whether this delivery came before; one without an id never did."""
        return bool(name) and self._until.get((receiver, name), float("-inf")) > now

    def add(self, receiver: str, name: str, now: float) -> None:
        """Remember a delivery that was taken in; one that was refused may come again."""
        if not name:
            return
        while self._until and (len(self._until) >= self._most or next(iter(self._until.values())) <= now):
            del self._until[next(iter(self._until))]  # in the order of their coming, so the oldest is first
        self._until[receiver, name] = now + self._window


_ID = re.compile(r"[\x21-\x7e]{1,128}")


def verify(
    provider: Provider, secrets: tuple[SecretText, ...], headers: Headers, raw_body: bytes, now: float
) -> Delivery | RejectedDelivery:
    """Judge a request: its size, then its proof over the raw bytes, then its text.

    Args:
        provider: who should have sent it, from the configuration.
        secrets: one, or two while one replaces the other; either proves.
        headers: as they came.
        raw_body: as it came.
        now: seconds since 1970, against signed times.

    """
    if len(raw_body) > MOST_BODY:
        return RejectedDelivery(WebhookResult.TOO_LARGE)
    dialect = DIALECTS[provider]
    problem = dialect.proof(SignatureClaim(headers, raw_body, now), secrets)
    if problem:
        return RejectedDelivery(problem)
    event, name = _event(dialect, headers), _id(dialect, headers)
    if event not in (EventKind.PUSH, EventKind.REQUEST):
        return Delivery(event, name)
    document = parsed(raw_body, headers.one("Content-Type") if dialect.form else "")
    if document is None:
        return RejectedDelivery(WebhookResult.MALFORMED)
    refs = dialect.refs(document) if event is EventKind.PUSH else ()
    return Delivery(event, name, refs, dialect.repository(document))


def _event(dialect: WebhookFormat, headers: Headers) -> EventKind:
    message = headers.one(dialect.event)
    if not dialect.event or message in dialect.pushes:
        return EventKind.PUSH
    if message in dialect.requests:
        return EventKind.REQUEST
    return EventKind.PING if message in dialect.pings else EventKind.OTHER


def _id(dialect: WebhookFormat, headers: Headers) -> str:
    """The id is shown in logs, so it is plain and short or none; most providers do not sign it."""
    return next((value for value in map(headers.one, dialect.ids) if _ID.fullmatch(value)), "")


_UNKNOWN_USER = "none"


class WebhookHandler:
    """Judges requests and puts looks into the queue. It never waits, so its answer never does.

    Args:
        receivers: what is configured; no two of one name.
        looks: the queue.
        seen: the deliveries of the last hour.

    Raises:
        ValueError: two receivers have one name.

    """

    def __init__(
        self, receivers: Iterable[Receiver], looks: TriggerQueue, seen: SeenDeliveries | None = None
    ) -> None:
        listed = tuple(receivers)
        self._receivers = {receiver.name: receiver for receiver in listed}
        if len(self._receivers) != len(listed):
            raise ValueError("two receivers have the same name")
        self._looks = looks
        self._seen = seen or SeenDeliveries()
        self._counted: Counter[tuple[str, str]] = Counter()

    def receiver(self, name: str) -> Receiver | None:
        """The receiver of this name."""
        return self._receivers.get(name)

    def take(self, receiver: Receiver, headers: Headers, body: bytes, now: float) -> WebhookResult:
        """Judge a request that was read; if it is a push that somebody follows, a poll is queued."""
        judged = verify(receiver.provider, receiver.secrets, headers, body, now)
        if isinstance(judged, RejectedDelivery):
            return judged.result
        if judged.event not in (EventKind.PUSH, EventKind.REQUEST):
            return WebhookResult.PING if judged.event is EventKind.PING else WebhookResult.OTHER_EVENT
        return self._pushed(receiver, judged, now)

    def _pushed(self, receiver: Receiver, delivery: Delivery, now: float) -> WebhookResult:
        desired = [watch.key for watch in receiver.watches if watch.matches(delivery)]
        if not desired:
            return WebhookResult.OTHER_REF
        if self._seen.has(receiver.name, delivery.id, now):
            return WebhookResult.REPLAYED
        if delivery.event is EventKind.REQUEST:
            desired = [requests_of(key) for key in desired]
        requested = [self._looks.request(key, now, delivery.id) for key in desired]
        if Enqueued.FULL in requested:
            return WebhookResult.BUSY
        self._seen.add(receiver.name, delivery.id, now)
        return WebhookResult.QUEUED

    def count(self, receiver: Receiver | None, result: WebhookResult) -> WebhookResult:
        """Count a request's end, and give it back."""
        self._counted[receiver.provider.value if receiver else _UNKNOWN_USER, result.name.lower()] += 1
        return result

    def counts(self) -> Mapping[tuple[str, str], int]:
        """A copy of ``webhook_requests_total``: counts by provider and result."""
        return dict(self._counted)
