"""A picture in the DOT language (https://graphviz.org/doc/info/lang.html)."""

import json
from collections.abc import Mapping
from types import MappingProxyType

from controller.output.graph import COLOURS, Form, Node, Picture

_STYLES: Mapping[Form, str] = MappingProxyType(
    {
        Form.NAME: "solid",
        Form.ARN: "solid",
        Form.ID: "solid",
        Form.OUTPUT: "bold",
        Form.IMPLIED: "dashed",
        Form.OLD: "dotted",
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
        lines.append(f"  {_quoted(arrow.start)} -> {_quoted(arrow.end)} [{message}];")
    left = f"  // {of.left} more stay as they are; --all shows them"
    return "\n".join([*lines, *([left] if of.left else []), "}"]) + "\n"


def _node(node: Node) -> str:
    fill, line = COLOURS[node.action]
    label = _quoted("\n".join(node.lines))
    return f'{_quoted(node.id)} [label={label}, fillcolor="{fill}", color="{line}"];'


def _quoted(text: str) -> str:
    """A DOT string knows the escape of quotes, and a line break as JSON writes it; no other escape is harmful."""
    return json.dumps(text, ensure_ascii=False)
