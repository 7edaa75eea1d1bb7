"""Parsing of untrusted texts within limits: compressed or deeply nested ones must not exhaust memory or stack."""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

DEEPEST = 200  # nested lists and objects; Python's own recursion ends at 1000, less what stands on the stack already
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"|[][{}]', re.DOTALL)
# By far the most values: an instance check of Mapping takes six times as long.
_SCALARS = (str, int, float, type(None))
_SIGNS = (b"[", b"{", b",")  # each begins a value, which takes some 60 bytes as an object of Python


def inflate(text: str, most: int) -> bytes:
    """The bytes of zlib data (RFC 1950) in base64; at most ``most`` are decompressed.

    Raises:
        ValueError: it is malformed, or has more bytes.

    """
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(base64.b64decode(text, validate=True), most + 1)
    except zlib.error as error:
        raise ValueError(f"it can't be unpacked: {error}") from None
    if len(data) > most:
        raise ValueError(f"unpacked it has more than {most} bytes")
    if not stream.eof or stream.unused_data:
        raise ValueError("it can't be unpacked: it is cut, or more follows")
    return data


def parse_bounded(data: bytes, values: int) -> Any:
    """The value of a JSON text with a maximum number of values, nested no deeper than ``DEEPEST``.

    Raises:
        ValueError: it is no JSON, or exceeds a limit.

    """
    if sum(data.count(sign) for sign in _SIGNS) > values:
        raise ValueError(f"it has more than {values} values")
    try:
        document = json.loads(data)
    except RecursionError:
        raise ValueError(f"it is nested deeper than {DEEPEST}") from None
    if is_deep(document):
        raise ValueError(f"it is nested deeper than {DEEPEST}")
    return document


def load_json(data: bytes) -> Any:
    """The value of a JSON text from the API server, in which an object may be nested too deeply for the parser.

    The server accepts 10,000 levels, Python's parser 1,000 to 10,000, by its version. A list with such an object must
    still be readable: its parts that are nested too deeply become ``null``.

    Raises:
        ValueError: it is no JSON.

    """
    try:
        return json.loads(data)
    except RecursionError:
        return json.loads(limit_depth(data))


def limit_depth(data: bytes, deepest: int = DEEPEST) -> bytes:
    """A JSON text with ``null`` instead of each list and object below some depth."""
    kept, depth, begin = [], 0, 0
    for token in _TOKENS.finditer(data):
        sign = token[0]
        if sign in {b"[", b"{"}:
            if depth == deepest:
                kept.append(data[begin : token.start()] + b"null")
            depth += 1
        elif sign in {b"]", b"}"}:
            depth -= 1
            if depth == deepest:
                begin = token.end()
    return b"".join([*kept, data[begin:] if depth <= deepest else b""])


def is_deep(value: Any, deepest: int = DEEPEST) -> bool:
    """Whether lists and mappings are nested deeper than a limit."""
    level = [value]
    for _ in range(deepest):
        values = (inner for each in level for inner in _values_in(each) if not isinstance(inner, _SCALARS))
        level = [each for each in values if isinstance(each, Mapping | list)]
        if not level:
            return False
    return True


def _values_in(value: Any) -> Iterable[Any]:
    """The values directly inside a value."""
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()
