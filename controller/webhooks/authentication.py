"""Authentication of senders, over raw bytes, in constant time, before anything is parsed."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from controller.runtime.hidden_text import SecretText
from controller.webhooks.delivery import Headers, WebhookResult

_WINDOW = 300  # seconds; Standard Webhooks leaves it to the receiver, its libraries use five minutes
_PREFIX = "whsec_"
_MOST_SIGNATURES = 8
_SIGNATURE = re.compile(r"([a-z0-9]+)=([0-9a-f]+)", re.ASCII)
_DIGESTS: dict[str, Callable[..., "hashlib._Hash"]] = {"sha256": hashlib.sha256, "sha512": hashlib.sha512}

Secrets = tuple[SecretText, ...]


@dataclass(frozen=True)
class SignatureClaim:
    """The input of a signature check: headers, body, and the time in seconds since 1970."""

    headers: Headers
    body: bytes
    now: float


SignatureCheck = Callable[[SignatureClaim, Secrets], WebhookResult | None]


def prefixed_digest(header: str, algorithms: frozenset[str] = frozenset({"sha256"})) -> SignatureCheck:
    """``sha256=<hex>`` of the raw body: GitHub, both Bitbuckets, and others; never sha1."""

    def proof(claim: SignatureClaim, secrets: Secrets) -> WebhookResult | None:
        found = _SIGNATURE.fullmatch(claim.headers.single(header))
        if not found or found[1] not in algorithms:
            return WebhookResult.UNAUTHENTICATED
        expected = (hmac.new(key, claim.body, _DIGESTS[found[1]]).hexdigest() for key in _keys(secrets))
        return _compare_all(found[2], expected)

    return proof


def bare_digest(*names: str) -> SignatureCheck:
    """The hex digits alone: Gitea and Forgejo. Each of the received headers must match."""

    def proof(claim: SignatureClaim, secrets: Secrets) -> WebhookResult | None:
        came = [name for name in names if any(key.lower() == name.lower() for key, _ in claim.headers.pairs)]
        expected = [hmac.new(key, claim.body, hashlib.sha256).hexdigest() for key in _keys(secrets)]
        held = [_compare_all(claim.headers.single(name), expected) is None for name in came]
        return None if held and all(held) else WebhookResult.UNAUTHENTICATED

    return proof


def token(header: str) -> SignatureCheck:
    """The secret itself, compared by digest so that its length is not revealed: GitLab's older method."""

    def proof(claim: SignatureClaim, secrets: Secrets) -> WebhookResult | None:
        given = hashlib.sha512(_bytes(claim.headers.single(header))).hexdigest()
        return _compare_all(given, [hashlib.sha512(key).hexdigest() for key in _keys(secrets)])

    return proof


def standard(claim: SignatureClaim, secrets: Secrets) -> WebhookResult | None:
    """Standard Webhooks, as GitLab signs: id, time and body under one signature, so that replays are detected.

    Source: the specification at standardwebhooks.com; GitLab's merge requests 230944 and 231325.
    """
    name, time = claim.headers.single("webhook-id"), claim.headers.single("webhook-timestamp")
    if not name or not re.fullmatch(r"[0-9]{1,12}", time, re.ASCII):
        return WebhookResult.UNAUTHENTICATED
    signed = b".".join((_bytes(name), time.encode(), claim.body))
    expected = [
        base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        for key in map(decode_token, secrets)
        if key
    ]
    given = claim.headers.single("webhook-signature").split(" ")[:_MOST_SIGNATURES]
    held = [
        _compare_all(each.removeprefix("v1,"), expected) is None for each in given if each.startswith("v1,")
    ]
    if not any(held):
        return WebhookResult.UNAUTHENTICATED
    return WebhookResult.STALE if abs(claim.now - int(time)) > _WINDOW else None


def decode_token(secret: SecretText) -> bytes:
    """The key in a signing token ``whsec_<base64>``; empty if it is none."""
    try:
        return base64.b64decode(secret.reveal().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _keys(secrets: Secrets) -> list[bytes]:
    """Usable keys: an empty one would authenticate anybody."""
    return [_bytes(secret.reveal()) for secret in secrets if secret.reveal()]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")  # header bytes that are no UTF-8 come as surrogates


def _compare_all(given: str, expected: Iterable[str]) -> WebhookResult | None:
    """None if it is one of the expected; all are compared, for constant time."""
    held = [hmac.compare_digest(_bytes(given), each.encode()) for each in expected]
    return None if any(held) else WebhookResult.UNAUTHENTICATED
