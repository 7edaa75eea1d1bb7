"""Descriptions of kinds, fields and ``policy`` as text and JSON."""

from typing import Any

from controller.kinds import KINDS, Default, DerivedFrom, OneOf, SameAs, ServiceValue
from controller.kinds.rule import Choice
from controller.manifests.document import POLICY
from controller.manifests.envelope import API_VERSION
from controller.output.terminal import Style, table
from controller.output.values import scalar
from controller.schema.contract import Contract, contract
from controller.schema.descriptions import kind_meaning
from controller.schema.explain import Field, Mutability
from controller.schema.kind_names import kebab, plural_name
from controller.schema.names import lower_camel
from controller.schema.pattern import expected_form
from controller.schema.rule_text import camel_member, statement

_HEADS = ("FIELD", "TYPE", "REQUIRED", "A CHANGE", "NAMES", "DEFAULT")
_SHORT = {
    Mutability.IDENTITY: "another resource",
    Mutability.UPDATE: "updated",
    Mutability.WHILE_IT_RUNS: "updated while it runs",
    Mutability.ONCE_IT_ENDED: "updated once it ran",
    Mutability.UNTIL_RELEASE: "updated until approved",
    Mutability.GROWS: "grows",
    Mutability.GENERATION: "new generation",
    Mutability.VERSION: "new version",
    Mutability.RUN: "runs again",
    Mutability.FROZEN: "refused",
}


def kinds_text(style: Style) -> str:
    """All kinds, one a line."""
    rows = [(each["kind"], each["nature"], each["meaning"]) for each in kinds_json()]
    return table(("KIND", "ON CHANGE", "DESCRIPTION"), rows, style, kept=3)


def kinds_json() -> list[dict[str, Any]]:
    """All kinds."""
    return [
        {
            "kind": row.name,
            "word": kebab(plural_name(row.name)),
            "meaning": kind_meaning(row.name),
            "nature": nature(contract(row.name)),
            "links": sorted({link.to for link in row.identity.links}),
        }
        for row in sorted(KINDS.values(), key=lambda row: row.name)
    ]


def nature(contract: Contract) -> str:
    """The nature of a kind: how it is changed, or a job."""
    row = contract.kind
    if row.lifecycle.runs:
        return "runs once for each spec"
    if row.lifecycle.shared:
        return "account-wide setting"
    if row.lifecycle.has_hashed_names:
        return "generations"
    if row.identity.found_by and row.identity.found_by.generations:
        return "versions"
    return "updated in place" if contract.updatable else "never changed"


def kind_text(contract: Contract, spec: Field, style: Style, example: str = "", source: str = "") -> str:
    """A kind: description, calls, fields, and a document of the example ``source``, or a minimal one."""
    calls = ", ".join(kind_json(contract, spec)["calls"])
    lines = [*style.wrap(f"{contract.name}: {kind_meaning(contract.name)}.", "  ", "")]
    lines += [f"  on change: {nature(contract)}", *style.wrap(calls, " " * 9, "  calls: ")]
    return (
        "\n".join(lines)
        + "\n\n"
        + _members(spec, style)
        + "\n"
        + _rules_text(contract, style)
        + (_example(contract, example, source) if example else _minimal_document(contract, spec))
    )


def _example(contract: Contract, document: str, source: str) -> str:
    """A document that validates within its tree."""
    about = f"`sagectl explain {contract.name}.FIELD` describes a field, `sagectl explain policy` the policy."
    return f"EXAMPLE, of `sagectl init --from {source}`\n\n{document}\n{about}\n"


def _rules_text(contract: Contract, style: Style) -> str:
    """The rules between members, with the path of each."""
    if not contract.kind.write.rules:
        return ""
    lines = [line for rule in _rules(contract) for line in style.wrap(rule, "    ", "  ")]
    return "RULES\n" + "\n".join(lines) + "\n\n"


def _rules(contract: Contract) -> list[str]:
    placed = (
        (camel_member(rule.within, contract.spec), statement(rule, contract))
        for rule in contract.kind.write.rules
    )
    return list(dict.fromkeys(f"{within}: {text}" if within else text for within, text in placed))


def _minimal_document(contract: Contract, spec: Field) -> str:
    """A minimal document of the kind, with dots for the values."""
    needed = [each.path for each in spec.members if each.required]
    fields = "".join(f"  {path}: ...\n" for path in needed)
    return (
        f"Minimal example; `sagectl explain {contract.name}.FIELD` describes a field, "
        "`sagectl explain policy` the policy:\n\n"
        f"apiVersion: {API_VERSION}\nkind: {contract.name}\nmetadata: {{name: example}}\n"
        + (f"spec:\n{fields}" if fields else "spec: {}\n")
    )


def kind_json(contract: Contract, spec: Field) -> dict[str, Any]:
    """A kind for programs."""
    verbs = (contract.creates, contract.describes, contract.updates, contract.deletes, contract.lists)
    runs, state = contract.kind.lifecycle.runs, contract.kind.lifecycle.desired_state
    calls = [verb.name for verb in verbs if verb] + (
        [each for each in (runs.stop, runs.start) if each] if runs else []
    )
    calls += [state.start, state.stop] if state else []
    return {
        "kind": contract.name,
        "meaning": kind_meaning(contract.name),
        "nature": nature(contract),
        "calls": list(dict.fromkeys(calls)),
        "taggable": contract.taggable,
        "exactly_one_of": _choices(contract, least=1),
        "at_most_one_of": _choices(contract, least=0),
        "rules": _rules(contract),
        "fields": [field_json(each) for each in spec.members],
    }


