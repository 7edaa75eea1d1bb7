"""Lines of a text plan as lines of a page: what comes and what goes in its colour, and no wider than the window."""

from collections.abc import Iterable

from controller.fronts.render.page.markup import Html, element, together
from controller.fronts.render.signed import signed

_CLASSES = {"+": "plus", "-": "minus", "~": "tilde", "#": "quietly"}


def lines(of: Iterable[str]) -> Html:
    """Lines as they stand in a text."""
    return element("pre", together(map(_line, of), Html("\n")))


def _line(line: str) -> Html:
    found = signed(line)
    return element("span", line, class_=_CLASSES.get(found.sign) if found else None)
