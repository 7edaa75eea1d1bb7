"""The colours of actions as style sheet variables, for light and dark screens: those of the picture."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.phase import Action
from controller.output.graph import COLOURS, DARK

# what drifts is coloured as what would be done about it
_TIERS: Mapping[str, Action] = MappingProxyType(
    {
        "declared": Action.UPDATE,
        "undeclared": Action.CREATE,
        "missing": Action.DELETE,
        "contended": Action.BLOCKED,
        "error": Action.BLOCKED,
        "at_default": Action.NOOP,
        "unreadable": Action.NOOP,
    }
)


def palette() -> str:
    """For each action a class with its colours; a dark screen and a light one have their own."""
    return f"{_classes(COLOURS)}\n@media screen and (prefers-color-scheme:dark){{{_classes(DARK)}}}\n"


def _classes(colours: Mapping[Action, tuple[str, str]]) -> str:
    named = {**{action.name.lower(): action for action in colours}, **_TIERS}
    rules = ((name, *colours[action]) for name, action in named.items())
    return "".join(f".{name}{{--fill:{fill};--line:{line}}}" for name, fill, line in rules)
