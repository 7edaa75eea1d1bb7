"""One value as text, and what stands where a value may not be shown."""

import json
import re
from dataclasses import dataclass
from typing import Any

from controller.manifests.resolve import Unknown
from controller.output.terminal import clean
from controller.runtime.redaction import MASK

_PLAIN = re.compile(r"[\w/$][\w./:@+*-]*( [\w./:@+*-]+)*", re.ASCII)
_NUMBER = re.compile(
    r"[\d.+-][\d.:_+-]*([eExXoObB][\da-fA-F_+.-]*)?"
)  # and dates and times, for some readers
_RESERVED = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})


@dataclass(frozen=True)
class Masked:
    """Stands where a sensitive value was."""

    def __str__(self) -> str:
        """What is shown instead."""
        return MASK


MASKED = Masked()


def scalar(value: Any) -> str:
    """One value as YAML writes it; texts that could be taken for something else are in quotes."""
    if isinstance(value, Unknown | Masked):
        return str(value)
    if isinstance(value, str):
        if _PLAIN.fullmatch(value) and not _NUMBER.fullmatch(value) and value.casefold() not in _RESERVED:
            return value
        return clean(json.dumps(value, ensure_ascii=False))
    if isinstance(value, dict | list | tuple):
        return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, default=str))
    return json.dumps(value, default=str)
