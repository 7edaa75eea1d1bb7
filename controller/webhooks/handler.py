"""Handling of a webhook request: authentication, replay check, and queueing of a poll."""

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
from controller.webhooks.providers import DIALECTS, Provider, WebhookFormat, parse_event
from controller.webhooks.receiver import Receiver
from controller.webhooks.trigger_queue import Enqueued, TriggerQueue, requests_of


class SeenDeliveries:
    """Remembers ids for some time, up to a maximum; then the oldest are dropped.

    Args:
        window: seconds for which an id is remembered.
        most: the maximum number of ids.

    """

    def __init__(self, *, window: float = 3600.0, most: int = 10_000) -> None:
        self._window, self._most = window, most
        self._until: dict[tuple[str, str], float] = {}

    def has(self, receiver: str, name: str, now: float) -> bool:
        """Whether this delivery was seen before; False without an id."""
        return bool(name) and self._until.get((receiver, name), float("-inf")) > now

    def add(self, receiver: str, name: str, now: float) -> None:
        """Remember an accepted delivery; a refused one may be sent again."""
        if not name:
            return
        while self._until and (len(self._until) >= self._most or next(iter(self._until.values())) <= now):
            del self._until[next(iter(self._until))]  # in the order of arrival, so the oldest is first
        self._until[receiver, name] = now + self._window


_ID = re.compile(r"[\x21-\x7e]{1,128}")


def verify(
    provider: Provider, secrets: tuple[SecretText, ...], headers: Headers, raw_body: bytes, now: float
) -> Delivery | RejectedDelivery:
    """Check a request: its size, then its signature over the raw bytes, then its contents.

    Args:
        provider: the expected sender, from the configuration.
        secrets: one, or two during a rotation; either is valid.
        headers: the headers.
        raw_body: the body as received.
        now: seconds since 1970, to check signed times.

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
    document = parse_event(raw_body, headers.single("Content-Type") if dialect.form else "")
    if document is None:
        return RejectedDelivery(WebhookResult.MALFORMED)
    refs = dialect.refs(document) if event is EventKind.PUSH else ()
    return Delivery(event, name, refs, dialect.repository(document))


def _event(dialect: WebhookFormat, headers: Headers) -> EventKind:
    message = headers.single(dialect.event)
    if not dialect.event or message in dialect.pushes:
        return EventKind.PUSH
    if message in dialect.requests:
        return EventKind.REQUEST
    return EventKind.PING if message in dialect.pings else EventKind.OTHER


def _id(dialect: WebhookFormat, headers: Headers) -> str:
    """The id if it is plain and short, because it is logged; most providers do not sign it."""
    return next((value for value in map(headers.single, dialect.ids) if _ID.fullmatch(value)), "")


_UNKNOWN_USER = "none"


class WebhookHandler:
    """Checks requests and queues polls. It never blocks.

    Args:
        receivers: the configured receivers, with unique names.
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

    def handle(self, receiver: Receiver, headers: Headers, body: bytes, now: float) -> WebhookResult:
        """Handle a request; for a push to a followed ref, a poll is queued."""
        judged = verify(receiver.provider, receiver.secrets, headers, body, now)
        if isinstance(judged, RejectedDelivery):
            return judged.result
        if judged.event not in (EventKind.PUSH, EventKind.REQUEST):
            return WebhookResult.PING if judged.event is EventKind.PING else WebhookResult.OTHER_EVENT
        return self._queue_poll(receiver, judged, now)

    def _queue_poll(self, receiver: Receiver, delivery: Delivery, now: float) -> WebhookResult:
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
        """Count the result of a request, and return it."""
        self._counted[receiver.provider.value if receiver else _UNKNOWN_USER, result.name.lower()] += 1
        return result

    def counts(self) -> Mapping[tuple[str, str], int]:
        """The counts by provider and result, for the metric of webhook requests."""
        return dict(self._counted)