def _choices(contract: Contract, *, least: int) -> list[list[str]]:
    """The members of the spec of which exactly one, or at most one, is given."""
    rules = [rule for rule in contract.kind.write.rules if isinstance(rule, Choice) and not rule.within]
    exclusive = [rule for rule in rules if (rule.least, rule.most) == (least, 1)]
    return [[camel_member(each, contract.spec) for each in rule.members] for rule in exclusive]


def _secret(of: Field) -> str:
    if of.secret:
        return "given by reference, never as it is"
    return (
        "a value may be a reference: {valueFrom: {env: NAME}}, {file: PATH}, {secretKeyRef: {name, key}}"
        if of.referable
        else ""
    )


def field_text(of: Field, style: Style) -> str:
    """The description of a field, and its members."""
    fields = {
        "type": of.type + (" (a JSON document, as text or as a mapping)" if of.document else ""),
        "required": "yes" if of.required else "no",
        "choices": ", ".join(of.choices),
        "limits": _limits(of),
        "pattern": "" if expected_form(of.pattern) else of.pattern,
        "takes": expected_form(of.pattern),
        "refers to": ", ".join(of.links),
        "elements": "known by " + of.key if of.key else "in any order" if of.unordered else "",
        "default": _default(of),
        "a change": of.change.value if of.change else "",
        "secret": _secret(of),
        "reading": "not readable" if of.unreadable else "",
    }
    lines = [style.paint(f"{of.kind}.{of.path}", "bold")]
    if of.meaning:
        lines += style.wrap(f"{of.meaning}.", "  ", "  ")
    for name, text in fields.items():
        if text:
            lines += style.wrap(text, " " * 13, f"  {name + ':':<11}")
    inside = f"\n{_members(of, style)}" if of.members else ""
    return "\n".join(lines) + "\n" + inside


def _members(of: Field, style: Style) -> str:
    """A row for each field, with its description below."""
    rows = [
        (
            each.path.rsplit(".", 1)[-1],
            each.type,
            "yes" if each.required else "",
            _SHORT[each.change] if each.change else "",
            ", ".join(each.links),
            _default(each),
        )
        for each in of.members
    ]
    if not rows:
        return "  no fields\n"
    head, *lines = table(_HEADS, rows, style, kept=4).splitlines()
    described = [
        text
        for line, each in zip(lines, of.members, strict=True)
        for text in (line, *style.wrap(each.meaning, "    ", "    "))
    ]
    return "\n".join((head, *described)) + "\n"


def _limits(of: Field) -> str:
    if of.minimum is None and of.maximum is None:
        return ""
    unit = (
        " characters" if of.type == "string" else " elements" if of.type.startswith(("list", "map")) else ""
    )
    low, high = (f"{bound:g}" if bound is not None else "" for bound in (of.minimum, of.maximum))
    return (f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}") + unit


def _default(of: Field) -> str:
    return default_text(of.default) if of.default is not None else ""


def default_text(default: Default) -> str:
    """A default as text."""
    match default:
        case ServiceValue():
            return default.value
        case SameAs(member):
            return f"what {lower_camel(member)} says"
        case DerivedFrom(member):
            named = ".".join(lower_camel(part) for part in member.split("."))
            return f"made from {named} where that is given"
        case OneOf(values):
            return " or ".join(map(scalar, values))
    return scalar(default)


def field_json(of: Field) -> dict[str, Any]:
    """A field for programs."""
    document: dict[str, Any] = {
        "kind": of.kind,
        "path": of.path,
        "meaning": of.meaning,
        "type": of.type,
        "required": of.required,
        "mutability": of.change.name.lower() if of.change else None,
        "choices": list(of.choices),
        "minimum": of.minimum,
        "maximum": of.maximum,
        "pattern": of.pattern,
        "default": _default(of) or None,
        "links": list(of.links),
        "secret": of.secret,
        "unreadable": of.unreadable,
        "json_document": of.document,
        "unordered": of.unordered,
        "keyed_by": of.key or None,
    }
    return {**document, **({"fields": [field_json(each) for each in of.members]} if of.members else {})}


def policy_text(style: Style, only: str = "") -> str:
    """Every member of ``policy``, one a line; or one of them."""
    rows = [
        (name, each.values, each.documented_default, each.description)
        for name, each in POLICY.items()
        if only in ("", name)
    ]
    return table(("POLICY", "VALUES", "DEFAULT", "DESCRIPTION"), rows, style, kept=4)


def policy_json(only: str = "") -> list[dict[str, Any]]:
    """Every member of ``policy``, or one of them, for programs."""
    return [
        {
            "field": name,
            "values": each.values,
            "default": each.documented_default,
            "meaning": each.description,
        }
        for name, each in POLICY.items()
        if only in ("", name)
    ]
