"""The graph of a plan as SVG that stands alone: no script, no font or style from elsewhere.

A small version of the layered drawing of Sugiyama, Tagawa and Toda (1981): layers by the longest path, bends
where an arrow passes a layer, and the order within a layer by the mean of the neighbours. Pure Python in a
few steps: graphviz is a system package, the layouts of networkx need numpy, and a tree of documents has
tens of boxes, not thousands. The same picture gives the same places.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from types import MappingProxyType

from controller.output.action_words import LEGEND
from controller.output.graph import COLOURS, ArrowForm, Node, Picture

_SWEEPS = 6

Spot = tuple[str, int]  # an id and a layer: the place itself, or a bend of an arrow that passes the layer


@dataclass(frozen=True)
class Layout:
    """The layers, each from top to bottom, and for each arrow the spots on its way."""

    layers: tuple[tuple[Spot, ...], ...]
    routes: tuple[tuple[Spot, ...], ...]


def layout(of: Picture) -> Layout:
    """Find a place for every box and a way for every arrow."""
    depth = _depths(of)
    routes = tuple(_route(number, of, depth) for number in range(len(of.arrows)))
    layers: list[list[Spot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    spots = {(node.id, depth[node.id]) for node in of.nodes} | {spot for route in routes for spot in route}
    for spot in sorted(spots):
        layers[spot[1]].append(spot)
    return Layout(tuple(tuple(layer) for layer in _ordered(layers, routes)), routes)


def _depths(of: Picture) -> dict[str, int]:
    """The layer of each box: one more than the deepest that it needs."""
    needs: dict[str, list[str]] = {node.id: [] for node in of.nodes}
    for arrow in of.arrows:
        needs[arrow.end].append(arrow.start)
    depth: dict[str, int] = {}
    for node in of.nodes:
        _descend(node.id, needs, depth)
    return depth


def _descend(start: str, needs: Mapping[str, Sequence[str]], depth: dict[str, int]) -> None:
    """Find the depth of a box and of all below it; a loop, which only a wrong tree has, is cut where it closes."""
    way = [] if start in depth else [start]
    while way:
        each = way[-1]
        below = next((need for need in needs[each] if need not in depth and need not in way), None)
        if below is not None:
            way.append(below)
            continue
        depth[each] = max((depth[need] for need in needs[each] if need in depth), default=-1) + 1
        way.pop()


def _route(number: int, of: Picture, depth: Mapping[str, int]) -> tuple[Spot, ...]:
    arrow = of.arrows[number]
    first, last = depth[arrow.start], depth[arrow.end]
    bends = [(f"\0{number}", layer) for layer in range(first + 1, last)]
    return ((arrow.start, first), *bends, (arrow.end, last))


def _ordered(layers: list[list[Spot]], routes: Sequence[Sequence[Spot]]) -> list[list[Spot]]:
    """Bring what belongs together near each other, from the left and from the right in turn."""
    beside: dict[Spot, list[Spot]] = {}
    for route in routes:
        for one, other in pairwise(route):
            beside.setdefault(one, []).append(other)
            beside.setdefault(other, []).append(one)
    places = {spot: index for layer in layers for index, spot in enumerate(layer)}
    for sweep in range(_SWEEPS):
        numbers = range(len(layers)) if sweep % 2 == 0 else range(len(layers) - 1, -1, -1)
        for number in numbers:
            step = -1 if sweep % 2 == 0 else 1
            layers[number].sort(key=lambda spot: (_mean(spot, step, beside, places), spot))
            places |= {spot: index for index, spot in enumerate(layers[number])}
    return layers


def _mean(spot: Spot, step: int, beside: Mapping[Spot, list[Spot]], places: Mapping[Spot, int]) -> float:
    near = [places[other] for other in beside.get(spot, ()) if (other[1] - spot[1]) * step > 0]
    return sum(near) / len(near) if near else float(places[spot])


_HEIGHT, _GAP_X, _GAP_Y, _MARGIN = 44, 72, 18, 20
_CHAR, _PAD, _NARROW, _LONGEST = 7.2, 14, 90, 44
_LINES: Mapping[ArrowForm, str] = MappingProxyType(
    {
        ArrowForm.NAME: "",
        ArrowForm.ARN: ' stroke-dasharray="9 3"',
        ArrowForm.ID: ' stroke-dasharray="12 3 3 3"',
        ArrowForm.OUTPUT: ' stroke-width="2.6"',
        ArrowForm.IMPLIED: ' stroke-dasharray="4 4"',
        ArrowForm.OLD: ' stroke-dasharray="1 4" stroke-linecap="round"',
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
        if arrow.form is ArrowForm.OLD:
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
