"""A plan as a picture to be drawn: its resources with what becomes of them, and who needs whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from controller.core.phase import Action
from controller.engine.plan import Bond, Plan, Step
from controller.output.action_words import LEGEND, is_shown
from controller.output.terminal import clean, sign_of


class Form(Enum):
    """The form of an arrow: by which kind of link, or that one is an old generation of the other."""

    NAME = "name"
    ARN = "ARN"
    ID = "id"
    OUTPUT = "output"
    IMPLIED = "implied"
    OLD = "old generation"


_FORMS: Mapping[Bond, Form] = MappingProxyType({bond: Form[bond.name] for bond in Bond})
_QUIET = ("#f6f8fa", "#6e7781")
# fill and line: each line has a contrast of at least 3:1 on its fill and on white (WCAG 2.1, 1.4.11)
COLOURS: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        Action.NOOP: _QUIET,
        Action.CREATE: ("#dafbe1", "#1a7f37"),
        Action.UPDATE: ("#fff8c5", "#9a6700"),
        Action.SUCCEED: ("#d1f5ea", "#0e7569"),
        Action.REPLACE: ("#ffe2cc", "#bc4c00"),
        Action.DELETE: ("#ffebe9", "#cf222e"),
        Action.STOP: ("#ffebe9", "#cf222e"),
        Action.ADOPT: ("#ddf4ff", "#0969da"),
        Action.FORGET: ("#eaeef2", "#57606a"),
        Action.WAIT: ("#eaeef2", "#57606a"),
        Action.BLOCKED: ("#fbefff", "#8250df"),
    }
)
# the same on a dark screen (#0d1117 and these fills)
DARK: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        Action.NOOP: ("#161b22", "#8b949e"),
        Action.CREATE: ("#12261e", "#3fb950"),
        Action.UPDATE: ("#272115", "#d29922"),
        Action.SUCCEED: ("#0f2a26", "#2dd4bf"),
        Action.REPLACE: ("#2d1d12", "#f0883e"),
        Action.DELETE: ("#2d1517", "#f85149"),
        Action.STOP: ("#2d1517", "#f85149"),
        Action.ADOPT: ("#121d2f", "#58a6ff"),
        Action.FORGET: ("#1c2128", "#8b949e"),
        Action.WAIT: ("#1c2128", "#8b949e"),
        Action.BLOCKED: ("#211830", "#a371f7"),
    }
)


@dataclass(frozen=True)
class Node:
    """A resource: its id in the plan, and what becomes of it."""

    id: str
    action: Action

    @property
    def sign(self) -> str:
        """The sign of what becomes of it."""
        return sign_of(self.action)

    @property
    def kind(self) -> str:
        """The kind."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The name, with the AWS name of an old generation."""
        return clean(self.id.partition("/")[2])

    @property
    def lines(self) -> tuple[str, str]:
        """The kind with its sign, and the name."""
        return f"{self.sign} {self.kind}".strip(), self.name


@dataclass(frozen=True)
class Arrow:
    """From what is needed to what needs it, by their ids."""

    start: str
    end: str
    form: Form


@dataclass(frozen=True)
class Picture:
    """What is drawn, and how many resources are left out because nothing happens to them or near them."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    left: int = 0

    @property
    def actions(self) -> Mapping[Action, str]:
        """The actions in the picture, with their words."""
        there = {node.action for node in self.nodes}
        return {
            action: label for action, label in {**LEGEND, Action.NOOP: "stays"}.items() if action in there
        }

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of arrows in the picture."""
        there = {arrow.form for arrow in self.arrows}
        return tuple(form for form in Form if form in there)


def picture(plan: Plan, *, everything: bool) -> Picture:
    """What a plan looks like: all of it, or what changes with its neighbours.

    The plan must have gone through ``Redactor.plan`` before.
    """
    arrows = _arrows(plan)
    nodes = {step.id: Node(step.id, step.action) for step in plan.steps}
    for end in sorted({each for arrow in arrows for each in (arrow.start, arrow.end)} - set(nodes)):
        nodes[end] = Node(end, Action.NOOP)
    kept = set(nodes) if everything else _near(plan.steps, arrows)
    return Picture(
        tuple(nodes[each] for each in sorted(nodes) if each in kept),
        tuple(arrow for arrow in arrows if {arrow.start, arrow.end} <= kept),
        len(nodes) - len(kept),
    )


def _arrows(plan: Plan) -> tuple[Arrow, ...]:
    found = {Arrow(edge.need, edge.user, _FORMS[edge.by]) for edge in plan.edges}
    ids = {step.id for step in plan.steps} | {each for arrow in found for each in (arrow.start, arrow.end)}
    found |= {
        Arrow(step.id, str(step.ref), Form.OLD)
        for step in plan.steps
        if step.id != str(step.ref) and str(step.ref) in ids
    }
    return tuple(sorted(found, key=lambda arrow: (arrow.start, arrow.end, arrow.form.value)))


def _near(steps: Iterable[Step], arrows: Iterable[Arrow]) -> set[str]:
    """What changes, and what stands beside it."""
    changed = {step.id for step in steps if is_shown(step)}
    beside = {
        each
        for arrow in arrows
        if arrow.start in changed or arrow.end in changed
        for each in (arrow.start, arrow.end)
    }
    return changed | beside
