"""A picture as SVG that stands alone: no script, no font or style from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from types import MappingProxyType

from controller.output.action_words import LEGEND
from controller.output.graph import COLOURS, Form, Node, Picture
from controller.output.graph_layout import Layout, Spot, layout

_HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 44, 72, 18, 20
_CHAR, _PAD, _NARROW, _LONGEST = 7.2, 14, 90, 44
_LINES: Mapping[Form, str] = MappingProxyType(
    {
        Form.NAME: "",
        Form.ARN: ' stroke-dasharray="9 3"',
        Form.ID: ' stroke-dasharray="12 3 3 3"',
        Form.OUTPUT: ' stroke-width="2.6"',
        Form.IMPLIED: ' stroke-dasharray="4 4"',
        Form.OLD: ' stroke-dasharray="1 4" stroke-linecap="round"',
    }
)
_TIP = (
    '<defs><marker id="{mark}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'orient="auto"><path class="tip" d="M0 0 8 4 0 8z" fill="#57606a"/></marker></defs>'
)
_NO_LINKS: Mapping[str, str] = MappingProxyType({})
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def svg(of: Picture, links: Mapping[str, str] = _NO_LINKS, mark: str = "tip") -> str:
    """The picture with its legend; an arrow leads from what is needed to what needs it.

    Args:
        of: the picture.
        links: where boxes lead to in the page that the drawing stands in, by their ids.
        mark: the id of the arrows' tip; every drawing of a page has its own.

    """
    return "\n".join(_Drawing(of, layout(of), links, mark).lines()) + "\n"


class _Drawing:
    """Places in pixels, and the lines of the file."""

    def __init__(self, of: Picture, where: Layout, links: Mapping[str, str], mark: str) -> None:
        self.of, self.where, self.links, self.mark = of, where, links, mark
        self.nodes = {node.id: node for node in of.nodes}
        self.widths = [max(map(self._width, layer), default=_NARROW) for layer in where.layers]
        self.left = [
            _MARGIN + sum(self.widths[:number]) + _GAP_X * number for number in range(len(where.layers))
        ]
        tallest = max((len(layer) for layer in where.layers), default=0)
        self.bottom = _MARGIN + max(tallest, 1) * (_HEIGHT + _GAP_Y)
        self.places = dict(self._places())
        self.spots = {spot[0]: spot for spot in self.places}

    def _width(self, spot: Spot) -> float:
        node = self.nodes.get(spot[0])
        return max(_NARROW, max(len(_cut(line)) for line in node.lines) * _CHAR + 2 * _PAD) if node else 0

    def _places(self) -> Iterator[tuple[Spot, tuple[float, float]]]:
        """The left edge and the middle of every spot; a layer with few is centred."""
        for number, layer in enumerate(self.where.layers):
            above = (self.bottom - _MARGIN - len(layer) * (_HEIGHT + _GAP_Y)) / 2
            for index, spot in enumerate(layer):
                yield spot, (self.left[number], _MARGIN + above + index * (_HEIGHT + _GAP_Y) + _HEIGHT / 2)

    def lines(self) -> Iterator[str]:
        """The file."""
        right = self.left[-1] + self.widths[-1] if self.left else 0
        width, height = (
            max(right + _MARGIN, 460),
            self.bottom + 22 * (len(self.of.actions) + len(self.of.forms)) + _MARGIN,
        )
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" font-family="{_FONT}" font-size="12">'
        )
        yield f"<title>{len(self.of.nodes)} resources and their dependencies</title>"
        yield _TIP.format(mark=self.mark)
        yield '<rect class="paper" width="100%" height="100%" fill="#ffffff"/>'
        yield from (self._arrow(number) for number in range(len(self.of.arrows)))
        yield from (self._box(node) for node in self.of.nodes)
        yield from self._legend()
        yield "</svg>"

    def _arrow(self, number: int) -> str:
        arrow, route = self.of.arrows[number], self.where.routes[number]
        points = [self._leaves(route[0])]
        for spot in route[1:-1]:
            x, y = self.places[spot]
            points += [(x, y), (x + self.widths[spot[1]], y)]
        points.append(self.places[route[-1]])
        path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
        for (x, y), (to_x, to_y) in pairwise(points):
            middle = (x + to_x) / 2
            path += f" C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
        message = escape(f"{arrow.end} needs {arrow.start} ({arrow.form.value})")
        if arrow.form is Form.OLD:
            message = escape(f"{arrow.start} is an old generation of {arrow.end}")
        style = f'fill="none" stroke="#57606a"{_LINES[arrow.form]}'
        return f'<path class="way" d="{path}" {style} marker-end="url(#{self.mark})"><title>{message}</title></path>'

    def _leaves(self, spot: Spot) -> tuple[float, float]:
        x, y = self.places[spot]
        return x + self._width(spot), y

    def _box(self, node: Node) -> str:
        spot = self.spots[node.id]
        (x, y), width = self.places[spot], self._width(spot)
        fill, line = COLOURS[node.action]
        kind, name = (escape(_cut(text)) for text in node.lines)
        message = escape(f"{' '.join(node.lines)}: {LEGEND.get(node.action, 'stays')}")
        box = (
            f'<g class="node {node.action.name.lower()}"><title>{message}</title>'
            f'<rect class="box" x="{x:.0f}" y="{y - _HEIGHT / 2:.0f}" width="{width:.0f}" '
            f'height="{_HEIGHT}" rx="6" fill="{fill}" stroke="{line}" stroke-width="1.5"/>'
            f'<text class="kind" x="{x + _PAD:.0f}" y="{y - 4:.0f}" fill="{line}">{kind}</text>'
            f'<text class="ink" x="{x + _PAD:.0f}" y="{y + 13:.0f}" fill="#1f2328">{name}</text></g>'
        )
        link = self.links.get(node.id)
        return f'<a href="#{escape(link)}">{box}</a>' if link else box

    def _legend(self) -> Iterator[str]:
        y = self.bottom + 12
        for action, label in self.of.actions.items():
            fill, line = COLOURS[action]
            location = f'x="{_MARGIN}" y="{y - 10}" width="26" height="14" rx="3"'
            yield f'<rect class="box {action.name.lower()}" {location} fill="{fill}" stroke="{line}"/>'
            yield self._ink(y, f"{action.value.strip()} {label}".strip())
            y += 22
        for form in self.of.forms:
            yield f'<path class="way" d="M{_MARGIN} {y - 3} h26" stroke="#57606a"{_LINES[form]}/>'
            yield self._ink(y, form.value)
            y += 22

    def _ink(self, y: float, text: str) -> str:
        return f'<text class="ink" x="{_MARGIN + 34}" y="{y + 2}" fill="#1f2328">{escape(text)}</text>'


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
