"""The results of deliveries, and the queue of retries."""

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from controller.runtime.backoff import CHANCE, Backoff, Chance
from controller.runtime.http_client import Response, Unreachable
from controller.runtime.log import frames

_log = logging.getLogger("sagectl.notify")
_LONGEST_WORD = 200
_FORBIDDEN = 403
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class DeliveryOutcome(Enum):
    """The outcome of an attempt."""

    DONE = "delivered"
    UNCHANGED = "already present"
    LATER = "temporarily unavailable; retry"
    FAILED = "refused; a retry would not help"


@dataclass(frozen=True)
class DeliveryResult:
    """The result of an attempt. ``detail`` contains no secret; ``wait`` are the seconds of Retry-After, or 0."""

    outcome: DeliveryOutcome
    detail: str = ""
    wait: float = 0.0


DONE, UNCHANGED = DeliveryResult(DeliveryOutcome.DONE), DeliveryResult(DeliveryOutcome.UNCHANGED)


def result_of_response(
    answer: Response | Unreachable, now: float, hide: Callable[[str], str] = str
) -> DeliveryResult:
    """The result of a response: 2xx is done, a transient error is retried, others fail.

    GitHub's rate limits also return 403, with ``Retry-After`` or no remaining requests.
    """
    if isinstance(answer, Unreachable):
        return DeliveryResult(DeliveryOutcome.LATER, answer.reason)
    if answer.status // 100 == 2:  # noqa: PLR2004 - the family of successes
        return DONE
    limited = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    message = f"HTTP {answer.status}{_response_detail(answer, hide)}"
    if answer.status in _AGAIN or (answer.status == _FORBIDDEN and limited):
        return DeliveryResult(DeliveryOutcome.LATER, message, retry_after(answer, now))
    return DeliveryResult(DeliveryOutcome.FAILED, message)


def retry_after(answer: Response, now: float) -> float:
    """The seconds after which the server allows another request; 0 if unknown."""
    after = answer.headers.get("retry-after", "")
    if after.isascii() and after.isdigit():
        return float(after[:9])
    try:
        date = parsedate_to_datetime(after)
        return max((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now, 0.0)
    except (ValueError, TypeError, OverflowError):
        pass
    reset = answer.headers.get("x-ratelimit-reset") or answer.headers.get("ratelimit-reset") or ""
    return max(float(reset[:12]) - now, 0.0) if reset.isascii() and reset.isdigit() else 0.0


def pause(attempt: int, result: DeliveryResult, chance: Chance = CHANCE) -> float:
    """Seconds before the next attempt: the server's time, else the backoff of all retries.

    The server's time is limited to an hour; jitter spreads the retries of many processes.
    """
    if result.wait:
        return min(result.wait, 3600.0) + chance() * 2
    return Backoff().delay(attempt, chance)


def read(answer: Response) -> Any:
    """The response's JSON; None if it is malformed."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _response_detail(answer: Response, hide: Callable[[str], str]) -> str:
    """The provider's message, sanitized."""
    document = read(answer)
    terms = (
        next((document[key] for key in ("message", "error") if document.get(key)), "")
        if isinstance(document, dict)
        else ""
    )
    terms = terms if isinstance(terms, str) else json.dumps(terms)
    shown = "".join(char for char in hide(terms) if char.isprintable())[:_LONGEST_WORD]
    return f": {shown}" if shown else ""


_MOST_ATTEMPTS = 9  # over two to four minutes
_GIVEN_UP = "given up after {} attempts: {}"

Attempt = Callable[[], DeliveryResult]


@dataclass(frozen=True)
class _Item:
    attempt: Attempt
    due: float
    tried: int = 0


def _make_attempt(attempt: Attempt) -> DeliveryResult:
    """Make one attempt. An exception is a bug, and must not end the thread."""
    try:
        return attempt()
    except Exception as error:  # noqa: BLE001 - see above
        name = type(error).__name__
        _log.error("delivery failed", extra={"fields": {"error": name, "stacktrace": frames(error)}})
        return DeliveryResult(DeliveryOutcome.FAILED, f"this is a bug in sagectl ({name})")


class Outbox:
    """A queue of attempts by key; a newer one replaces an older, and keeps the server's requested time.

    Its owner calls ``run`` in a thread of its own, so that a slow provider delays nothing else; ``put`` may be called
    from any thread.

    Args:
        most: the maximum number of keys; then the oldest is dropped.
        chance: between 0 and 1, for the jitter.

    """

    def __init__(self, *, most: int = 1000, chance: Chance = CHANCE) -> None:
        self._most, self._chance = most, chance
        self._items: dict[str, _Item] = {}
        self._lock = threading.Lock()

    def put(self, key: str, attempt: Attempt, now: float) -> None:
        """Queue an attempt; it replaces a queued one with this key."""
        with self._lock:
            before = self._items.pop(key, None)
            while len(self._items) >= self._most:
                del self._items[next(iter(self._items))]
            self._items[key] = _Item(attempt, max(before.due, now) if before else now)

    def run(self, now: float) -> dict[str, DeliveryResult]:
        """Make the due attempts, once each, and return their results. Transient failures stay queued."""
        with self._lock:
            due = {key: item for key, item in self._items.items() if item.due <= now}
        return {key: self._try_item(key, item, now) for key, item in due.items()}

    def _try_item(self, key: str, item: _Item, now: float) -> DeliveryResult:
        result, tried = _make_attempt(item.attempt), item.tried + 1
        if result.outcome is DeliveryOutcome.LATER and tried >= _MOST_ATTEMPTS:
            result = DeliveryResult(DeliveryOutcome.FAILED, _GIVEN_UP.format(tried, result.detail))
        with self._lock:
            newest = self._items.get(key)
            if newest is None:
                return result
            if result.outcome is DeliveryOutcome.LATER:
                due = now + pause(tried, result, self._chance)
                self._items[key] = replace(newest, due=due, tried=tried if newest is item else 0)
            elif newest is item:
                del self._items[key]
        return result
