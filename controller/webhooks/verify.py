"""From a raw request to a delivery that is proved, or to a refusal. No state, no clock, no exception."""

import re

from controller.runtime.hidden_text import Hidden
from controller.webhooks.authentication import Claim
from controller.webhooks.delivery import MOST_BODY, Delivery, Event, Headers, Refusal, Result
from controller.webhooks.payload import parsed
from controller.webhooks.providers import DIALECTS, Dialect, Provider

_ID = re.compile(r"[\x21-\x7e]{1,128}")


def verify(
    provider: Provider, secrets: tuple[Hidden, ...], headers: Headers, raw_body: bytes, now: float
) -> Delivery | Refusal:
    """Judge a request: its size, then its proof over the raw bytes, then its text.

    Args:
        provider: who should have sent it, from the configuration.
        secrets: one, or two while one replaces the other; either proves.
        headers: as they came.
        raw_body: as it came.
        now: seconds since 1970, against signed times.

    """
    if len(raw_body) > MOST_BODY:
        return Refusal(Result.TOO_LARGE)
    dialect = DIALECTS[provider]
    trouble = dialect.proof(Claim(headers, raw_body, now), secrets)
    if trouble:
        return Refusal(trouble)
    event, name = _event(dialect, headers), _id(dialect, headers)
    if event not in (Event.PUSH, Event.REQUEST):
        return Delivery(event, name)
    document = parsed(raw_body, headers.one("Content-Type") if dialect.form else "")
    if document is None:
        return Refusal(Result.MALFORMED)
    refs = dialect.refs(document) if event is Event.PUSH else ()
    return Delivery(event, name, refs, dialect.repository(document))


def _event(dialect: Dialect, headers: Headers) -> Event:
    message = headers.one(dialect.event)
    if not dialect.event or message in dialect.pushes:
        return Event.PUSH
    if message in dialect.requests:
        return Event.REQUEST
    return Event.PING if message in dialect.pings else Event.OTHER


def _id(dialect: Dialect, headers: Headers) -> str:
    """The id is shown in logs, so it is plain and short or none; most providers do not sign it."""
    return next((value for value in map(headers.one, dialect.ids) if _ID.fullmatch(value)), "")
