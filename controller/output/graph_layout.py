"""Where the boxes of a picture go: layers from left to right, what is needed before what needs it.

A small version of the layered drawing of Sugiyama, Tagawa and Toda (1981): layers by the longest path, bends
where an arrow passes a layer, and the order within a layer by the mean of the neighbours. Pure Python in a
few steps: graphviz is a system package, the layouts of networkx want numpy, and a tree of documents has
tens of boxes, not thousands. The same picture gives the same places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from controller.output.graph import Picture

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
