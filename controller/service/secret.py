"""Secrets are given by reference: ``{valueFrom: ...}`` with ``env``, ``file`` or ``secretKeyRef``."""

from collections.abc import Iterator
from typing import Any

from controller.core.finding import Code
from controller.service.spot import Spot
from controller.service.trouble import Trouble

_HINT = (
    "write {valueFrom: {env: NAME}}, {valueFrom: {file: PATH}} or {valueFrom: {secretKeyRef: {name, key}}}"
)


def check_secret(value: Any, spot: Spot) -> Iterator[Trouble]:
    """Check that a secret is a reference; nothing of the value is shown, whatever it is."""
    if not isinstance(value, dict):
        yield Trouble(Code.LITERAL_SECRET, spot.path, "a secret must not stand in a document", _HINT)
    elif not _refers(value):
        yield Trouble(Code.BAD_SECRET, spot.path, "this is not a reference to a secret", _HINT)


def _refers(value: dict[str, Any]) -> bool:
    source = value.get("valueFrom")
    if len(value) != 1 or not isinstance(source, dict) or len(source) != 1:
        return False
    ((kind, told),) = source.items()
    if kind == "secretKeyRef":
        return isinstance(told, dict) and set(told) == {"name", "key"} and all(map(_word, told.values()))
    return kind in {"env", "file"} and _word(told)


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
