"""The colours of actions as style sheet variables, for light and dark screens: those of the picture."""

from controller.core.phase import Action
from controller.fronts.render.picture import COLOURS, DARK


def palette() -> str:
    """For each action a class with its colours; a dark screen and a light one have their own."""
    light = "".join(f".{_key(each)}{{--fill:{fill};--line:{line}}}" for each, (fill, line) in COLOURS.items())
    dark = "".join(f".{_key(each)}{{--fill:{fill};--line:{line}}}" for each, (fill, line) in DARK.items())
    return f"{light}\n@media screen and (prefers-color-scheme:dark){{{dark}}}\n"


def _key(action: Action) -> str:
    return action.name.lower()
