"""Layers of a stack: the column of each unit, and the routes of links through the columns between.

The layered drawing of Sugiyama, Tagawa and Toda (1981): layers by the longest path, bends where a link passes a layer,
and an order within each layer with few crossings (the mean of the neighbours, Eades and Wormald 1994, and the exchange
of neighbours). Pure Python in a few steps: graphviz is a system package, and the layouts of networkx need numpy. The
same stack gives the same layers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from controller.output.layout.units import Stack

_SWEEPS = 8
_EXCHANGES = 4

Position = tuple[str, int]  # a key and a layer: the unit itself, or a bend of a link that passes the layer


@dataclass(frozen=True)
class Layers:
    """The layers, each from top to bottom, and for each link the positions on its route."""

    rows: tuple[tuple[Position, ...], ...]
    routes: tuple[tuple[Position, ...], ...]


def layers(of: Stack) -> Layers:
    """Find a layer and an order for every unit, and a route for every link."""
    depth = _depths(of)
    routes = tuple(_route(number, of, depth) for number in range(len(of.links)))
    rows: list[list[Position]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    placed: set[Position] = set()
    for position in _depth_first(of, depth, routes):
        if position not in placed:
            placed.add(position)
            rows[position[1]].append(position)
    return Layers(tuple(map(tuple, _reduce_crossings(rows, routes))), routes)


def _depths(of: Stack) -> dict[str, int]:
    """The layer of each unit: after its deepest dependency, and directly before its dependents if it has none."""
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
    """Find the depth of a unit and of all its dependencies; a cycle, which only an invalid tree has, is cut."""
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


def _route(number: int, of: Stack, depth: Mapping[str, int]) -> tuple[Position, ...]:
    link = of.links[number]
    first, last = depth[link.start], depth[link.end]
    bends = [(f"\0{number}", layer) for layer in range(first + 1, last)]
    return ((link.start, first), *bends, (link.end, last))


def _depth_first(
    of: Stack, depth: Mapping[str, int], routes: Sequence[Sequence[Position]]
) -> Iterable[Position]:
    """All positions, each close to those that it is linked with: depth first from the last layer to dependencies."""
    into: dict[Position, list[Position]] = {}
    for route in routes:
        for before, position in pairwise(route):
            into.setdefault(position, []).append(before)
    seen: set[Position] = set()
    for key in sorted((unit.key for unit in of.units), key=lambda each: (-depth[each], each)):
        open_positions = [(key, depth[key])]
        while open_positions:
            position = open_positions.pop()
            if position in seen:
                continue
            seen.add(position)
            yield position
            open_positions += reversed(into.get(position, ()))


def _reduce_crossings(
    rows: list[list[Position]], routes: Sequence[Sequence[Position]]
) -> list[list[Position]]:
    """Reorder layers by their neighbours, from the left and from the right in turn; the best order is kept."""
    left: dict[Position, list[Position]] = {}
    right: dict[Position, list[Position]] = {}
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


def _indexes_around(rows: list[list[Position]], number: int) -> dict[Position, int]:
    """The index in its layer of each position of the layers before and after one."""
    return {
        position: index
        for each in (number - 1, number + 1)
        if 0 <= each < len(rows)
        for index, position in enumerate(rows[each])
    }


def _sort(rows: list[list[Position]], number: int, beside: Mapping[Position, list[Position]]) -> None:
    row = rows[number]
    places = _indexes_around(rows, number)
    averages = {}
    for index, position in enumerate(row):
        near = [places[other] for other in beside.get(position, ()) if other in places]
        averages[position] = (sum(near) / len(near) if near else float(index), index)
    row.sort(key=averages.__getitem__)


def _exchange(
    rows: list[list[Position]],
    number: int,
    left: Mapping[Position, list[Position]],
    right: Mapping[Position, list[Position]],
) -> None:
    """Exchange neighbours while that reduces crossings."""
    row = rows[number]
    places = _indexes_around(rows, number)
    near = {
        position: [
            sorted(places[other] for other in side.get(position, ()) if other in places)
            for side in (left, right)
        ]
        for position in row
    }
    for _ in range(_EXCHANGES):
        changed = False
        for index in range(len(row) - 1):
            one, other = row[index], row[index + 1]
            now = sum(_count_crossings(own, its) for own, its in zip(near[one], near[other], strict=True))
            then = sum(_count_crossings(its, own) for own, its in zip(near[one], near[other], strict=True))
            if then < now:
                row[index], row[index + 1] = other, one
                changed = True
        if not changed:
            return


def _count_crossings(above: Sequence[int], below: Sequence[int]) -> int:
    """The number of crossings between the links of two positions, by the sorted indexes of their other ends."""
    return sum(bisect_left(below, index) for index in above)


def crossings(rows: Sequence[Sequence[Position]], right: Mapping[Position, Sequence[Position]]) -> int:
    """The number of crossings between adjacent layers."""
    total = 0
    for row, following in pairwise(rows):
        places = {position: index for index, position in enumerate(following)}
        ends: list[int] = []
        for position in row:
            own = sorted(places[other] for other in right.get(position, ()) if other in places)
            total += sum(len(ends) - bisect_left(ends, index + 1) for index in own)
            for index in own:
                insort(ends, index)
    return total
