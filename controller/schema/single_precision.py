"""Numbers of 32 bits, the model's type ``float``, which a response may write with the digits of 64 bits.

CreateEndpointConfig takes a weight of 0.8, and Describe may show 0.800000011920929, which is the same 32-bit number
(hashicorp/terraform-provider-aws#43643). Here each is written with the fewest digits.
"""

import struct
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from controller.core.path import expand, with_value
from controller.schema.shape import Shape, shape

_DIGITS = 9  # that identify any number of 32 bits (IEEE 754)


def shortest_float(value: float) -> float:
    """The number with the fewest digits that is equal in 32 bits; the number itself if it is too large."""
    bits = _bits(value)
    if bits is None:
        return value
    (exact,) = struct.unpack("<f", bits)
    numbers = (float(f"{exact:.{digits}g}") for digits in range(1, _DIGITS + 1))
    return next((each for each in numbers if _bits(each) == bits), value)


def _bits(value: float) -> bytes | None:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return None


def shorten_floats(value: Mapping[str, Any], of: Shape) -> Mapping[str, Any]:
    """A structure in which each number of 32 bits has the fewest digits."""
    changed: Any = value
    for pattern in _patterns(of.name):
        for path, number in expand(value, pattern):
            if isinstance(number, float) and (short := shortest_float(number)) != number:
                changed = with_value(changed, path, short)
    structure: Mapping[str, Any] = changed
    return structure


@cache
def _patterns(name: str) -> tuple[str, ...]:
    """The patterns of numbers of 32 bits in a shape."""
    return tuple(_float_paths(shape(name), "", frozenset()))


def _float_paths(of: Shape, at: str, above: frozenset[str]) -> Iterator[str]:
    if of.type == "float":
        yield at
    elif of.name in above:  # a recursive shape
        return
    elif of.type == "structure":
        for name, inner in sorted(of.members.items()):
            yield from _float_paths(shape(inner), f"{at}.{name}" if at else name, above | {of.name})
    elif of.type in ("list", "map"):
        sign = "[]" if of.type == "list" else "{}"
        yield from _float_paths(shape(of.element or of.value), f"{at}{sign}", above | {of.name})
