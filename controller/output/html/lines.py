"""Lines of a text plan as lines of a page: what comes and what goes in its colour, and no wider than the window."""

from collections.abc import Iterable

from controller.output.html.markup import Html, element, join_html
from controller.output.signed_lines import signed

_CLASSES = {"+": "plus", "-": "minus", "~": "tilde", "#": "quietly"}


def lines(of: Iterable[str]) -> Html:
    """Lines as they stand in a text, without the margin that all have."""
    written = list(of)
    margin = min(len(line) - len(line.lstrip()) for line in written)
    return element("pre", join_html((_line(line, margin) for line in written), Html("\n")))


def _line(line: str, margin: int) -> Html:
    found = signed(line)
    way = found is not None and found.sign == "~" and line.endswith(":")  # to a change, and not one itself
    return element("span", line[margin:], class_=_CLASSES.get(found.sign) if found and not way else None)
