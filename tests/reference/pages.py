"""The pages of ``docs/kinds``: one for each kind, and their index."""

from collections.abc import Iterable, Iterator

from controller.crds.definition import plural, short_name
from controller.kinds import KINDS
from controller.manifests.envelope import GROUP
from controller.output.explain import kind_json, nature
from controller.schema.contract import Contract, contract
from controller.schema.descriptions import kind_meaning
from controller.schema.explain import Field, explain
from controller.schema.kind_names import kebab
from controller.schema.rule_text import camel_member, statement
from tests.reference.depth import input_leaves, spec_leaves
from tests.reference.kind_sections import deletion, example, rights, states

WRITTEN = "<!-- Written by `make docs` from controller/kinds and controller/schema/sagemaker.json. -->\n"
_DEPTH = 2
_LEAF_FIELDS = """\
The last column counts the leaf fields of the spec beside those of the Create input in the model of botocore 1.44.8, the
newest release on 2026-11-29. Tags count
as one, and idempotency tokens, which `sagectl` writes, do not count.
[peers.md](peers.md) compares the kinds with those of other tools.
"""


def page_name(kind: str) -> str:
    """The file of a kind's page."""
    return f"{kebab(kind)}.md"


def pages() -> dict[str, str]:
    """All files of the folder, by name."""
    return {"README.md": _index(), **{page_name(kind): page(contract(kind)) for kind in sorted(KINDS)}}


def page(of: Contract) -> str:
    """A kind: its calls, its dependencies, its fields, and the rules between them."""
    spec = explain(of, ())
    facts = list(_facts(of, spec))
    return "\n".join(
        [
            f"{WRITTEN}\n# {of.name}\n\n{kind_meaning(of.name)}.\n",
            *_table(facts[0], facts[1:]),
            *example(of),
            "\n## Fields\n",
            f"`sagectl explain {of.name}.FIELD` shows limits, choices and the fields further inside.\n",
            *_table(("field", "meaning"), _fields(of, spec, _DEPTH)),
            *_rules(of),
            *deletion(of),
            *rights(of),
            *states(of),
            "",
        ]
    )


def _index() -> str:
    rows = [
        (
            f"[{kind}]({page_name(kind)})",
            kind_meaning(kind),
            nature(contract(kind)),
            _depth(contract(kind)),
        )
        for kind in sorted(KINDS)
    ]
    return "\n".join(
        [
            f"{WRITTEN}\n# Kinds\n",
            "The fields that all documents share, `metadata` and `policy`, are in [documents.md](../documents.md).\n",
            _LEAF_FIELDS,
            *_table(("kind", "what it is", "a changed spec", "leaf fields"), rows),
            "",
        ]
    )


def _depth(of: Contract) -> str:
    """The leaf fields of the spec beside those of the Create input."""
    return f"{len(spec_leaves(of))} of {len(input_leaves(of))}"


def _facts(of: Contract, spec: Field) -> Iterator[tuple[str, str]]:
    lifecycle = of.kind.lifecycle
    yield "calls", ", ".join(kind_json(of, spec)["calls"])
    yield "a changed spec", nature(of)
    yield "in Kubernetes", f"`{plural(of.name)}.{GROUP}`, short `{short_name(of.name)}`"
    yield "refers to", _links(of)
    yield "comes after", ", ".join(of.kind.identity.after)
    yield "ownership", "tags" if of.taggable else "the inventory"
    yield (
        "not deleted while anything is in",
        ", ".join(dict.fromkeys(each.lists for each in lifecycle.delete_blockers)),
    )
    yield "not readable", _paths(of, of.unreadable)
    yield "only by reference to a secret", _paths(of, of.secrets)


def _paths(of: Contract, paths: Iterable[str]) -> str:
    return ", ".join(f"`{camel_member(each, of.spec)}`" for each in paths if each not in of.unsent_members)


def _links(of: Contract) -> str:
    return ", ".join(
        f"[{kind}]({page_name(kind)})" for kind in sorted({link.to for link in of.kind.identity.links})
    )


def _fields(of: Contract, at: Field, depth: int) -> Iterator[tuple[str, str]]:
    """A row for each field: its meaning, and below its type and the effect of a change."""
    for each in at.members:
        facts = (
            f"**{each.type}**" + (", required" if each.required else ""),
            f"refers to {' or '.join(f'[{kind}]({page_name(kind)})' for kind in each.links)}"
            if each.links
            else "",
            f"a change: {each.change.value}" if each.change else "",
        )
        meaning = each.meaning.replace("<", "&lt;")
        yield f"`{each.path}`", f"{meaning}.<br>{'; '.join(fact for fact in facts if fact)}"
        if depth > 1:
            yield from _fields(of, explain(of, tuple(each.path.split("."))), depth - 1)


def _rules(of: Contract) -> list[str]:
    if not of.kind.write.rules:
        return []
    placed = ((camel_member(rule.within, of.spec), statement(rule, of)) for rule in of.kind.write.rules)
    lines = dict.fromkeys(f"- `{within}`: {text}" if within else f"- {text}" for within, text in placed)
    return ["\n## Rules\n", *lines]


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    """A Markdown table without empty rows."""
    shown = [[cell.replace("|", "\\|") for cell in row] for row in rows if any(row[1:])]
    return [_line(heads), _line(["---"] * len(heads), ""), *map(_line, shown)]


def _line(cells: Iterable[str], space: str = " ") -> str:
    return "|" + "|".join(f"{space}{cell}{space}" if cell else " " for cell in cells) + "|"
