"""A saved plan: the JSON of a plan in a file, and the inputs that it is bound to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.cli.options import Options
from controller.cli.output import version
from controller.core.digest import digest
from controller.manifests.interpolation import open_variables
from controller.runtime.atomic_file import OWNER_ONLY, replace_file

_MAJOR = "1"
_LONGEST = 20  # characters of a version in a message, because the file is untrusted
OPTIONS = ("destroy", "prune", "confirm_deletes", "confirm_delete", "targets", "excludes")


class NotAPlanError(Exception):
    """The file is no valid plan; the message has the reason."""


@dataclass(frozen=True)
class SavedPlan:
    """A plan file. ``document`` is the whole plan as it was shown for approval."""

    file: str
    document: Mapping[str, Any]

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the documents were read."""
        return tuple(self.document["source"].get("paths", ()))

    @property
    def values(self) -> str | None:
        """The values file that was given, if any."""
        values: str | None = self.document["source"].get("values")
        return values

    def option(self, name: str) -> Any:
        """An option that the plan was made with."""
        return self.document["options"].get(name)


def read_plan(file: str) -> SavedPlan:
    """Read a saved plan.

    Raises:
        NotAPlanError: it can't be read, or is no plan.

    """
    try:
        if not Path(file).is_file() and Path(file).exists():
            raise NotAPlanError(f"{file} is no file")
        document = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise NotAPlanError(f"{file} can't be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise NotAPlanError(f"{file} is not JSON, so it is no saved plan") from None
    if not isinstance(document, dict) or not _has_plan_form(document):
        raise NotAPlanError(f"{file} is not a plan that sagectl saved")
    if str(document["format_version"]).split(".")[0] != _MAJOR:
        raise NotAPlanError(
            f"{file} has format {document['format_version']}, and this program reads {_MAJOR}.x"
        )
    if set(OPTIONS) - document["options"].keys():
        wrote = str(document.get("tool_version"))[:_LONGEST]
        raise NotAPlanError(
            f"{file} was saved by another version of sagectl ({wrote!r}): "
            "a plan is applied by the version that made it"
        )
    if document.get("errored"):
        raise NotAPlanError(f"{file} was made when not all of the account could be read")
    return SavedPlan(file, document)


def _has_plan_form(document: Mapping[str, Any]) -> bool:
    """Whether the parts that are used have the form of a plan."""
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
    if not all(isinstance(document.get(name), form) for name, form in forms.items()):
        return False
    changes = document["resource_changes"]
    paths = document["source"].get("paths", [])
    return (
        all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in changes)
        and isinstance(paths, list)
        and all(isinstance(path, str) for path in paths)
        and isinstance(document["source"].get("values"), str | None)
    )


def write_plan(file: str, text: str) -> None:
    """Write a plan atomically.

    Raises:
        OSError: it can't be written.

    """
    replace_file(Path(file), text, mode=OWNER_ONLY)


_DIGITS = 16


def bound_inputs(options: Options) -> dict[str, Any]:
    """The parts of the arguments that the fingerprint covers: digests of variables, and nothing of sensitive ones."""
    return {
        "tool_version": version(),
        "set": options.set,
        "variables": {
            name: digest(value)[:_DIGITS] for name, value in sorted(open_variables(options.variables).items())
        },
        "options": {name: _json_value(getattr(options, name)) for name in OPTIONS},
    }


def _json_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def source(options: Options) -> dict[str, Any]:
    """The paths of documents and values, for the command that applies the saved plan."""
    return {"paths": list(options.paths), **({"values": options.values} if options.values else {})}
