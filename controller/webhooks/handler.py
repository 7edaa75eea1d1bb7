"""What happens to a request, from its bytes to its result: the one page of this room."""

from collections import Counter
from collections.abc import Iterable, Mapping

from controller.webhooks.delivery import Delivery, Event, Headers, Refusal, Result
from controller.webhooks.receiver import Receiver
from controller.webhooks.seen_deliveries import Seen
from controller.webhooks.trigger_queue import Enqueued, Looks, requests_of
from controller.webhooks.verify import verify

_NOBODY = "none"


class Gate:
    """Judges requests and puts looks into the queue. It never waits, so its answer never does.

    Args:
        receivers: what is configured; no two of one name.
        looks: the queue.
        seen: the deliveries of the last hour.

    Raises:
        ValueError: two receivers have one name.

    """

    def __init__(self, receivers: Iterable[Receiver], looks: Looks, seen: Seen | None = None) -> None:
        listed = tuple(receivers)
        self._receivers = {receiver.name: receiver for receiver in listed}
        if len(self._receivers) != len(listed):
            raise ValueError("two receivers have the same name")
        self._looks = looks
        self._seen = seen or Seen()
        self._counted: Counter[tuple[str, str]] = Counter()

    def receiver(self, name: str) -> Receiver | None:
        """The receiver of this name."""
        return self._receivers.get(name)

    def take(self, receiver: Receiver, headers: Headers, body: bytes, now: float) -> Result:
        """Judge a request that was read; if it is a push that somebody follows, a poll is queued."""
        judged = verify(receiver.provider, receiver.secrets, headers, body, now)
        if isinstance(judged, Refusal):
            return judged.result
        if judged.event not in (Event.PUSH, Event.REQUEST):
            return Result.PING if judged.event is Event.PING else Result.OTHER_EVENT
        return self._pushed(receiver, judged, now)

    def _pushed(self, receiver: Receiver, delivery: Delivery, now: float) -> Result:
        wanted = [watch.key for watch in receiver.watches if watch.wants(delivery)]
        if not wanted:
            return Result.OTHER_REF
        if self._seen.has(receiver.name, delivery.id, now):
            return Result.REPLAYED
        if delivery.event is Event.REQUEST:
            wanted = [requests_of(key) for key in wanted]
        requested = [self._looks.ask(key, now, delivery.id) for key in wanted]
        if Enqueued.FULL in requested:
            return Result.BUSY
        self._seen.add(receiver.name, delivery.id, now)
        return Result.QUEUED

    def count(self, receiver: Receiver | None, result: Result) -> Result:
        """Count a request's end, and give it back."""
        self._counted[receiver.provider.value if receiver else _NOBODY, result.name.lower()] += 1
        return result

    def counts(self) -> Mapping[tuple[str, str], int]:
        """``webhook_requests_total`` by provider and result, as it stands: plain values, a copy."""
        return dict(self._counted)
