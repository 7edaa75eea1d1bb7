"""A change of what people wrote; apart from the writer, whose library only those load who write."""

from dataclasses import dataclass
from typing import Any

from controller.core.path import Path
from controller.core.ref import Ref


@dataclass(frozen=True)
class Edit:
    """A new value at a path of a document (as written, from ``spec`` on); None takes the member out."""

    ref: Ref
    path: Path
    value: Any
