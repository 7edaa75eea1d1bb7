"""Pixel coordinates of boxes, of frames of groups and stacks, and of links."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from controller.output.graph import Node, Picture
from controller.output.layout.coordinates import heights
from controller.output.layout.layers import Layers, Position, layers
from controller.output.layout.units import Stack, Unit, UnitLink, stacks

HEIGHT, PAD, CHAR, LONGEST = 44.0, 10.0, 7.2, 44
HEAD = 20.0  # of the heading of a group
_NARROW, _GAP_X, _GAP_Y, _GAP_GRID, _BEND = 80.0, 40.0, 12.0, 8.0, 6.0
_INSIDE, _BETWEEN = 12.0, 16.0  # within the frame of a stack, and between stacks
_SHEET = 1100.0  # the width of a page; a larger picture is longer and not wider
_ROWS = 6  # of a group before it gets another column
_PORT = 5.0


@dataclass(frozen=True)
class Box:
    """A rectangle: the left edge, the upper edge, width and height."""

    x: float
    y: float
    width: float
    height: float

    def moved(self, x: float, y: float) -> "Box":
        """The rectangle elsewhere."""
        return Box(self.x + x, self.y + y, self.width, self.height)


@dataclass(frozen=True)
class PlacedResource:
    """A resource and its rectangle; ``reference``: it is drawn elsewhere as well."""

    id: str
    box: Box
    reference: bool = False


@dataclass(frozen=True)
class GroupFrame:
    """The frame of a group, and how many resources are in it; 0 for the frame of a stack."""

    box: Box
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkPath:
    """The path of a link: points in pairs, from right edge to left edge."""

    link: UnitLink
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Positions:
    """The layout of a whole drawing."""

    boxes: tuple[PlacedResource, ...]
    frames: tuple[GroupFrame, ...]
    ways: tuple[LinkPath, ...]
    width: float
    height: float


def positions_of(of: Picture) -> Positions:
    """Lay out a picture: each stack by itself, and the stacks beside and below each other."""
    nodes = {node.id: node for node in of.nodes}
    drawn = [_stack(stack, nodes) for stack in stacks(of)]
    widest = max((each.width for each in drawn), default=0.0)
    corners = pack_rectangles([(each.width, each.height) for each in drawn], max(_SHEET, widest), _BETWEEN)
    moved = [_move(each, *corner) for each, corner in zip(drawn, corners, strict=True)]
    return Positions(
        tuple(box for each in moved for box in each.boxes),
        tuple(frame for each in moved for frame in each.frames),
        tuple(way for each in moved for way in each.ways),
        max((x + each.width for each, (x, _) in zip(drawn, corners, strict=True)), default=0.0),
        max((y + each.height for each, (_, y) in zip(drawn, corners, strict=True)), default=0.0),
    )


def _move(of: Positions, x: float, y: float) -> Positions:
    return Positions(
        tuple(PlacedResource(each.id, each.box.moved(x, y), each.reference) for each in of.boxes),
        tuple(GroupFrame(each.box.moved(x, y), each.members) for each in of.frames),
        tuple(LinkPath(way.link, tuple((at + x, down + y) for at, down in way.points)) for way in of.ways),
        of.width,
        of.height,
    )


def shorten(text: str) -> str:
    """The text as a box shows it."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def box_width(node: Node) -> float:
    """The width of a resource's box."""
    return max(_NARROW, max(len(shorten(line)) for line in node.lines) * CHAR + 2 * PAD)


@dataclass(frozen=True)
class _Grid:
    """The boxes of a unit in columns of equal width; a single box has no frame."""

    unit: Unit
    columns: int
    width: float

    @property
    def box(self) -> Box:
        count = len(self.unit.members)
        if count == 1:
            return Box(0, 0, self.width, HEIGHT)
        rows = ceil(count / self.columns)
        wide = self.columns * (self.width + _GAP_GRID) + _GAP_GRID
        return Box(0, 0, wide, HEAD + rows * (HEIGHT + _GAP_GRID) + _GAP_GRID / 2)

    def boxes(self) -> Iterator[PlacedResource]:
        """The boxes, row by row, from the upper left corner of the unit."""
        for number, each in enumerate(self.unit.members):
            if len(self.unit.members) == 1:
                yield PlacedResource(each, self.box, self.unit.reference)
                continue
            x = _GAP_GRID + number % self.columns * (self.width + _GAP_GRID)
            y = HEAD + number // self.columns * (HEIGHT + _GAP_GRID)
            yield PlacedResource(each, Box(x, y, self.width, HEIGHT), self.unit.reference)


