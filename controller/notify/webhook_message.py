"""A signed JSON message about the end of a run, to a configured URL."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from controller.core.times import iso
from controller.notify.delivery import DeliveryResult, result_of_response
from controller.notify.provider import CommitState
from controller.notify.repository import allowed
from controller.runtime.hidden_text import SecretText
from controller.runtime.http_client import Request, Send

_PREFIX = "whsec_"
_VERSION = "sagemaker.gitops.dev/v1alpha1"


@dataclass(frozen=True)
class Target:
    """The URL of messages, and the key that signs them.

    ``allowed`` are the hosts that the administrator permits: a URL may come from a tenant, who must not reach hosts
    that only this process can reach.

    Raises:
        ValueError: the secret is empty, or the URL is not https on an allowed host.

    """

    url: str
    secret: SecretText
    allowed: frozenset[str]

    def __post_init__(self) -> None:
        if not allowed(self.url, self.allowed, query=True):
            raise ValueError(
                "a message goes to https:// on allowed hosts only, without a login in the address"
            )
        if not self.secret.reveal():
            raise ValueError("a message needs a secret that signs it")


@dataclass(frozen=True)
class Message:
    """The redacted result of a run. ``id`` is the same when the message is sent again."""

    id: str
    at: float
    set: str
    ref: str
    revision: str
    state: CommitState
    summary: str
    counts: Mapping[str, int]

    def body(self) -> bytes:
        """The JSON body; the same message gives the same bytes."""
        document: dict[str, Any] = {
            "apiVersion": _VERSION,
            "kind": "SyncReport",
            "id": self.id,
            "at": iso(datetime.fromtimestamp(int(self.at), UTC)),
            "set": self.set,
            "ref": self.ref,
            "revision": self.revision,
            "state": self.state.value,
            "summary": self.summary,
            "counts": dict(self.counts),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def post(
    target: Target, message: Message, send: Send, now: float, hide: Callable[[str], str] = str
) -> DeliveryResult:
    """Try once to send a message."""
    body = message.body()
    headers = {
        "Content-Type": "application/json",
        "Accept": "*/*",
        **signatures(target.secret, message.id, now, body),
    }
    return result_of_response(send(Request("POST", target.url, headers, {}, body)), now, hide)


def signatures(secret: SecretText, name: str, now: float, body: bytes) -> dict[str, str]:
    """Two signatures of the body: Flux' ``X-Signature``, and Standard Webhooks, which detects replays."""
    key = secret.reveal().encode()
    standard = hmac.new(_standard_key(secret), f"{name}.{int(now)}.".encode() + body, hashlib.sha256).digest()
    return {
        "X-Signature": f"sha256={hmac.new(key, body, hashlib.sha256).hexdigest()}",
        "X-Delivery-Id": name,
        "webhook-id": name,
        "webhook-timestamp": str(int(now)),
        "webhook-signature": f"v1,{base64.b64encode(standard).decode()}",
    }


def _standard_key(secret: SecretText) -> bytes:
    """The libraries of Standard Webhooks take keys in base64, after ``whsec_``; another secret is its own key."""
    text = secret.reveal()
    try:
        return (
            base64.b64decode(text.removeprefix(_PREFIX), validate=True)
            if text.startswith(_PREFIX)
            else text.encode()
        )
    except ValueError:
        return text.encode()
