"""Layers of a stack: which unit stands in which column, and where its links pass columns between.

The layered drawing of Sugiyama, Tagawa and Toda (1981): layers by the longest path, bends where a link passes a layer,
and an order within each layer that crosses few links (the mean of the neighbours, Eades and Wormald 1994, and the
exchange of neighbours). Pure Python in a few steps: graphviz is a system package, and the layouts of networkx need
numpy. The same stack gives the same layers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from controller.output.layout.units import Stack

_SWEEPS = 8
_EXCHANGES = 4

Spot = tuple[str, int]  # a key and a layer: the unit itself, or a bend of a link that passes the layer


@dataclass(frozen=True)
class Layers:
    """The layers, each from top to bottom, and for each link the spots on its way."""

    rows: tuple[tuple[Spot, ...], ...]
    routes: tuple[tuple[Spot, ...], ...]


def layers(of: Stack) -> Layers:
    """Find a layer and an order for every unit, and a way for every link."""
    depth = _depths(of)
    routes = tuple(_route(number, of, depth) for number in range(len(of.links)))
    rows: list[list[Spot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    placed: set[Spot] = set()
    for spot in _walked(of, depth, routes):
        if spot not in placed:
            placed.add(spot)
            rows[spot[1]].append(spot)
    return Layers(tuple(map(tuple, _ordered(rows, routes))), routes)


def _depths(of: Stack) -> dict[str, int]:
    """The layer of each unit: after the deepest that it needs, and directly before its users if it needs nothing."""
    needs: dict[str, list[str]] = {unit.key: [] for unit in of.units}
    users: dict[str, list[str]] = {unit.key: [] for unit in of.units}
    for link in of.links:
        needs[link.end].append(link.start)
        users[link.start].append(link.end)
    depth: dict[str, int] = {}
    for unit in of.units:
        _descend(unit.key, needs, depth)
    for key in sorted(depth, key=lambda each: -depth[each]):
        later = [depth[user] for user in users[key] if depth[user] > depth[key]]
        if later and len(needs[key]) < len(later):
            depth[key] = min(later) - 1
    return depth


def _descend(start: str, needs: Mapping[str, Sequence[str]], depth: dict[str, int]) -> None:
    """Find the depth of a unit and of all below it; a loop, which only a wrong tree has, is cut where it closes."""
    way = [] if start in depth else [start]
    on_way = set(way)
    while way:
        each = way[-1]
        below = next((need for need in needs[each] if need not in depth and need not in on_way), None)
        if below is not None:
            way.append(below)
            on_way.add(below)
            continue
        depth[each] = max((depth[need] for need in needs[each] if need in depth), default=-1) + 1
        on_way.discard(way.pop())


def _route(number: int, of: Stack, depth: Mapping[str, int]) -> tuple[Spot, ...]:
    link = of.links[number]
    first, last = depth[link.start], depth[link.end]
    bends = [(f"\0{number}", layer) for layer in range(first + 1, last)]
    return ((link.start, first), *bends, (link.end, last))


def _walked(of: Stack, depth: Mapping[str, int], routes: Sequence[Sequence[Spot]]) -> Iterable[Spot]:
    """All spots, each close to those that it is linked with: depth first from the last layer to what is needed."""
    into: dict[Spot, list[Spot]] = {}
    for route in routes:
        for before, spot in pairwise(route):
            into.setdefault(spot, []).append(before)
    seen: set[Spot] = set()
    for key in sorted((unit.key for unit in of.units), key=lambda each: (-depth[each], each)):
        open_spots = [(key, depth[key])]
        while open_spots:
            spot = open_spots.pop()
            if spot in seen:
                continue
            seen.add(spot)
            yield spot
            open_spots += reversed(into.get(spot, ()))


def _ordered(rows: list[list[Spot]], routes: Sequence[Sequence[Spot]]) -> list[list[Spot]]:
    """Bring what is linked near each other, from the left and from the right in turn; the best order is kept."""
    left: dict[Spot, list[Spot]] = {}
    right: dict[Spot, list[Spot]] = {}
    for one, other in (pair for route in routes for pair in pairwise(route) if pair[0][1] < pair[1][1]):
        right.setdefault(one, []).append(other)
        left.setdefault(other, []).append(one)
    best, fewest = [list(row) for row in rows], crossings(rows, right)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        beside, numbers = (
            (left, range(1, len(rows))) if sweep % 2 == 0 else (right, range(len(rows) - 2, -1, -1))
        )
        for number in numbers:
            _sort(rows, number, beside)
            _exchange(rows, number, left, right)
        count = crossings(rows, right)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return best


def _beside(rows: list[list[Spot]], number: int) -> dict[Spot, int]:
    """The place in its layer of each box of the layers before and after one."""
    return {
        spot: index
        for each in (number - 1, number + 1)
        if 0 <= each < len(rows)
        for index, spot in enumerate(rows[each])
    }


def _sort(rows: list[list[Spot]], number: int, beside: Mapping[Spot, list[Spot]]) -> None:
    row = rows[number]
    places = _beside(rows, number)
    averages = {}
    for index, spot in enumerate(row):
        near = [places[other] for other in beside.get(spot, ()) if other in places]
        averages[spot] = (sum(near) / len(near) if near else float(index), index)
    row.sort(key=averages.__getitem__)


def _exchange(
    rows: list[list[Spot]], number: int, left: Mapping[Spot, list[Spot]], right: Mapping[Spot, list[Spot]]
) -> None:
    """Exchange neighbours while that crosses fewer links."""
    row = rows[number]
    places = _beside(rows, number)
    near = {
        spot: [
            sorted(places[other] for other in side.get(spot, ()) if other in places) for side in (left, right)
        ]
        for spot in row
    }
    for _ in range(_EXCHANGES):
        changed = False
        for index in range(len(row) - 1):
            one, other = row[index], row[index + 1]
            now = sum(_crossed(mine, its) for mine, its in zip(near[one], near[other], strict=True))
            then = sum(_crossed(its, mine) for mine, its in zip(near[one], near[other], strict=True))
            if then < now:
                row[index], row[index + 1] = other, one
                changed = True
        if not changed:
            return


def _crossed(above: Sequence[int], below: Sequence[int]) -> int:
    """How many links of two spots cross, the one above the other; both by sorted places of their other ends."""
    return sum(bisect_left(below, index) for index in above)


def crossings(rows: Sequence[Sequence[Spot]], right: Mapping[Spot, Sequence[Spot]]) -> int:
    """How many links cross between neighbouring layers."""
    total = 0
    for row, following in pairwise(rows):
        places = {spot: index for index, spot in enumerate(following)}
        ends: list[int] = []
        for spot in row:
            own = sorted(places[other] for other in right.get(spot, ()) if other in places)
            total += sum(len(ends) - bisect_left(ends, index + 1) for index in own)
            for index in own:
                insort(ends, index)
    return total
