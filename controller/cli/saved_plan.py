"""A saved plan: the JSON of a plan in a file. It is a consent and not a program: nothing in it is executed."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_OWNER_ONLY = 0o600
_MAJOR = "1"


class NotAPlanError(Exception):
    """The file can't be used; the message says why."""


@dataclass(frozen=True)
class SavedPlan:
    """What a file holds. ``told`` is the whole plan as it was shown to whoever agreed to it."""

    file: str
    told: Mapping[str, Any]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the documents were read."""
        return tuple(self.told["source"].get("paths", ()))

    @property
    def values(self) -> str | None:
        """The values file that was given, if any."""
        values: str | None = self.told["source"].get("values")
        return values

    def option(self, name: str) -> Any:
        """An option that the plan was made with."""
        return self.told["options"].get(name)


def read_plan(file: str) -> SavedPlan:
    """Read a saved plan.

    Raises:
        NotAPlanError: it can't be read, or is anything else.

    """
    try:
        if not Path(file).is_file() and Path(file).exists():
            raise NotAPlanError(f"{file} is no file")
        told = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotAPlanError(f"{file} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise NotAPlanError(f"{file} is not JSON, so it is no saved plan") from None
    if not isinstance(told, dict) or not _fits(told):
        raise NotAPlanError(f"{file} is not a plan that sagectl saved")
    if str(told["format_version"]).split(".")[0] != _MAJOR:
        raise NotAPlanError(f"{file} has format {told['format_version']}, and this program reads {_MAJOR}.x")
    if told.get("errored"):
        raise NotAPlanError(f"{file} was made when not all of the account could be read")
    return SavedPlan(file, told)


def _fits(told: Mapping[str, Any]) -> bool:
    """Whether it has the form of a plan, as far as it is looked into."""
    forms = {
        "format_version": str,
        "fingerprint": str,
        "set": str,
        "region": str,
        "source": dict,
        "options": dict,
        "variables": dict,
        "resource_changes": list,
    }
    if not all(isinstance(told.get(name), form) for name, form in forms.items()):
        return False
    changes = told["resource_changes"]
    paths = told["source"].get("paths", [])
    return (
        all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in changes)
        and isinstance(paths, list)
        and all(isinstance(path, str) for path in paths)
        and isinstance(told["source"].get("values"), str | None)
    )


def write_plan(file: str, text: str) -> None:
    """Write a plan whole or not at all.

    Raises:
        OSError: it can't be written.

    """
    part = Path(f"{file}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(text)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
