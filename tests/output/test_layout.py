"""The positions of boxes in a graph: laws over plans of many sizes, and measures of legibility."""

import random
import time
from collections import Counter
from dataclasses import replace
from itertools import combinations, pairwise

import pytest

from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.plan import DependencyForm, Edge, Plan
from controller.output.graph import Arrow, ArrowForm, Node, Picture, picture
from controller.output.layout.coordinates import heights
from controller.output.layout.layers import Position, crossings, layers
from controller.output.layout.places import Box, LinkPath, Positions, pack_rectangles, positions_of
from controller.output.layout.units import Stack, Unit, UnitLink, stacks
from controller.output.svg import svg
from tests.output import plans
from tests.output.large_plans import large_plan

SIZES = (20, 100, 500)


def random_plan(seed: int, count: int = 60) -> Plan:
    """A plan of random documents and links, without loops."""
    chance = random.Random(seed)
    ids = [f"{chance.choice(('Model', 'Endpoint', 'Pipeline'))}/n{number}" for number in range(count)]
    bases = (plans.CREATE, plans.UPDATE, plans.NOOP)
    steps = [replace(chance.choice(bases), id=each, ref=Ref.parse(each)) for each in ids]
    ends = {tuple(sorted(chance.sample(range(count), 2))) for _ in range(chance.randrange(count * 2))}
    edges = tuple(
        Edge(ids[user], ids[need], chance.choice(list(DependencyForm))) for need, user in sorted(ends)
    )
    return replace(plans.plan(*steps), edges=edges)


def plan_with_shared_image() -> Plan:
    """A plan in which one image is needed by ten pipelines that need nothing else, and by thirty that need more."""
    alike = [f"Pipeline/alike-{number}" for number in range(10)]
    others = [f"Pipeline/own-{number}" for number in range(30)]
    groups = [each.replace("Pipeline", "ModelPackageGroup") for each in others]
    ids = ["Image/all", *alike, *others, *groups]
    edges = [Edge(each, "Image/all", DependencyForm.ARN) for each in (*alike, *others)]
    edges += [Edge(user, need, DependencyForm.NAME) for user, need in zip(others, groups, strict=True)]
    steps = [replace(plans.CREATE, id=each, ref=Ref.parse(each)) for each in ids]
    return replace(plans.plan(*steps), edges=tuple(edges))


PICTURES = [
    picture(large_plan(size, changed=every), everything=whole)
    for size in SIZES
    for every, whole in ((1, True), (10, False), (10, True))
]
PICTURES += [picture(random_plan(seed), everything=True) for seed in range(20)]
PICTURES += [picture(plan, everything=True) for plan in (plans.EVERYTHING, plan_with_shared_image())]
PICTURES += [Picture((), ())]


