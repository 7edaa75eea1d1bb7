"""The tables of kinds in README.md and docs/sandbox.md, between two comments."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from controller.kinds import KINDS
from controller.output.explain import nature
from controller.sandbox.kind import SandboxKind
from controller.sandbox.kinds import KINDS as SANDBOX
from controller.sandbox.knobs import Knobs
from controller.schema.contract import Contract, contract
from controller.schema.explain import Field, Mutability, explain
from tests.reference.pages import page_name

_FIELD = re.compile(r"    (\w+): \w")
_IN_PART = " (in part)"
_SHORT = {
    Mutability.UPDATE: "updated in place",
    Mutability.WHILE_IT_RUNS: "updated while it runs",
    Mutability.ONCE_IT_ENDED: "updated once it has run",
    Mutability.UNTIL_RELEASE: "updated until it is approved",
    Mutability.GROWS: "updated by new elements only",
    Mutability.GENERATION: "replaced by a new generation",
    Mutability.VERSION: "replaced by a new version",
    Mutability.RUN: "runs again",
    Mutability.FROZEN: "refused",
}


def replace_table(text: str, table: str, of: str = "kinds") -> str:
    """The page with the table between the two comments that name it.

    Raises:
        ValueError: the comments are not there.

    """
    begin, end = f"<!-- {of}, written by `make docs` -->\n", f"<!-- end of {of} -->\n"
    found = re.search(f"{re.escape(begin)}.*?{re.escape(end)}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"no {begin.strip()} with {end.strip()}")
    return f"{text[: found.start()]}{begin}{table}{end}{text[found.end() :]}"


def front_table() -> str:
    """README.md: each kind, and the effect of a change of its spec."""
    rows = "".join(
        f"| [{kind}](docs/kinds/{page_name(kind)}) | {_change(contract(kind))} |\n" for kind in KINDS
    )
    head = f"All {len(KINDS)} kinds, and what becomes of each when its spec changes:\n\n"
    return f"{head}| kind | when a spec changes |\n|---|---|\n{rows}"


def _change(of: Contract) -> str:
    """The effect of a change of most members, and of the others by name."""
    if of.kind.lifecycle.shared:
        return nature(of)
    groups: dict[str, list[str]] = {}
    for each in explain(of, ()).members:
        if each.change and each.change is not Mutability.IDENTITY and each.path != "tags":
            groups.setdefault(_SHORT[each.change], []).append(_in_part(of, each))
    if not groups:
        return nature(of)
    most = max(groups, key=lambda each: len(groups[each]))
    named = [f"{', '.join(names)} {change}" for change, names in groups.items() if change != most]
    if named:
        return "; ".join([*named, f"else {most}"])
    in_part = any(name.endswith(_IN_PART) for name in groups[most])
    return f"{', '.join(groups[most])} {most}" if in_part else most


def _in_part(of: Contract, field: Field) -> str:
    """The field, and whether its inner members are changed in another way."""
    inner = explain(of, (field.path,)).members if field.type == "object" else ()
    varies = any(each.change is not field.change for each in inner)
    return f"`{field.path}`" + (_IN_PART if varies else "")


def sandbox_table() -> str:
    """docs/sandbox.md: each kind of the sandbox, with the states that it passes by itself."""
    rows = "".join(
        f"| {each.name} | {_states(each)} |\n" for each in sorted(SANDBOX, key=lambda each: each.name)
    )
    return f"| kind | states |\n|---|---|\n{rows}"


def _states(of: SandboxKind) -> str:
    life = of.life
    if life is None:
        return "none"
    states = [state for state in (*(state for state, _ in life.growth), life.stable) if state]
    more = "" if life.growth or of.grow is None else " and more, below" if states else "below"
    gone = [life.deleting] if life.deletion_seconds else []
    ended = [*gone, life.deleted or "gone"] if gone or life.deleted else []
    return (
        ", ".join(f"`{state}`" for state in states)
        + more
        + (
            "; deleted: " + ", ".join("gone" if state == "gone" else f"`{state}`" for state in ended)
            if ended
            else ""
        )
    )


def sandbox_page(text: str) -> str:
    """docs/sandbox.md with its tables: the kinds, and each knob that the rest of the page does not explain."""
    written = replace_table(text, "", "knobs")
    return replace_table(replace_table(text, _knobs_table(written), "knobs"), sandbox_table())


def _knobs_table(text: str) -> str:
    comments = dict(_comments(inspect.getsource(Knobs).splitlines()))
    rows = "".join(
        f"| `{each.name}` | {_default(each)} | {comments.get(each.name, '')} |\n"
        for each in fields(Knobs)
        if f"`{each.name}`" not in text
    )
    return f"| knob | default | meaning |\n|---|---|---|\n{rows}"


def _default(of: Any) -> str:
    """A knob's default as users write it; a duration without a needless fraction."""
    value = of.default_factory() if of.default is MISSING else of.default
    if isinstance(value, float):
        return f"{value:g}"
    return f"`{value}`" if isinstance(value, bool) or value is None else str(value or "empty")


def _comments(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The fields of a class with their comments: those above a field, in its lines, or behind it."""
    above: list[str] = []
    name, comments = "", list[str]()
    for line in lines:
        code, _, comment = line.partition("# ")
        field = _FIELD.match(line)
        if field:
            if name:
                yield name, " ".join(comments)
            name, comments, above = field[1], above, []
        if comment and not code.strip():
            above.append(comment.strip())
        elif comment:
            comments.append(comment.strip())
    yield name, " ".join(comments)
