"""The check for duplicate keys in JSON objects."""

import json
import re
from typing import Any

from controller.inventory.model import InventoryError

_TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]')


def check_unique_keys(text: bytes) -> None:
    """Refuse JSON in which an object has a duplicate key, which parsers resolve differently.

    Raises:
        InventoryError: there is one; the message has its line and column.

    """
    twice: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in members:
            if key in seen:
                twice.append(key)
            seen.add(key)

    try:
        json.loads(text, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return  # the caller's parser reports the error
    if twice:
        raise InventoryError(_position_of(text.decode(), twice[0]))


def _position_of(text: str, twice: str) -> str:
    """The position of the first duplicate key in valid JSON, as line, column and path."""
    objects: list[set[str] | None] = []  # the keys so far of each enclosing object; None for a list
    path: list[str] = []
    waits = False  # whether a key is next
    for token in _TOKENS.finditer(text):
        match token[0]:
            case "{" | "[" as opens:
                objects.append(set() if opens == "{" else None)
                path.append("")
                waits = opens == "{"
            case "}" | "]":
                objects.pop()
                path.pop()
                waits = False
            case ",":
                waits = objects[-1] is not None
            case ":":
                waits = False
            case word if waits and (keys := objects[-1]) is not None:
                path[-1] = json.loads(word)
                if path[-1] in keys and path[-1] == twice:
                    line, begins = text.count("\n", 0, token.start()) + 1, text.rfind("\n", 0, token.start())
                    where = ".".join(filter(None, path))
                    return f"line {line}, column {token.start() - begins}: {where}: duplicate key"
                keys.add(path[-1])
            case _:
                pass
    return f"{twice}: duplicate key"
