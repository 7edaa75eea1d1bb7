"""The graph of a plan as a self-contained SVG: no script, no external font or style."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from types import MappingProxyType

from controller.core.phase import Action
from controller.output.action_words import LEGEND
from controller.output.graph import COLOURS, Arrow, ArrowForm, Picture
from controller.output.layout.places import (
    CHAR,
    HEIGHT,
    PAD,
    Box,
    GroupFrame,
    LinkPath,
    PlacedResource,
    Positions,
    positions_of,
    shorten,
)
from controller.output.terminal import escape_unprintable

_NAMED = 5
_MARGIN, _LEAST = 16.0, 640.0
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
_MEANINGS: Mapping[ArrowForm, str] = MappingProxyType(
    {
        ArrowForm.NAME: "refers by name",
        ArrowForm.ARN: "refers by ARN",
        ArrowForm.ID: "refers by id",
        ArrowForm.OUTPUT: "uses an output",
        ArrowForm.IMPLIED: "comes after",
        ArrowForm.OLD: "old generation",
    }
)
_DASHED = ' stroke-dasharray="4 3"'
_TIP = (
    '<defs><marker id="{mark}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
    'markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0 0 8 4 0 8z" fill="#57606a"/></marker></defs>'
)
_NO_LINKS: Mapping[str, str] = MappingProxyType({})
_FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace"


def svg(of: Picture, links: Mapping[str, str] = _NO_LINKS, mark: str = "tip") -> str:
    """The picture with its legend; arrows lead from dependencies to dependents.

    Args:
        of: the picture.
        links: the link targets of boxes in the surrounding page, by their ids.
        mark: the id of the arrow marker, unique in a page.

    """
    return "\n".join(_Drawing(of, positions_of(of), links, mark).lines()) + "\n"


class _Drawing:
    """The lines of the file."""

    def __init__(self, of: Picture, where: Positions, links: Mapping[str, str], mark: str) -> None:
        self.of, self.where, self.links, self.mark = of, where, links, mark
        self.nodes = {node.id: node for node in of.nodes}
        self.numbers = {node.id: number for number, node in enumerate(of.nodes)}
        self.needs: dict[str, list[str]] = {}
        for arrow in of.arrows:
            self.needs.setdefault(arrow.end, []).append(arrow.start)
        self.top = 0.0

    def lines(self) -> Iterator[str]:
        """The file."""
        width = max(self.where.width + 2 * _MARGIN, _LEAST)
        repeated = any(placed.reference for placed in self.where.boxes)
        keys, self.top = _legend(self.of, width - 2 * _MARGIN, repeated=repeated)
        height = self.top + max(self.where.height, HEIGHT) + _MARGIN
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" font-family="{_FONT}" font-size="12">'
        )
        yield f"<title>{len(self.of.nodes)} resources and their dependencies</title>"
        yield _TIP.format(mark=self.mark)
        yield '<rect class="paper" width="100%" height="100%" fill="#ffffff"/>'
        yield from keys
        yield from map(self._frame, self.where.frames)
        yield from map(self._link_path, self.where.ways)
        yield from map(self._box, self.where.boxes)
        yield "</svg>"

    def _frame(self, frame: GroupFrame) -> str:
        line = '<rect class="{name}" {place} rx="{round}" fill="none" stroke="#d0d7de"/>'
        if not frame.members:
            return line.format(name="stack", place=_rectangle(self._on_canvas(frame.box)), round=10)
        node = self.nodes[frame.members[0]]
        x, y = frame.box.x + _MARGIN + 8, frame.box.y + self.top + 14
        head = f"{node.sign} {len(frame.members)} {node.kind}".strip()
        return line.format(name="group", place=_rectangle(self._on_canvas(frame.box)), round=6) + (
            f'<text class="soft" x="{x:.0f}" y="{y:.0f}" fill="#57606a">{escape(head)}</text>'
        )

    def _link_path(self, way: LinkPath) -> str:
        points = [(x + _MARGIN, y + self.top) for x, y in way.points]
        path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
        for (x, y), (to_x, to_y) in pairwise(points):
            middle = (x + to_x) / 2
            curve = f" C{middle:.0f} {y:.0f} {middle:.0f} {to_y:.0f} {to_x:.0f} {to_y:.0f}"
            path += f" H{to_x:.0f}" if y == to_y else curve
        message = "\n".join(map(_arrow_text, way.link.arrows))
        ends = sorted({self.numbers[end] for arrow in way.link.arrows for end in (arrow.start, arrow.end)})
        return (
            f'<path class="way" data-ends="{" ".join(map(str, ends))}" d="{path}" fill="none" stroke="#57606a"'
            f'{_LINES[way.link.form]} marker-end="url(#{self.mark})"><title>{escape(message)}</title></path>'
        )

    def _box(self, placed: PlacedResource) -> str:
        node, box = self.nodes[placed.id], self._on_canvas(placed.box)
        fill, line = COLOURS[node.action]
        kind, name = (escape(shorten(text)) for text in node.lines)
        message = escape(self._message(placed))
        dash = _DASHED if placed.reference else ""
        drawn = (
            f'<g class="{"reference" if placed.reference else "node"} {node.action.name.lower()}">'
            f"<title>{message}</title>"
            f'<rect class="box" {_rectangle(box)} rx="6" fill="{fill}" stroke="{line}" stroke-width="1.5"{dash}/>'
            f'<text class="kind" x="{box.x + PAD:.0f}" y="{box.y + 18:.0f}" fill="{line}">{kind}</text>'
            f'<text class="ink" x="{box.x + PAD:.0f}" y="{box.y + 35:.0f}" fill="#1f2328">{name}</text></g>'
        )
        link = self.links.get(node.id)
        if not link:
            return drawn
        number = self.numbers[node.id]
        return f'<a href="#{escape(link)}" data-end="{number}" aria-label="{message}">{drawn}</a>'

    def _message(self, placed: PlacedResource) -> str:
        """The title of a box, for pointers and screen readers."""
        node = self.nodes[placed.id]
        needs = [escape_unprintable(each) for each in self.needs.get(node.id, ())]
        more = [f"{len(needs) - _NAMED} more"] if len(needs) > _NAMED else []
        after = f"; needs {', '.join([*needs[:_NAMED], *more])}" if needs and not placed.reference else ""
        again = " (drawn elsewhere as well)" if placed.reference else ""
        return f"{' '.join(node.lines)}: {LEGEND.get(node.action, 'stays')}{again}{after}"

    def _on_canvas(self, box: Box) -> Box:
        return box.moved(_MARGIN, self.top)


def _rectangle(at: Box) -> str:
    return f'x="{at.x:.0f}" y="{at.y:.0f}" width="{at.width:.0f}" height="{at.height:.0f}"'


def _legend(of: Picture, width: float, *, repeated: bool) -> tuple[list[str], float]:
    """The legend of actions and links, and the height at which the drawing begins below."""
    signs = [
        (_swatch(action), f"{action.value.strip()} {label}".strip()) for action, label in of.actions.items()
    ]
    if repeated:
        signs.append((_swatch(Action.NOOP, _DASHED), "drawn elsewhere as well"))
    lines = [
        (
            f'<path class="way" d="M{{x:.0f}} {{middle:.0f}} h26" stroke="#57606a"{_LINES[form]}/>',
            _MEANINGS[form],
        )
        for form in of.forms
    ]
    drawn, x, y = [], _MARGIN, 12.0
    for kind in (signs, lines):
        for mark, text in kind:
            wide = 34 + len(text) * CHAR + 18
            if x > _MARGIN and x + wide > _MARGIN + width:
                x, y = _MARGIN, y + 22
            drawn.append(mark.format(x=x, y=y, middle=y + 7))
            drawn.append(
                f'<text class="ink" x="{x + 34:.0f}" y="{y + 11:.0f}" fill="#1f2328">{escape(text)}</text>'
            )
            x += wide
        x, y = (_MARGIN, y + 22) if kind else (x, y)
    return drawn, y + 8


def _swatch(action: Action, dash: str = "") -> str:
    fill, line = COLOURS[action]
    corner = 'x="{x:.0f}" y="{y:.0f}" width="26" height="14" rx="3"'
    return f'<rect class="box {action.name.lower()}" {corner} fill="{fill}" stroke="{line}"{dash}/>'


def _arrow_text(arrow: Arrow) -> str:
    if arrow.form is ArrowForm.OLD:
        return f"{escape_unprintable(arrow.start)} is an old generation of {escape_unprintable(arrow.end)}"
    return f"{escape_unprintable(arrow.end)} needs {escape_unprintable(arrow.start)} ({arrow.form.value})"