def do_overlap(one: Box, other: Box) -> bool:
    """Whether two boxes overlap."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def is_inside(one: Box, other: Box) -> bool:
    """Whether the first box is within the second."""
    return (
        other.x <= one.x
        and one.x + one.width <= other.x + other.width
        and other.y <= one.y
        and one.y + one.height <= other.y + other.height
    )


@pytest.mark.parametrize("of", PICTURES, ids=lambda of: f"{len(of.nodes)} boxes")
def test_no_box_covers_another(of: Picture) -> None:
    """Boxes do not overlap, and stay within the drawing; a frame contains a box completely or not at all."""
    where = positions_of(of)
    sheet = Box(0, 0, where.width + 0.01, where.height + 0.01)
    for one, other in combinations(where.boxes, 2):
        assert not do_overlap(one.box, other.box), (one.id, other.id)
    for frame in where.frames:
        for placed in where.boxes:
            assert is_inside(placed.box, frame.box) or not do_overlap(placed.box, frame.box), placed.id
    for box in (*(each.box for each in where.boxes), *(each.box for each in where.frames)):
        assert is_inside(box, sheet)


@pytest.mark.parametrize("of", PICTURES, ids=lambda of: f"{len(of.nodes)} boxes")
def test_everything_is_drawn_once(of: Picture) -> None:
    """Each resource has one box besides references, and each arrow is part of one link."""
    where = positions_of(of)
    assert Counter(placed.id for placed in where.boxes if not placed.reference) == Counter(
        node.id for node in of.nodes
    )
    assert Counter(arrow for way in where.ways for arrow in way.link.arrows) == Counter(of.arrows)


@pytest.mark.parametrize("of", PICTURES, ids=lambda of: f"{len(of.nodes)} boxes")
def test_a_way_leads_from_what_is_needed_to_its_user(of: Picture) -> None:
    """A link begins at the right edge of a dependency's box, goes only right, and ends at its dependent's left."""
    where = positions_of(of)
    boxes: dict[str, list[Box]] = {}
    for placed in where.boxes:
        boxes.setdefault(placed.id, []).append(placed.box)
    for frame in where.frames:
        for member in frame.members:
            boxes[member].append(frame.box)
    for way in where.ways:
        across = [x for x, _ in way.points]
        assert across == sorted(across)
        (first_x, first_y), (last_x, last_y) = way.points[0], way.points[-1]
        for arrow in way.link.arrows:
            assert any(
                box.x + box.width == pytest.approx(first_x) and box.y <= first_y <= box.y + box.height
                for box in boxes[arrow.start]
            )
            assert any(
                box.x == pytest.approx(last_x) and box.y <= last_y <= box.y + box.height
                for box in boxes[arrow.end]
            )


def count_crossings(one: LinkPath, other: LinkPath) -> int:
    """How often two ways cross between neighbouring columns."""
    count = 0
    for (x, y), (to_x, to_y) in pairwise(one.points):
        for (at, down), (to_at, to_down) in pairwise(other.points):
            if x == at and to_x == to_at and (y - down) * (to_y - to_down) < 0:
                count += 1
    return count


def vertical_length(way: LinkPath) -> float:
    """How far a way leads up and down."""
    return sum(abs(y - to_y) for (_, y), (_, to_y) in pairwise(way.points))


def measure_layout(where: Positions) -> tuple[int, float, float]:
    """Crossings, and the mean and the greatest height that a way climbs, in pixels."""
    climbs = [vertical_length(way) for way in where.ways]
    return (
        sum(count_crossings(*pair) for pair in combinations(where.ways, 2)),
        sum(climbs) / len(climbs),
        max(climbs),
    )


@pytest.mark.parametrize("every", [1, 10])
@pytest.mark.parametrize("size", SIZES)
def test_a_large_picture_is_as_legible_as_a_small_one(size: int, every: int) -> None:
    """However many teams share a domain and an image, few links cross, none is long, and the page is narrow."""
    where = positions_of(picture(large_plan(size, changed=every), everything=True))
    crossings, mean, longest = measure_layout(where)
    assert crossings <= size / 50
    assert mean < 40
    assert longest < 700
    assert where.width <= 1150
    assert where.height <= 26 * size + 300


@pytest.mark.parametrize("size", SIZES)
def test_what_does_nothing_is_folded(size: int) -> None:
    """If a tenth of the resources changes, at most half of all are drawn, every changed one among them."""
    plan = large_plan(size)
    part = picture(plan, everything=False)
    changed = {step.id for step in plan.steps if step.action is not Action.NOOP}
    assert changed <= {node.id for node in part.nodes}
    assert len(part.nodes) <= size / 2 + 2
    assert len(part.nodes) + part.left == size


def test_changes_come_first() -> None:
    """Stacks with a change are above those without."""
    of = picture(large_plan(500, changed=40), everything=True)
    actions = {node.id: node.action for node in of.nodes}
    quiet = [
        all(
            actions[each] is Action.NOOP
            for unit in stack.units
            if not unit.reference
            for each in unit.members
        )
        for stack in stacks(of)
    ]
    assert quiet == sorted(quiet)
    assert len(set(quiet)) == 2


def test_a_shared_resource_is_drawn_in_each_stack() -> None:
    """What many stacks need is referred to in each; a stack of up to sixteen boxes is drawn whole."""
    few = stacks(picture(large_plan(20, changed=1), everything=True))
    assert not any(unit.reference for stack in few for unit in stack.units)
    many = stacks(picture(large_plan(200, changed=1), everything=True))
    references = [unit.members for stack in many for unit in stack.units if unit.reference]
    assert set(references) == {("Domain/studio",), ("Image/training",)}
    assert max(len(stack.units) for stack in many) <= 16


def test_time_grows_with_the_number_of_boxes() -> None:
    """Eight times the resources take less than twenty times the processor time, and the page grows in proportion."""
    taken, sizes = [], []
    for size in (200, 1600):
        of = picture(large_plan(size, changed=1), everything=True)
        times = []
        for _ in range(2):
            begin = time.process_time()
            text = svg(of)
            times.append(time.process_time() - begin)
        taken.append(min(times))
        sizes.append(len(text))
    assert taken[1] < 20 * taken[0]
    assert sizes[1] < 9 * sizes[0]
    assert sizes[0] < 200 * 1500


def test_a_long_chain_is_laid_out() -> None:
    """Two thousand documents in a row, more than Python's own depth, have a layer each, in one line."""
    nodes = tuple(Node(f"Model/m{number:04}", Action.CREATE) for number in range(2000))
    arrows = tuple(Arrow(one.id, other.id, ArrowForm.NAME) for one, other in pairwise(reversed(nodes)))
    where = positions_of(Picture(nodes, arrows))
    assert len({placed.box.x for placed in where.boxes}) == len(nodes)
    assert len({placed.box.y for placed in where.boxes}) == 1


