"""The schema of ``spec``: the shape of Create's input in lowerCamelCase, with descriptions."""

from controller.core.ref import KEY, LONGEST
from controller.crds.row_rules import rules_schema
from controller.crds.rules import keys, tag_rules
from controller.crds.scalar import Schema, elements, limits, link, object_name, scalar
from controller.crds.spec_walk import SpecField
from controller.schema.contract import Contract
from controller.schema.leaf import OURS, ROOM_FOR_OURS
from controller.schema.names import lower_camel
from controller.schema.shape import Shape, shape

_SHOWN_PATTERN = 60
_TYPES = {
    "boolean": "boolean",
    "timestamp": "a time, such as 2026-01-31T12:00:00Z",
    "integer": "an integer",
    "long": "an integer",
    "float": "a number",
    "double": "a number",
    "string": "text",
}


def description_of(at: SpecField) -> str:
    """The description of a field: its meaning, its type, and the effect of a change."""
    facts = [_type_text(at), *_row_facts(at)]
    text = "; ".join(fact for fact in facts if fact)
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in (at.meaning, text) if part)


def _type_text(at: SpecField) -> str:
    if at.targets:
        one = f"{'an' if at.targets[0][0] in 'AEIO' else 'a'} {at.targets[0]}"
        kinds = one if len(at.targets) == 1 else f"one of {', '.join(at.targets)}"
        return f"link to {kinds}: the name of its document, or its name or ARN in AWS"
    if at.secret:
        return "a secret, by reference to a key of a Secret in the same namespace"
    if at.document:
        return f"JSON, written out or as text{_limit_text(at.shape, 'characters')}"
    plain_object = at.meaning and at.shape.type == "structure"
    return "" if plain_object else _shape_text(at.shape)


def _shape_text(of: Shape) -> str:
    if of.type == "structure":
        return f"{of.name} in the API reference of SageMaker"
    if of.type == "list":
        return f"a list{_limit_text(of, 'elements')}"
    if of.type == "map":
        return f"a map with any keys{_limit_text(of, 'entries')}"
    if of.enum:
        return f"one of {len(of.enum)} choices{', or a newer one' if of.open else ''}"
    return f"{_TYPES[of.type]}{_limit_text(of, 'characters' if of.type == 'string' else '')}{_pattern(of)}"


def _pattern(of: Shape) -> str:
    shown = of.pattern not in ("", ".*") and len(of.pattern) <= _SHOWN_PATTERN
    return f", matching {of.pattern}" if shown else ""


def _limit_text(of: Shape, unit: str) -> str:
    """A limit as text: ``of 1 to 63 characters``, ``of at most 5 elements``, or for a number ``of at least 0``."""
    low = of.minimum if of.minimum or not unit else None
    if low is None and of.maximum is None:
        return ""
    amount = f"at most {of.maximum}" if low is None else f"at least {low}"
    if low is not None and of.maximum is not None:
        amount = f"{low}" if low == of.maximum else f"{low} to {of.maximum}"
    return f" of {amount} {unit}".rstrip()


def _row_facts(at: SpecField) -> tuple[str, ...]:
    named = "metadata.name where it is left out" if at.member == at.of.name_member else ""
    keyed = f"elements are identified by {lower_camel(at.key)}" if at.key else ""
    unordered = "the order is not significant" if at.unordered else ""
    hidden = "never returned by AWS" if at.unreadable else ""
    given = "a value may be {valueFrom: {secretKeyRef: {name, key}}}" if at.referable else ""
    return (named, keyed, unordered, given, at.change.value, hidden)


_TAGS_PER_RESOURCE = 50


def spec_schema(of: Contract) -> Schema:
    """The schema of a kind's spec."""
    found = _structure(SpecField(of, "", of.spec), optional=frozenset({of.name_member}))
    rules = [*found.get("x-kubernetes-validations", ()), *tag_rules(of)]
    return {
        "description": f"The desired {of.name}: the input of {of.creates.name} in lowerCamelCase.",
        **found,
        **({"x-kubernetes-validations": rules} if rules else {}),
    }


def _schema(at: SpecField) -> Schema:
    return {"description": description_of(at), **_field_schema(at)}


def _field_schema(at: SpecField) -> Schema:
    return _as_written(at) or _as_modelled(at)


def _as_written(at: SpecField) -> Schema | None:
    """The schema of a field that documents write in another form than AWS: tags, secrets, JSON; None for others."""
    if at.tags:
        return _tags()
    if at.secret:
        return _secret()
    if at.document:
        return {"x-kubernetes-preserve-unknown-fields": True, **limits(at.shape)}
    return link() if at.targets else None


def _as_modelled(at: SpecField) -> Schema:
    if at.is_recursive:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    match at.shape.type:
        case "structure":
            return _structure(at)
        case "list":
            return _list(at)
        case "map":
            values = _referable(at.inner()) if at.referable else _field_schema(at.inner())
            rules = {} if at.referable else keys(at.shape)
            return {"type": "object", **elements(at.shape), "additionalProperties": values, **rules}
    return scalar(at.shape)


def _structure(at: SpecField, optional: frozenset[str] = frozenset()) -> Schema:
    own = (name for name in at.shape.members if name not in at.shape.tokens)
    written = [name for name in own if at.into(name).member not in at.of.kind.write.outputs]
    required = sorted(lower_camel(name) for name in at.shape.required & frozenset(written) - optional)
    properties = {lower_camel(name): _schema(at.into(name)) for name in written}
    found: Schema = {"type": "object"}
    if required:
        found["required"] = required
    return {**found, **({"properties": properties} if properties else {}), **rules_schema(at.of, at.member)}


def _list(at: SpecField) -> Schema:
    inner = at.inner()
    found: Schema = {"type": "array", **elements(at.shape), "items": _field_schema(inner)}
    if at.key:
        return {
            **found,
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [lower_camel(at.key)],
        }
    if at.unordered and inner.shape.type not in {"structure", "list", "map"}:
        return {**found, "x-kubernetes-list-type": "set"}
    return found


def _tags() -> Schema:
    most = _TAGS_PER_RESOURCE - ROOM_FOR_OURS
    keys = limits(shape("TagKey"))
    return {
        "type": "object",
        "maxProperties": most,
        "additionalProperties": scalar(shape("TagValue")),
        "x-kubernetes-validations": [
            {
                "rule": f"self.all(key, !key.lowerAscii().startsWith('aws:') && !key.startsWith('{OURS}'))",
                "message": f"keys that start with 'aws:' belong to AWS, and those with '{OURS}' are ours",
            },
            {
                "rule": f"self.all(key, key.size() >= 1 && key.size() <= {keys['maxLength']})",
                "message": f"a key has 1 to {keys['maxLength']} characters",
            },
        ],
    }


def _referable(at: SpecField) -> Schema:
    """The schema of a string or a reference, without a type, because a structural schema allows only one."""
    return {"x-kubernetes-preserve-unknown-fields": True, **limits(at.shape)}


def _secret() -> Schema:
    key = {"description": "Its key.", "type": "string", "maxLength": LONGEST, "pattern": f"^{KEY}$"}
    named = {"name": {"description": "The Secret.", **object_name()}, "key": key}
    reference = {"type": "object", "required": ["key", "name"], "properties": named}
    source = {"secretKeyRef": {"description": "A key of a Secret in the same namespace.", **reference}}
    return {
        "type": "object",
        "required": ["valueFrom"],
        "properties": {
            "valueFrom": {
                "description": "Where it is read.",
                "type": "object",
                "required": ["secretKeyRef"],
                "properties": source,
            }
        },
    }
