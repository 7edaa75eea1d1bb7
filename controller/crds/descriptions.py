"""Texts for ``kubectl explain``, made of facts."""

from controller.crds.spec_walk import SpecField
from controller.schema.names import lower_camel
from controller.schema.shape import Shape

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
    """What a person should know of a place: what it holds, and what a change does."""
    facts = [_what(at), *_row_facts(at)]
    text = "; ".join(fact for fact in facts if fact)
    return f"{text[0].upper()}{text[1:]}."


def _what(at: SpecField) -> str:
    if at.targets:
        kinds = f"a {at.targets[0]}" if len(at.targets) == 1 else f"one of {', '.join(at.targets)}"
        return f"link to {kinds}: the name of its document, or its name or ARN in AWS"
    if at.secret:
        return "a secret, by reference to a key of a Secret in the same namespace"
    if at.document:
        return f"JSON, written out or as text{_amount(at.shape, 'characters')}"
    return _shape_text(at.shape)


def _shape_text(of: Shape) -> str:
    if of.type == "structure":
        return f"{of.name} in the API reference of SageMaker"
    if of.type == "list":
        return f"a list{_amount(of, 'elements')}"
    if of.type == "map":
        return f"a map, keys as you like{_amount(of, 'entries')}"
    if of.enum:
        return f"one of {len(of.enum)} choices{', or a newer one' if of.open else ''}"
    return f"{_TYPES[of.type]}{_amount(of, 'characters' if of.type == 'string' else '')}{_pattern(of)}"


def _pattern(of: Shape) -> str:
    shown = of.pattern not in ("", ".*") and len(of.pattern) <= _SHOWN_PATTERN
    return f", matching {of.pattern}" if shown else ""


def _amount(of: Shape, unit: str) -> str:
    """``of 1 to 63 characters``, ``of at most 5 elements``, or for a number ``of at least 0``."""
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
    unordered = "their order means nothing" if at.unordered else ""
    hidden = "AWS never shows it again" if at.unreadable else ""
    given = "a value may be {valueFrom: {secretKeyRef: {name, key}}}" if at.referable else ""
    return (named, keyed, unordered, given, at.change.value, hidden)
