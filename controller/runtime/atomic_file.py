"""Small files of JSON, read and written whole."""

import json
import os
from pathlib import Path
from typing import Any


class StateError(Exception):
    """A file of ours can't be used; the message says which, and why."""


def load(file: Path) -> dict[str, Any] | None:
    """Read a mapping; None where there is no file.

    Raises:
        StateError: it can't be read, or is no mapping.

    """
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"{file} can't be read: {error.strerror}") from error
    except ValueError:
        raise StateError(f"{file} is not JSON") from None
    if not isinstance(document, dict):
        raise StateError(f"{file} is no mapping")
    return document


def save(file: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        StateError: it can't be written.

    """
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StateError(f"{file} can't be written: {error.strerror}") from error
