"""A picture in Mermaid's words, which GitHub and GitLab draw (https://mermaid.js.org/syntax/flowchart.html)."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.output.graph import COLOURS, Form, Node, Picture

_LINES: Mapping[Form, str] = MappingProxyType(
    {
        Form.NAME: "-->",
        Form.ARN: "-->",
        Form.ID: "-->",
        Form.OUTPUT: "==>",
        Form.IMPLIED: "-.->",
        Form.OLD: "-.->",
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
    return f'"{_plain(node.kind + sign)}<br/>{_plain(node.name)}"'


def _plain(text: str) -> str:
    """What Mermaid or HTML could take for its own becomes an entity."""
    return "".join(char if char.isalnum() or char in " -_./()" else f"#{ord(char)};" for char in text)
