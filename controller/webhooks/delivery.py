"""The result of a webhook request, and the answer to its sender."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from types import MappingProxyType

MOST_BODY = 3 * 1024 * 1024  # as Flux' receivers; a push event has a few kilobytes
MOST_HEADER = 1024


class WebhookResult(Enum):
    """The result of a request; the value is the response's text and the label of the counter."""

    QUEUED = "queued"
    PING = "ping"
    OTHER_EVENT = "ignored: not an event that moves a ref"
    OTHER_REF = "ignored: no sync follows this ref"
    REPLAYED = "ignored: duplicate delivery"
    UNAUTHENTICATED = "not authenticated"
    STALE = "not authenticated: the signed time is too far from now"
    MALFORMED = "the body cannot be read"
    ENCODED = "an encoded body is not accepted"
    TOO_LARGE = "the body is too large"
    TIMED_OUT = "the request took too long"
    BUSY = "too many requests; retry later"
    UNKNOWN = "not found"
    BROKEN = "internal error"


# Ignored is 202, not 400: Git providers disable webhooks that keep failing.
STATUS: Mapping[WebhookResult, HTTPStatus] = MappingProxyType(
    {
        WebhookResult.QUEUED: HTTPStatus.ACCEPTED,
        WebhookResult.PING: HTTPStatus.OK,
        WebhookResult.OTHER_EVENT: HTTPStatus.ACCEPTED,
        WebhookResult.OTHER_REF: HTTPStatus.ACCEPTED,
        WebhookResult.REPLAYED: HTTPStatus.ACCEPTED,
        WebhookResult.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
        WebhookResult.STALE: HTTPStatus.UNAUTHORIZED,
        WebhookResult.MALFORMED: HTTPStatus.BAD_REQUEST,
        WebhookResult.ENCODED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        WebhookResult.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        WebhookResult.TIMED_OUT: HTTPStatus.REQUEST_TIMEOUT,
        WebhookResult.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
        WebhookResult.UNKNOWN: HTTPStatus.NOT_FOUND,
        WebhookResult.BROKEN: HTTPStatus.INTERNAL_SERVER_ERROR,
    }
)


class EventKind(Enum):
    """The type of an event."""

    PUSH = "refs moved"
    REQUEST = "a pull request was opened or updated"
    PING = "a test delivery"
    OTHER = "not relevant"


@dataclass(frozen=True)
class Delivery:
    """An authenticated request. Only the names of refs are taken from its body, as a filter.

    ``refs`` are full names; none if the event has none, and then all syncs poll. ``id`` distinguishes one delivery from
    another; empty where the provider gives none.
    """

    event: EventKind
    id: str = ""
    refs: tuple[str, ...] = ()
    repository: str = ""


@dataclass(frozen=True)
class RejectedDelivery:
    """A rejected request."""

    result: WebhookResult


@dataclass(frozen=True)
class Headers:
    """A request's headers, including duplicates."""

    pairs: tuple[tuple[str, str], ...]

    def single(self, name: str) -> str:
        """The value of a header that occurs once; empty if it is missing, duplicate or too long.

        Names are case-insensitive (RFC 9110, 5.1). A proxy might use another one of two values, so neither is used.
        """
        found = [value for key, value in self.pairs if key.lower() == name.lower()]
        return found[0] if len(found) == 1 and len(found[0]) <= MOST_HEADER else ""
