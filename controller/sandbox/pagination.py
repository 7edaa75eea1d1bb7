"""Pages that stay right while resources come and go: a token holds the last key, not a position."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from controller.sandbox.service_error import Refusal

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    *,
    key: Callable[[Item], Any],
    size: int,
    token: str | None,
    question: object,
    backwards: bool = False,
    code: str = "ValidationException",
) -> tuple[list[Item], str | None]:
    """One page of `items` in the order of `key`, and the token of the next one.

    `question` is what was asked for; a token is good for the same question only.
    """
    ordered = sorted(items, key=key, reverse=backwards)
    mark = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]
    if token is not None:
        last = _last_key(token, mark, code)
        ordered = [item for item in ordered if (key(item) < last if backwards else key(item) > last)]
    shown = ordered[:size]
    if len(ordered) <= size:
        return shown, None
    plain = json.dumps([mark, key(shown[-1])])
    return shown, base64.urlsafe_b64encode(plain.encode()).decode()


def _last_key(token: str, mark: str, code: str) -> Any:
    try:
        question, last = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError):
        raise Refusal(code, "Invalid pagination token because it cannot be read.") from None
    if question != mark:
        raise Refusal(code, "Invalid pagination token because it belongs to another request.")
    return tuple(last) if isinstance(last, list) else last
