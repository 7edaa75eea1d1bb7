"""Vertical coordinates of a layered stack: each position as near as possible to those that it is linked with."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from controller.output.layout.layers import Layers, Position

_SWEEPS = 10
_BEND = 4.0  # the weight of a bend against that of a unit: long links are straight


def heights(of: Layers, tall: Mapping[Position, float], gap: float) -> dict[Position, float]:
    """The vertical centre of every position, from 0 at the top edge of the highest.

    Args:
        of: the layers with their order, which is kept.
        tall: the height of every position; that of a bend is small.
        gap: the minimum distance between two positions of a layer.

    """
    distances = [[(tall[one] + tall[other]) / 2 + gap for one, other in pairwise(row)] for row in of.rows]
    left: dict[Position, list[Position]] = {}
    right: dict[Position, list[Position]] = {}
    for route in of.routes:
        for one, other in pairwise(route):
            right.setdefault(one, []).append(other)
            left.setdefault(other, []).append(one)
    middle = {
        position: at
        for row, gaps in zip(of.rows, distances, strict=True)
        for position, at in _stack_downwards(row, gaps)
    }
    count = len(of.rows)
    for sweep in range(_SWEEPS):
        whole = sweep >= _SWEEPS - 2
        forward = sweep % 2 == 0
        sides = (left, right) if whole else (left,) if forward else (right,)
        for number in range(count) if forward else range(count - 1, -1, -1):
            _move_to_nodes_linked_to(of.rows[number], distances[number], sides, middle)
    top = min((middle[position] - tall[position] / 2 for position in middle), default=0.0)
    return {position: at - top for position, at in middle.items()}


def _stack_downwards(row: Sequence[Position], gaps: Sequence[float]) -> list[tuple[Position, float]]:
    places, at = [], 0.0
    for position, gap in zip(row, (0.0, *gaps), strict=False):
        at += gap
        places.append((position, at))
    return places


def _move_to_nodes_linked_to(
    row: Sequence[Position],
    gaps: Sequence[float],
    sides: Sequence[Mapping[Position, Sequence[Position]]],
    middle: dict[Position, float],
) -> None:
    """Move the positions of a layer to the mean of their neighbours, as far as order and distances allow."""
    targets, weights = [], []
    for position in row:
        near = [middle[other] for side in sides for other in side.get(position, ())]
        targets.append(sum(near) / len(near) if near else middle[position])
        weights.append((_BEND if position[0].startswith("\0") else 1.0) * len(near) if near else 0.01)
    offsets = [at for _, at in _stack_downwards(row, gaps)]
    for position, at, offset in zip(
        row,
        _isotonic([each - offset for each, offset in zip(targets, offsets, strict=True)], weights),
        offsets,
        strict=True,
    ):
        middle[position] = at + offset


def _isotonic(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising sequence with the least sum of weighted squares (pool adjacent violators, Ayer and others 1955)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        pool = (value, weight, 1)
        while pools and pools[-1][0] >= pool[0]:
            mean, heavy, count = pools.pop()
            both = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / both, both, count + pool[2])
        pools.append(pool)
    return [mean for mean, _, count in pools for _ in range(count)]