def test_the_same_picture_has_the_same_places() -> None:
    """The order of nodes and arrows in a plan does not move a box."""
    plan = large_plan(100)
    turned = replace(plan, steps=plan.steps[::-1], edges=plan.edges[::-1])
    assert svg(picture(plan, everything=True)) == svg(picture(turned, everything=True))


def stack_of(*ends: str) -> Stack:
    """A stack of units named by single letters, linked as in ``ab``: b needs a."""
    units = tuple(Unit(key, (key,)) for key in sorted(set("".join(ends))))
    return Stack(units, tuple(UnitLink(end[0], end[1], ArrowForm.NAME, ()) for end in ends))


def test_links_that_need_not_cross_do_not() -> None:
    """Two chains that are named crosswise are laid out without a crossing."""
    made = layers(stack_of("ad", "bc", "df", "ce"))
    names = [[key for key, _ in row] for row in made.rows]
    assert [names[0].index("a"), names[1].index("d"), names[2].index("f")] in ([0, 0, 0], [1, 1, 1])


def test_the_order_within_layers_crosses_few_links() -> None:
    """In random plans the order of the layers crosses less than a third of the links that an order by names does."""
    found = [0, 0]
    for seed in range(8):
        for each in stacks(picture(random_plan(seed), everything=True)):
            made, right = layers(each), dict[Position, list[Position]]()
            for one, other in (pair for route in made.routes for pair in pairwise(route)):
                right.setdefault(one, []).append(other)
            for index, rows in enumerate((made.rows, [sorted(row) for row in made.rows])):
                found[index] += crossings(rows, right)
    assert found[1] > 1000
    assert found[0] < found[1] / 3


def test_what_needs_nothing_stands_beside_its_user() -> None:
    """A unit without needs is in the layer before the first that needs it, however deep that is."""
    rows = layers(stack_of("ab", "bc", "cd", "xd")).rows
    assert [sorted(key for key, _ in row if not key.startswith("\0")) for row in rows] == [
        ["a"],
        ["b"],
        ["c", "x"],
        ["d"],
    ]


@pytest.mark.parametrize("ends", [("ab", "ba"), ("ab", "bc", "ca"), ("aa",)])
def test_a_loop_is_laid_out(ends: tuple[str, ...]) -> None:
    """With a cycle of links, which only an invalid tree has, each resource still has a box."""
    made = layers(stack_of(*ends))
    assert sum(len(row) for row in made.rows) == len(set("".join(ends)))


@pytest.mark.parametrize("seed", range(10))
def test_heights_keep_order_and_distance(seed: int) -> None:
    """Spots of a layer keep their order and the gap, whatever they are linked with."""
    for each in stacks(picture(random_plan(seed), everything=True)):
        made = layers(each)
        tall = {position: 10.0 + len(position[0]) for row in made.rows for position in row}
        middle = heights(made, tall, 7.0)
        for row in made.rows:
            for one, other in pairwise(row):
                least = (tall[one] + tall[other]) / 2 + 7.0
                assert middle[other] - middle[one] >= least - 1e-6
        assert min(middle[position] - tall[position] / 2 for position in middle) == pytest.approx(0)


@pytest.mark.parametrize("seed", range(10))
def test_packed_rectangles_stand_apart(seed: int) -> None:
    """Rectangles of any sizes do not overlap, and stay on the sheet where they fit it."""
    chance = random.Random(seed)
    sizes = [(chance.uniform(10, 420), chance.uniform(10, 200)) for _ in range(80)]
    corners = pack_rectangles(sizes, 400, 5)
    boxes = [Box(*corner, *size) for corner, size in zip(corners, sizes, strict=True)]
    assert not any(do_overlap(*pair) for pair in combinations(boxes, 2))
    assert all(box.x + box.width <= 400 or box.x == 0 for box in boxes)
    area = sum(wide * high for wide, high in sizes)
    assert max(box.y + box.height for box in boxes) < 2 * area / 400
