"""The drawings of a page: what changes, or all of it, with what makes them smaller and larger."""

from collections.abc import Sequence

from controller.output.html.contents import Drawn
from controller.output.html.markup import NOTHING, Html, element

_NAMES = ("what changes", "everything")
_ZOOMS = (("out", "\u2212", "smaller"), ("in", "+", "larger"), ("fit", "fit", "all of it"))


def graph(drawings: Sequence[Drawn]) -> Html:
    """The drawings, of which one is seen at a time; none where there is nothing to draw."""
    seen = [drawn for drawn in drawings if drawn.count]
    if not seen:
        return NOTHING
    canvases = (
        _canvas(name, drawn, hidden=drawn is not seen[0])
        for name, drawn in zip(_NAMES, drawings, strict=False)
        if drawn.count
    )
    return element("section", element("h2", "Graph"), _tools(seen), *canvases, id="graph")


def _tools(seen: Sequence[Drawn]) -> Html:
    switch = element("input", type="checkbox", id="whole")
    both = element("label", switch, f" all {seen[-1].count} resources") if len(seen) > 1 else NOTHING
    zooms = (
        element("button", message, type="button", data_zoom=key, title=title, aria_label=title)
        for key, message, title in _ZOOMS
    )
    return element("p", both, *zooms, class_="tools script")


def _canvas(name: str, drawn: Drawn, *, hidden: bool) -> Html:
    message = f"Graph of {name}"
    return element(
        "div", drawn.svg, class_="canvas", tabindex="0", role="region", aria_label=message, hidden=hidden
    )
