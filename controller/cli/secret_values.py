"""Secrets by reference: read at the last moment, remembered only so that no output can repeat them."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from controller.runtime.redaction import SHORTEST


class Reader:
    """Reads ``{env: NAME}`` and ``{file: PATH}``; knows the values it has read."""

    def __init__(self) -> None:
        self._read: set[str] = set()

    def __call__(self, reference: Mapping[str, Any]) -> str:
        """The secret that a reference names.

        Raises:
            KeyError: the reference can't be followed here; the message names it, never a value.
            OSError: the file can't be read.

        """
        value = _value(reference)
        if len(value) >= SHORTEST:
            self._read.add(value)
        return value

    def learn(self, texts: Iterable[str]) -> None:
        """Take note of sensitive values that were given otherwise, such as those of variables."""
        self._read.update(text for text in texts if len(text) >= SHORTEST)

    @property
    def known(self) -> frozenset[str]:
        """The values read so far; whoever prints leaves them out."""
        return frozenset(self._read)


def _value(reference: Mapping[str, Any]) -> str:
    if "env" in reference:
        name = str(reference["env"])
        if not os.environ.get(name):
            raise KeyError(f"the environment variable {name} is not set or empty")
        return os.environ[name]
    if "file" in reference:
        return _from_file(Path(str(reference["file"])))
    if "secretKeyRef" in reference:
        raise KeyError("secretKeyRef is read inside a cluster only; use env or file here")
    raise KeyError(f"a secret is given by env or file, not by {', '.join(map(str, reference)) or 'nothing'}")


def _from_file(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").removesuffix("\n")
    except UnicodeDecodeError:
        raise KeyError(f"the file {path} is not UTF-8 text") from None
    except OSError as error:
        raise OSError(f"the file {path} can't be read: {error.strerror}") from None
    if not text:
        raise KeyError(f"the file {path} is empty")
    return text
