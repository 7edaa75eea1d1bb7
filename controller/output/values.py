"""Values as text and as JSON: hidden, unknown and binary ones included."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from controller.core.times import iso
from controller.manifests.resolve import Unknown
from controller.output.terminal import escape_unprintable
from controller.runtime.redaction import MASK

_PLAIN = re.compile(r"[\w/$][\w./:@+*-]*( [\w./:@+*-]+)*", re.ASCII)
# And dates and times, for some readers.
_NUMBER = re.compile(r"[\d.+-][\d.:_+-]*([eExXoObB][\da-fA-F_+.-]*)?")
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True)
class Masked:
    """Placeholder of a sensitive value."""

    def __str__(self) -> str:
        """The text that is shown instead."""
        return MASK


MASKED = Masked()


def scalar(value: Any) -> str:
    """A scalar as YAML; strings that could be read as another type are quoted."""
    if isinstance(value, Unknown | Masked):
        return str(value)
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and not _NUMBER.fullmatch(value) and value.casefold() not in _RESERVED:
            return value
        return escape_unprintable(json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict | list | tuple):
        return escape_unprintable(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    return json.dumps(value, default=str)


_LEFT_OUT = object()


def plain_data(value: Any) -> Any:
    """Plain JSON data with sorted keys and without unknown values."""
    shown = _plain_scalar(value)
    return None if shown is _LEFT_OUT else shown


def _plain_scalar(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _LEFT_OUT
    if isinstance(value, Masked):
        return MASK
    if isinstance(value, Mapping):
        inner = {str(key): _plain_scalar(value[key]) for key in sorted(value, key=str)}
        return {key: each for key, each in inner.items() if each is not _LEFT_OUT}
    if isinstance(value, list | tuple):
        return [None if each is _LEFT_OUT else each for each in map(_plain_scalar, value)]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def leaf_marks(value: Any, of: type) -> Any:
    """Terraform's companion tree: ``true`` for leaves of a type; empty if there are none."""
    if isinstance(value, of):
        return True
    if isinstance(value, Mapping):
        inner = {str(key): leaf_marks(value[key], of) for key in sorted(value, key=str)}
        return {key: mark for key, mark in inner.items() if mark not in (False, {}, [])}
    if isinstance(value, list | tuple):
        marked = [leaf_marks(item, of) for item in value]
        return marked if any(mark not in (False, {}, []) for mark in marked) else []
    return False if value is not None else {}


def plain_response(value: Any) -> Any:
    """The value in JSON's types, its members with AWS member names and order."""
    if isinstance(value, Mapping):
        return {str(key): plain_response(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain_response(inner) for inner in value]
    if isinstance(value, datetime):
        return iso(value)
    return str(value) if isinstance(value, Masked) else value
