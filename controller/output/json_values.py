"""Values of a plan as plain JSON, with Terraform's companion trees for what is unknown or sensitive."""

from collections.abc import Mapping
from typing import Any

from controller.manifests.resolve import Unknown
from controller.output.values import Masked
from controller.runtime.redaction import MASK

_LEFT_OUT = object()


def plain(value: Any) -> Any:
    """Plain JSON with sorted keys and without what is unknown."""
    shown = _known(value)
    return None if shown is _LEFT_OUT else shown


def _known(value: Any) -> Any:
    if isinstance(value, Unknown):
        return _LEFT_OUT
    if isinstance(value, Masked):
        return MASK
    if isinstance(value, Mapping):
        inner = {str(key): _known(value[key]) for key in sorted(value, key=str)}
        return {key: each for key, each in inner.items() if each is not _LEFT_OUT}
    if isinstance(value, list | tuple):
        return [None if each is _LEFT_OUT else each for each in map(_known, value)]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def marks(value: Any, of: type) -> Any:
    """Terraform's companion tree: ``true`` where a leaf is of a type; empty where nothing is."""
    if isinstance(value, of):
        return True
    if isinstance(value, Mapping):
        inner = {str(key): marks(value[key], of) for key in sorted(value, key=str)}
        return {key: mark for key, mark in inner.items() if mark not in (False, {}, [])}
    if isinstance(value, list | tuple):
        marked = [marks(item, of) for item in value]
        return marked if any(mark not in (False, {}, []) for mark in marked) else []
    return False if value is not None else {}
