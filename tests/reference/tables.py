"""The tables of kinds in README.md and docs/sandbox.md, between two comments."""

import re

from controller.kinds import KINDS
from controller.output.explain import nature
from controller.sandbox.kind import SandboxKind
from controller.sandbox.kinds import KINDS as SANDBOX
from controller.schema.contract import Contract, contract
from controller.schema.explain import Field, Mutability, explain
from tests.reference.pages import page_name

_BEGIN = "<!-- kinds, written by `make docs` -->\n"
_END = "<!-- end of kinds -->\n"
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


def between(text: str, table: str) -> str:
    """The page with the table between its two comments.

    Raises:
        ValueError: the comments are not there.

    """
    found = re.search(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}", text, re.DOTALL)
    if found is None:
        raise ValueError(f"no {_BEGIN.strip()} with {_END.strip()}")
    return f"{text[: found.start()]}{_BEGIN}{table}{_END}{text[found.end() :]}"


def front_table() -> str:
    """README.md: each kind, and what becomes of it when its spec changes."""
    rows = "".join(
        f"| [{kind}](docs/kinds/{page_name(kind)}) | {_change(contract(kind))} |\n" for kind in KINDS
    )
    head = f"All {len(KINDS)} kinds, and what becomes of each when its spec changes:\n\n"
    return f"{head}| kind | when a spec changes |\n|---|---|\n{rows}"


def _change(of: Contract) -> str:
    """What most members lead to, and what the others do by name."""
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
    """The field, and whether what stands inside is changed in another way."""
    inner = explain(of, (field.path,)).members if field.type == "object" else ()
    varies = any(each.change is not field.change for each in inner)
    return f"`{field.path}`" + (_IN_PART if varies else "")


def sandbox_table() -> str:
    """docs/sandbox.md: each kind that the sandbox has, with the states that it goes through by itself."""
    rows = "".join(
        f"| {each.name} | {_states(each)} |\n" for each in sorted(SANDBOX, key=lambda each: each.name)
    )
    return f"| kind | states |\n|---|---|\n{rows}"


def _states(of: SandboxKind) -> str:
    life = of.life
    if life is None:
        return "none"
    states = [state for state, _ in life.growth] + [life.stable]
    more = "" if life.growth or of.grow is None else " and more, below"
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
