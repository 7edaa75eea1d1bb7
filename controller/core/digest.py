"""Digests of plain data: the same value gives the same text in every process."""

import json
from typing import Any

SHORT = 16  # hexadecimal digits of a digest that names one of some thousand parts of an inventory
_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=repr)
_NAMESPACE = "5b0ab8a6-5d0f-5c1e-9a35-2f0f7a0c7d11"  # fixed for ever: tokens depend on it


def canonical(value: Any) -> str:
    """JSON with sorted keys and no spaces; values that JSON lacks are written by ``repr``."""
    return _ENCODER.encode(value)


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON, 64 hexadecimal digits."""
    from hashlib import sha256  # loads OpenSSL: validation needs no digest

    return sha256(canonical(value).encode()).hexdigest()


def keyed_digest(key: str, value: str) -> str:
    """HMAC-SHA256 of a secret: without the key it shows only that the secret changed."""
    import hmac

    return hmac.new(key.encode(), value.encode(), "sha256").hexdigest()


def token(*parts: str) -> str:
    """A UUID derived from the parts: 36 characters, which suits every client token of SageMaker (1-36, 32-128)."""
    import uuid

    return str(uuid.uuid5(uuid.UUID(_NAMESPACE), "\n".join(parts)))
