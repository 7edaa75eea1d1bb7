"""Secrets are given by reference: ``{valueFrom: ...}`` with ``env``, ``file`` or ``secretKeyRef``."""

from collections.abc import Iterator
from typing import Any

from controller.core.dns import LONGEST, is_key, is_subdomain
from controller.core.finding import Code
from controller.schema.cursor import Spot
from controller.schema.problem import Trouble

_HINT = (
    "write {valueFrom: {env: NAME}}, {valueFrom: {file: PATH}} or {valueFrom: {secretKeyRef: {name, key}}}"
)

_NAMES = {
    "name": f"small letters, digits, '-' and '.', {LONGEST} at most, a letter or digit first and last",
    "key": f"letters, digits, '-', '_' and '.', {LONGEST} at most",
}


def check_secret(value: Any, spot: Spot) -> Iterator[Trouble]:
    """Check that a secret is a reference; nothing of the value is shown, whatever it is."""
    if not isinstance(value, dict):
        yield Trouble(Code.LITERAL_SECRET, spot.path, "a secret must not be a literal in a document", _HINT)
    elif not _refers(value):
        yield Trouble(Code.BAD_SECRET, spot.path, "this is not a reference to a secret", _HINT)
    else:
        yield from _named(value["valueFrom"].get("secretKeyRef") or {}, spot)


def _refers(value: dict[str, Any]) -> bool:
    source = value.get("valueFrom")
    if len(value) != 1 or not isinstance(source, dict) or len(source) != 1:
        return False
    ((kind, document),) = source.items()
    if kind == "secretKeyRef":
        return (
            isinstance(document, dict)
            and set(document) == {"name", "key"}
            and all(map(_word, document.values()))
        )
    return kind in {"env", "file"} and _word(document)


def _named(key_ref: dict[str, str], spot: Spot) -> Iterator[Trouble]:
    """What is wrong with the names of a Secret and its key; they become parts of a path in the cluster."""
    for member, fits, what in (("name", is_subdomain, "Secret"), ("key", is_key, "key of a Secret")):
        if member in key_ref and not fits(key_ref[member]):
            path = (*spot.path, "valueFrom", "secretKeyRef", member)
            yield Trouble(Code.BAD_SECRET, path, f"no {what} can have this name", _NAMES[member])


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
