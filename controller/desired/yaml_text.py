"""Plain data as YAML text: the same data gives the same bytes, and the strict loader reads it back."""

from typing import Any

import yaml

_WIDTH = 110
_BASE: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_BASE):  # type: ignore[misc]  # libyaml's dumper where it is built in, and the plain one elsewhere
    """Writes what stands twice twice: anchors are not for documents."""

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


def yaml_text(value: Any) -> str:
    """Write plain data, members in their order."""
    return str(yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=_WIDTH, allow_unicode=True))
