"""How an attempt to tell somebody ended, and when another makes sense."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any

from controller.runtime.http_client import Response, Unreachable

_LONGEST_WORD = 200
_FORBIDDEN = 403
_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})


class Fate(Enum):
    """The end of an attempt."""

    DONE = "told"
    UNCHANGED = "already present"
    LATER = "temporarily unavailable; retry"
    LOST = "refused; a retry would not help"


@dataclass(frozen=True)
class DeliveryResult:
    """An attempt's end. ``detail`` holds no secret; ``wait`` are the seconds the other side asks for, if it does."""

    fate: Fate
    detail: str = ""
    wait: float = 0.0


DONE, UNCHANGED = DeliveryResult(Fate.DONE), DeliveryResult(Fate.UNCHANGED)


def judged(answer: Response | Unreachable, now: float, hide: Callable[[str], str] = str) -> DeliveryResult:
    """What an answer means: 2xx is done; what may pass is later; the rest is lost.

    GitHub tells of its limits by 403 as well, with ``Retry-After`` or with nothing remaining.
    """
    if isinstance(answer, Unreachable):
        return DeliveryResult(Fate.LATER, answer.reason)
    if answer.status // 100 == 2:  # noqa: PLR2004 - the family of successes
        return DONE
    limited = "retry-after" in answer.headers or answer.headers.get("x-ratelimit-remaining") == "0"
    message = f"HTTP {answer.status}{_response_detail(answer, hide)}"
    if answer.status in _AGAIN or (answer.status == _FORBIDDEN and limited):
        return DeliveryResult(Fate.LATER, message, retry_after(answer, now))
    return DeliveryResult(Fate.LOST, message)


def retry_after(answer: Response, now: float) -> float:
    """For how long the other side asks us to be quiet; 0 if it doesn't."""
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


def pause(attempt: int, result: DeliveryResult, chance: Callable[[], float] = random.random) -> float:
    """Seconds before the next attempt: what was asked for, else full jitter up to 2, 4, 8 ... 300 seconds.

    What was asked for is kept to an hour; the jitter on top keeps many of us from coming back at once.
    """
    if result.wait:
        return min(result.wait, 3600.0) + chance() * 2
    return float(chance() * min(2.0 ** min(attempt, 10), 300.0))


def read(answer: Response) -> Any:
    """The answer's JSON; None if it is none."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def _response_detail(answer: Response, hide: Callable[[str], str]) -> str:
    """The forge's own words, as far as they are fit to be shown."""
    document = read(answer)
    terms = (
        next((document[key] for key in ("message", "error") if document.get(key)), "")
        if isinstance(document, dict)
        else ""
    )
    terms = terms if isinstance(terms, str) else json.dumps(terms)
    shown = "".join(sign for sign in hide(terms) if sign.isprintable())[:_LONGEST_WORD]
    return f": {shown}" if shown else ""
