import base64
import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from controller.notify.delivery import DeliveryOutcome
from controller.notify.provider import CommitState
from controller.notify.webhook_message import Message, Target, post
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import Request, Response, Unreachable
from controller.webhooks.delivery import Delivery, Headers
from controller.webhooks.handler import verify
from controller.webhooks.providers import Provider

SECRET = "a secret of the receiver's"
NOW = 1_800_000_000.0
TARGET = Target("https://hooks.example/sync", SecretText(SECRET), frozenset({"hooks.example"}))
MESSAGE = Message(
    "fleet-1", NOW, "fleet", "refs/heads/main", "e10d", CommitState.SUCCESS, "all is well", {"create": 2}
)


def send_message(target: Target = TARGET, status: int = 204) -> tuple[Request, DeliveryOutcome]:
    """A sent message, and the result of its attempt."""
    seen: list[Request] = []

    def send(request: Request) -> Response | Unreachable:
        seen.append(request)
        return Response(status, {}, b"")

    result = post(target, MESSAGE, send, NOW)
    return seen[0], result.outcome


def test_a_message_is_signed_so_that_our_own_receiver_believes_it() -> None:
    """Row 62: ``X-Signature`` signs the raw body; a generic receiver with the secret accepts it."""
    request, outcome = send_message()
    assert outcome is DeliveryOutcome.DONE
    headers = Headers(tuple(request.headers.items()))
    judged = verify(Provider.GENERIC, (SecretText(SECRET),), headers, request.body or b"", NOW)
    assert (
        judged == Delivery(judged.event, "fleet-1", ("refs/heads/main",))
        if isinstance(judged, Delivery)
        else False
    )
    assert not isinstance(
        verify(Provider.GENERIC, (SecretText("x"),), headers, request.body or b"", NOW), Delivery
    )


@pytest.mark.parametrize("secret", [SECRET, "whsec_" + base64.b64encode(b"k" * 32).decode(), "whsec_!"])
def test_a_message_carries_a_signed_time(secret: str) -> None:
    """The headers of Standard Webhooks distinguish an old message from a new one; ``whsec_`` keys are decoded."""
    request, _ = send_message(replace(TARGET, secret=SecretText(secret)))
    key = b"k" * 32 if len(secret) > 30 else secret.encode()
    signed = f"fleet-1.{int(NOW)}.".encode() + (request.body or b"")
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers["webhook-signature"] == f"v1,{expected}"
    assert request.headers["webhook-timestamp"] == str(int(NOW))


def test_the_same_message_is_the_same_bytes() -> None:
    """A repeated message has the same id and the same bytes, so its receiver can detect it."""
    document = json.loads(MESSAGE.body())
    assert document["at"] == "2027-01-15T08:00:00Z"
    assert (document["id"], document["state"], document["counts"]) == ("fleet-1", "success", {"create": 2})
    assert send_message()[0].body == send_message()[0].body == MESSAGE.body()


def test_the_secret_is_in_nothing_that_is_sent() -> None:
    """Neither body nor headers have the secret."""
    request, _ = send_message()
    assert SECRET not in repr(request) + repr(TARGET)


@pytest.mark.parametrize("status", [301, 404, 500, 429])
def test_a_message_that_is_not_taken_says_so(status: int) -> None:
    """A transient error is retried; a redirect or a refusal ends it."""
    assert send_message(status=status)[1] is (
        DeliveryOutcome.LATER if status in (500, 429) else DeliveryOutcome.FAILED
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://169.254.169.254/latest/meta-data",
        "https://hooks.example.evil.example/",
        "https://hooks.example:8443/",
        "https://hooks.example@evil.example/",
        "https://user:pw@hooks.example/",
        "https://localhost/",
        "https:///x",
        "file:///etc/passwd",
    ],
)
def test_a_message_goes_where_it_may(url: str) -> None:
    """Row 62: only https, only allowed hosts, only port 443: a document can't reach internal hosts (SSRF)."""
    with pytest.raises(ValueError, match="message goes to"):
        Target(url, SecretText(SECRET), frozenset({"hooks.example"}))
    with pytest.raises(ValueError, match="secret"):
        Target(TARGET.url, SecretText(""), TARGET.allowed)
