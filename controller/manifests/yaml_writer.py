"""Plain data as YAML text, and the edit of a value in a document."""

from dataclasses import dataclass
from typing import Any

import yaml

from controller.core.path import Path
from controller.core.ref import Ref
from controller.manifests.scalar import plain_scalar


@dataclass(frozen=True)
class Edit:
    """A new value at a path of a document (as written, from ``spec`` on); None removes the member."""

    ref: Ref
    path: Path
    value: Any


_WIDTH = 110
_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc]  # libyaml's dumper where it is built in, and the plain one elsewhere
    """Writes repeated values in full: documents have no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def _text(dumper: Any, value: str) -> Any:
    """A string, quoted if the strict loader would read another type: PyYAML leaves ``1e3`` unquoted."""
    style = None if isinstance(plain_scalar(value), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(value: Any) -> str:
    """Write plain data, members in their order."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True))
