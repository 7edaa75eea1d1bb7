"""``sagectl explain policy``: how a resource is managed, the same for every kind."""

from typing import Any

from controller.manifests.document import POLICY
from controller.output.table import table
from controller.output.terminal import Style


def policy_text(style: Style) -> str:
    """Every member of ``policy``, one a line."""
    rows = [(name, each.values, each.documented_default, each.description) for name, each in POLICY.items()]
    return table(("POLICY", "VALUES", "DEFAULT", "DESCRIPTION"), rows, style, kept=4)


def policy_json() -> list[dict[str, Any]]:
    """Every member of ``policy``, for programs."""
    return [
        {
            "field": name,
            "values": each.values,
            "default": each.documented_default,
            "meaning": each.description,
        }
        for name, each in POLICY.items()
    ]