def _grid(unit: Unit, nodes: Mapping[str, Node], *, linked: bool) -> _Grid:
    width = max(box_width(nodes[each]) for each in unit.members)
    room = max(int((_SHEET - 2 * _INSIDE) // (width + _GAP_GRID)), 1)
    columns = min(ceil(len(unit.members) / _ROWS), 2 if linked else room)
    return _Grid(unit, max(columns, 1), width)


def _stack(of: Stack, nodes: Mapping[str, Node]) -> Positions:
    grids = {unit.key: _grid(unit, nodes, linked=bool(of.links)) for unit in of.units}
    order = layers(of)
    tall = {
        position: grids[position[0]].box.height if position[0] in grids else _BEND
        for row in order.rows
        for position in row
    }
    middle = heights(order, tall, _GAP_Y)
    inside = _INSIDE if len(of.units) > 1 else 0.0
    widths = [
        max((grids[key].box.width for key, _ in row if key in grids), default=0.0) for row in order.rows
    ]
    left = [inside + sum(widths[:number]) + _GAP_X * number for number in range(len(widths))]
    positions = {
        position: Box(
            left[position[1]],
            inside + at - tall[position] / 2,
            grids[position[0]].box.width if position[0] in grids else widths[position[1]],
            tall[position],
        )
        for position, at in middle.items()
    }
    whole = Box(
        0, 0, left[-1] + widths[-1] + inside, max(box.y + box.height for box in positions.values()) + inside
    )
    units = [(grids[position[0]], positions[position]) for position in positions if position[0] in grids]
    frames = [GroupFrame(box, grid.unit.members) for grid, box in units if len(grid.unit.members) > 1]
    return Positions(
        tuple(placed for grid, at in units for placed in _boxes_in(grid, at)),
        ((GroupFrame(whole), *frames) if inside else tuple(frames)),
        tuple(_link_paths(of.links, order, positions)),
        whole.width,
        whole.height,
    )


def _boxes_in(grid: _Grid, at: Box) -> Iterator[PlacedResource]:
    return (PlacedResource(each.id, each.box.moved(at.x, at.y), each.reference) for each in grid.boxes())


def _link_paths(
    links: Sequence[UnitLink], order: Layers, positions: Mapping[Position, Box]
) -> Iterator[LinkPath]:
    """The paths of links; those of one box are below each other at its edge, in the order of their other ends."""
    leaving: dict[Position, list[tuple[float, int]]] = {}
    reaching: dict[Position, list[tuple[float, int]]] = {}
    for number, route in enumerate(order.routes):
        leaving.setdefault(route[0], []).append((_centre_y(positions[route[1]]), number))
        reaching.setdefault(route[-1], []).append((_centre_y(positions[route[-2]]), number))
    starts = {
        number: at for position, ends in leaving.items() for number, at in _ports(positions[position], ends)
    }
    arrives = {
        number: at for position, ends in reaching.items() for number, at in _ports(positions[position], ends)
    }
    for number, (link, route) in enumerate(zip(links, order.routes, strict=True)):
        first, last = positions[route[0]], positions[route[-1]]
        points = [(first.x + first.width, starts[number])]
        for position in route[1:-1]:
            box = positions[position]
            points += [(box.x, _centre_y(box)), (box.x + box.width, _centre_y(box))]
        yield LinkPath(link, (*points, (last.x, arrives[number])))


def _centre_y(box: Box) -> float:
    return box.y + box.height / 2


def _ports(box: Box, ends: Sequence[tuple[float, int]]) -> Iterator[tuple[int, float]]:
    step = min(_PORT, (box.height - 16) / max(len(ends) - 1, 1))
    first = _centre_y(box) - step * (len(ends) - 1) / 2
    return ((number, first + step * index) for index, (_, number) in enumerate(sorted(ends)))


def pack_rectangles(
    sizes: Sequence[tuple[float, float]], width: float, gap: float
) -> list[tuple[float, float]]:
    """The upper left corner of each rectangle, placed as high as possible, and then as far left.

    Args:
        sizes: widths and heights, in the order in which they are placed; one wider than the sheet stands at its left.
        width: of the sheet.
        gap: between rectangles.

    """
    occupied: list[tuple[float, float]] = [(0.0, 0.0)]  # from where on, and how far down the sheet is taken
    places = []
    for wide, high in sizes:
        y, x = min(
            (max(down for start, down in _overlapping_spans(occupied, left, left + wide)), left)
            for left, _ in occupied
            if left + wide <= width or left == 0
        )
        places.append((x, y))
        occupied = _with_covered(occupied, x, x + wide + gap, y + high + gap)
    return places


def _overlapping_spans(
    occupied: Sequence[tuple[float, float]], left: float, right: float
) -> list[tuple[float, float]]:
    ends = [*(start for start, _ in occupied[1:]), float("inf")]
    return [piece for piece, end in zip(occupied, ends, strict=True) if piece[0] < right and end > left]


def _with_covered(
    occupied: Sequence[tuple[float, float]], left: float, right: float, down: float
) -> list[tuple[float, float]]:
    before = [piece for piece in occupied if piece[0] < left]
    last = [piece for piece in occupied if piece[0] <= right]
    after = [piece for piece in occupied if piece[0] > right]
    return [*before, (left, down), (right, last[-1][1]), *after]
