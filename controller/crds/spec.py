"""The schema of ``spec``: the shape of Create's input in lowerCamelCase, as people write it."""

from controller.core.dns import KEY, LONGEST
from controller.crds.descriptions import description_of
from controller.crds.row_rules import ruled
from controller.crds.rules import keys, tag_rules
from controller.crds.scalar import Schema, elements, limits, link, object_name, scalar
from controller.crds.spec_walk import SpecField
from controller.schema.contract import Contract
from controller.schema.names import lower_camel
from controller.schema.shape import shape
from controller.schema.tags import OURS, ROOM_FOR_OURS

_TAGS_PER_RESOURCE = 50


def spec_schema(of: Contract) -> Schema:
    """The schema of a kind's spec."""
    found = _structure(SpecField(of, "", of.spec), optional=frozenset({of.name_member}))
    rules = [*found.get("x-kubernetes-validations", ()), *tag_rules(of)]
    return {
        "description": f"What {of.name} is to be: the input of {of.creates.name} in lowerCamelCase.",
        **found,
        **({"x-kubernetes-validations": rules} if rules else {}),
    }


def _schema(at: SpecField) -> Schema:
    return {"description": description_of(at), **_plain(at)}


def _plain(at: SpecField) -> Schema:
    return _as_written(at) or _as_modelled(at)


def _as_written(at: SpecField) -> Schema | None:
    """The schema of what people write in another form than AWS takes; None for all else."""
    if at.tags:
        return _tags()
    if at.secret:
        return _secret()
    if at.document:
        return {"x-kubernetes-preserve-unknown-fields": True, **limits(at.shape)}
    return link() if at.targets else None


def _as_modelled(at: SpecField) -> Schema:
    if at.recurs:
        return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    match at.shape.type:
        case "structure":
            return _structure(at)
        case "list":
            return _list(at)
        case "map":
            values = _referable(at.inner()) if at.referable else _plain(at.inner())
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
    return {**found, **({"properties": properties} if properties else {}), **ruled(at.of, at.member)}


def _list(at: SpecField) -> Schema:
    inner = at.inner()
    found: Schema = {"type": "array", **elements(at.shape), "items": _plain(inner)}
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
    """A text or a reference: the operator tells them apart, for a structural schema has one type or none."""
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
