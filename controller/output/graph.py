"""The graph of a plan as data, in the DOT language and in Mermaid's."""

import json
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import Enum
from types import MappingProxyType

from controller.core.phase import Action
from controller.engine.plan import DependencyForm, Plan
from controller.output.action_words import LEGEND, is_shown
from controller.output.terminal import escape_unprintable, sign_of


class ArrowForm(Enum):
    """The form of an arrow: the form of dependency, or an old generation."""

    NAME = "name"
    ARN = "ARN"
    ID = "id"
    OUTPUT = "output"
    IMPLIED = "implied"
    OLD = "old generation"


_FORMS: Mapping[DependencyForm, ArrowForm] = MappingProxyType(
    {form: ArrowForm[form.name] for form in DependencyForm}
)
FOLDED = 3  # this many resources with one kind, action and equal arrows are drawn as one
_QUIET = ("#f6f8fa", "#6e7781")
# fill and line: each line has a contrast of at least 3:1 on its fill and on white (WCAG 2.1, 1.4.11)
COLOURS: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        Action.NOOP: _QUIET,
        Action.CREATE: ("#dafbe1", "#1a7f37"),
        Action.UPDATE: ("#fff8c5", "#9a6700"),
        Action.CREATE_BEFORE_DELETE: ("#d1f5ea", "#0e7569"),
        Action.REPLACE: ("#ffe2cc", "#bc4c00"),
        Action.DELETE: ("#ffebe9", "#cf222e"),
        Action.STOP: ("#ffebe9", "#cf222e"),
        Action.ADOPT: ("#ddf4ff", "#0969da"),
        Action.FORGET: ("#eaeef2", "#57606a"),
        Action.WAIT: ("#eaeef2", "#57606a"),
        Action.BLOCKED: ("#fbefff", "#8250df"),
    }
)
# the colours on a dark screen (#0d1117 and these fills)
DARK: Mapping[Action, tuple[str, str]] = MappingProxyType(
    {
        Action.NOOP: ("#161b22", "#8b949e"),
        Action.CREATE: ("#12261e", "#3fb950"),
        Action.UPDATE: ("#272115", "#d29922"),
        Action.CREATE_BEFORE_DELETE: ("#0f2a26", "#2dd4bf"),
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
    """A resource: its id in the plan, and its action; ``others`` are unchanged ones that are folded into it."""

    id: str
    action: Action
    others: tuple[str, ...] = ()

    @property
    def sign(self) -> str:
        """The sign of its action."""
        return sign_of(self.action)

    @property
    def kind(self) -> str:
        """The kind."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The name, with the AWS name of an old generation."""
        return (
            f"{len(self.others) + 1} stay as they are"
            if self.others
            else escape_unprintable(self.id.partition("/")[2])
        )

    @property
    def lines(self) -> tuple[str, str]:
        """The kind with its sign, and the name."""
        return f"{self.sign} {self.kind}".strip(), self.name


@dataclass(frozen=True)
class Arrow:
    """An arrow from a dependency to a dependent, by their ids."""

    start: str
    end: str
    form: ArrowForm


@dataclass(frozen=True)
class Picture:
    """The graph, and the number of omitted unchanged resources."""

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
    def forms(self) -> tuple[ArrowForm, ...]:
        """The forms of arrows in the picture."""
        there = {arrow.form for arrow in self.arrows}
        return tuple(form for form in ArrowForm if form in there)


def picture(plan: Plan, *, everything: bool) -> Picture:
    """The graph of a plan: all of it, or changed resources with their neighbours.

    The plan must have gone through ``Redactor.plan`` before.
    """
    arrows = _arrows(plan)
    nodes = {step.id: Node(step.id, step.action) for step in plan.steps}
    for end in sorted({each for arrow in arrows for each in (arrow.start, arrow.end)} - set(nodes)):
        nodes[end] = Node(end, Action.NOOP)
    if everything:
        return Picture(tuple(nodes[each] for each in sorted(nodes)), arrows)
    changed = {step.id for step in plan.steps if is_shown(step)}
    kept = changed | _nodes_linked_to(changed, arrows)
    near = tuple(arrow for arrow in arrows if {arrow.start, arrow.end} <= kept)
    folded = tuple(_fold_equal([nodes[each] for each in sorted(kept - changed)], near))
    gone = {other for node in folded for other in node.others}
    drawn = {**nodes, **{node.id: node for node in folded}}
    return Picture(
        tuple(drawn[each] for each in sorted(kept - gone)),
        tuple(arrow for arrow in near if not {arrow.start, arrow.end} & gone),
        len(nodes) - len(kept) + len(gone),
    )


def _arrows(plan: Plan) -> tuple[Arrow, ...]:
    found = {Arrow(edge.need, edge.user, _FORMS[edge.by]) for edge in plan.edges}
    ids = {step.id for step in plan.steps} | {each for arrow in found for each in (arrow.start, arrow.end)}
    found |= {
        Arrow(step.id, str(step.ref), ArrowForm.OLD)
        for step in plan.steps
        if step.id != str(step.ref) and str(step.ref) in ids
    }
    return tuple(sorted(found, key=lambda arrow: (arrow.start, arrow.end, arrow.form.value)))


def _nodes_linked_to(changed: AbstractSet[str], arrows: Iterable[Arrow]) -> set[str]:
    """The nodes at the other ends of arrows."""
    return {
        each
        for arrow in arrows
        if arrow.start in changed or arrow.end in changed
        for each in (arrow.start, arrow.end)
    }


def _fold_equal(quiet: Iterable[Node], arrows: Iterable[Arrow]) -> Iterator[Node]:
    """The unchanged nodes; those of one kind with equal arrows are folded into the first."""
    linked: dict[str, list[tuple[str, str, str]]] = {}
    for arrow in arrows:
        linked.setdefault(arrow.start, []).append(("to", arrow.end, arrow.form.value))
        linked.setdefault(arrow.end, []).append(("from", arrow.start, arrow.form.value))
    alike: dict[tuple[str, ...], list[Node]] = {}
    for node in quiet:
        alike.setdefault((node.kind, *map(repr, sorted(linked.get(node.id, ())))), []).append(node)
    for first, *others in alike.values():
        if len(others) + 1 >= FOLDED:
            yield replace(first, others=tuple(node.id for node in others))


_STYLES: Mapping[ArrowForm, str] = MappingProxyType(
    {
        ArrowForm.NAME: "solid",
        ArrowForm.ARN: "solid",
        ArrowForm.ID: "solid",
        ArrowForm.OUTPUT: "bold",
        ArrowForm.IMPLIED: "dashed",
        ArrowForm.OLD: "dotted",
    }
)


def dot(of: Picture) -> str:
    """The picture; an arrow leads from what is needed to what needs it."""
    lines = [
        "digraph plan {",
        "  rankdir=LR;",
        '  node [shape=box, style="rounded,filled", fontname="Helvetica"];',
    ]
    lines += [f"  {_node(node)}" for node in of.nodes]
    for arrow in of.arrows:
        message = f'label="{arrow.form.value}", style={_STYLES[arrow.form]}'
        lines.append(f"  {_quote_dot(arrow.start)} -> {_quote_dot(arrow.end)} [{message}];")
    left = f"  // {of.left} more stay as they are; --all shows them"
    return "\n".join([*lines, *([left] if of.left else []), "}"]) + "\n"


def _node(node: Node) -> str:
    fill, line = COLOURS[node.action]
    label = _quote_dot("\n".join(node.lines))
    return f'{_quote_dot(node.id)} [label={label}, fillcolor="{fill}", color="{line}"];'


def _quote_dot(text: str) -> str:
    """A DOT string has the escape of quotes, and a line break as JSON writes it; no other escape is harmful."""
    return json.dumps(text, ensure_ascii=False)


_LINES: Mapping[ArrowForm, str] = MappingProxyType(
    {
        ArrowForm.NAME: "-->",
        ArrowForm.ARN: "-->",
        ArrowForm.ID: "-->",
        ArrowForm.OUTPUT: "==>",
        ArrowForm.IMPLIED: "-.->",
        ArrowForm.OLD: "-.->",
    }
)


def mermaid(of: Picture) -> str:
    """The picture; an arrow leads from what is needed to what needs it."""
    names = {node.id: f"n{number}" for number, node in enumerate(of.nodes)}
    lines = ["flowchart LR"]
    lines += [f"  {names[node.id]}[{_label(node)}]:::{node.action.name.lower()}" for node in of.nodes]
    for arrow in of.arrows:
        lines.append(f"  {names[arrow.start]} {_LINES[arrow.form]}|{arrow.form.value}| {names[arrow.end]}")
    for action in of.actions:
        fill, line = COLOURS[action]
        lines.append(f"  classDef {action.name.lower()} fill:{fill},stroke:{line},color:#1f2328")
    left = f"  %% {of.left} more stay as they are; --all shows them"
    return "\n".join([*lines, *([left] if of.left else [])]) + "\n"


def _label(node: Node) -> str:
    """Kind, sign and name in quotes; a sign that comes first would be taken for a list by Mermaid."""
    sign = f" ({node.sign})" if node.sign else ""
    return f'"{_escape_mermaid(node.kind + sign)}<br/>{_escape_mermaid(node.name)}"'


def _escape_mermaid(text: str) -> str:
    """The text with characters that are special in Mermaid or HTML as entities."""
    return "".join(char if char.isalnum() or char in " -_./()" else f"#{ord(char)};" for char in text)
