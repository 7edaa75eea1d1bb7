"""The spec last applied, as a text that fits into its object beside the spec itself.

An API server stores objects of at most 1.5 MiB (etcd's --max-request-bytes), and a pipeline's definition alone may
be 1 MiB. So a long text is compressed; where that is not enough its long values are remembered by their digests.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from typing import Any

from controller.runtime.bounded_text import inflated, parsed

_SHORT = 4096  # characters that are written as they are, for a person who looks
_MOST = 131_072  # characters of a compressed text
_LARGEST = 8_388_608  # bytes of a spec
_VALUES = 500_000  # of a spec; what AWS takes has far fewer, and a forged text must not fill the memory
_LONGEST = (8192, 1024, 128)  # of a value that is kept; the next only where the one before was not enough
_PACKED = "zlib:"
_MARK = "\0sha256:"  # no text that AWS takes begins with NUL
_ESCAPED = json.dumps(_MARK)[1:-1]


class Digested(str):
    """Stands for a long text of which only the digest is remembered: equal to that text, and to no other."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]  # what is equal by digest can't have one hash

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return False
        return str.__eq__(self, other if isinstance(other, Digested) else _digested(other))

    def __ne__(self, other: object) -> bool:
        return not self == other


def written(spec: Mapping[str, Any]) -> str:
    """A spec as text; the same spec gives the same text, read from one or not."""
    text = _text(spec)
    if len(text) <= _SHORT and _ESCAPED not in text:
        return text
    packed = _pack(text)
    for longest in _LONGEST:
        if len(packed) <= _MOST:
            break
        packed = _pack(_text(_shortened(spec, longest)))
    return packed


def read(text: str) -> dict[str, Any]:
    """The spec of a text that ``written`` gave.

    Raises:
        ValueError: it is anything else.

    """
    packed = text.startswith(_PACKED)
    data = inflated(text[len(_PACKED) :], _LARGEST) if packed else text.encode()
    document = parsed(data, _VALUES)
    if not isinstance(document, dict):
        raise ValueError("it is not the text of a spec")  # noqa: TRY004 - text of another form is a wrong value
    return {name: _normalized(value) for name, value in document.items()}


def _text(spec: Mapping[str, Any]) -> str:
    return json.dumps(spec, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _pack(text: str) -> str:
    return _PACKED + base64.b64encode(zlib.compress(text.encode())).decode()


def _shortened(value: Any, longest: int) -> Any:
    if isinstance(value, Mapping):
        return {key: _shortened(inner, longest) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_shortened(inner, longest) for inner in value]
    is_long = isinstance(value, str) and not isinstance(value, Digested) and len(value) > longest
    return _digested(value) if is_long else value


def _digested(text: str) -> str:
    return _MARK + hashlib.sha256(text.encode()).hexdigest()


def _normalized(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _normalized(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_normalized(inner) for inner in value]
    return Digested(value) if isinstance(value, str) and value.startswith(_MARK) else value
