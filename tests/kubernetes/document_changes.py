"""Changes of an existing document: impossible ones and possible ones."""

from collections.abc import Iterator
from typing import Any

from controller.core.path import get, with_value, without_value
from controller.crds.rules import lasting_parts
from controller.kinds.rule import Choice
from controller.schema.contract import Contract, contract
from controller.schema.names import lower_camel
from controller.schema.shape import Shape, shape, shape_at
from tests.kinds import full
from tests.kubernetes.corpus import Case, Mistake, least_spec, satisfy_rules
from tests.kubernetes.pattern_texts import text_like, texts_like
from tests.kubernetes.sample import least_value


def forbidden_changes(kind: str) -> Iterator[Case]:
    """Changes of members that the contract calls frozen or the identity, without a new generation."""
    of = contract(kind)
    if _always_new_generation(of):
        return
    found_by = of.kind.identity.found_by
    numbered_by = {found_by.when} if found_by is not None and found_by.generations is not None else set()
    for member in sorted((of.frozen | of.identity) & frozenset(of.spec.members) - numbered_by):
        before = _spec_with_name(of, member)
        for after in _specs_with_other_value(of, member, before):
            yield Case(kind, Mistake.FROZEN, (lower_camel(member),), after, before=before)
    yield from partly_forbidden_changes(kind)


def partly_forbidden_changes(kind: str) -> Iterator[Case]:
    """Changes of the parts of a member that an update does not accept, and additions of them."""
    of = contract(kind)
    for path in lasting_parts(of):
        camel = tuple(map(lower_camel, path))
        like = shape_at(of.spec, path)
        after = next(spec for spec in full.specs(kind) if get(spec, camel) is not None)
        if like is None or _is_chosen(of, path):
            continue
        for value in _other_values(of, ".".join(path), like, get(after, camel)):
            yield Case(kind, Mistake.FROZEN, camel, with_value(after, camel, value), before=after)
        if path[-1] not in (shape_at(of.spec, path[:-1]) or of.spec).required:
            yield Case(kind, Mistake.FROZEN, camel, after, before=without_value(after, camel))


def _is_chosen(of: Contract, path: tuple[str, ...]) -> bool:
    """Whether a rule of the row connects a member to others of its structure, so that it does not change alone."""
    within = ".".join(path[:-1])
    return any(rule.within == within and path[-1] in str(vars(rule)) for rule in of.kind.write.rules)


def generation_changes(kind: str) -> Iterator[Case]:
    """Changes of frozen members that create a new generation, which must be accepted."""
    of = contract(kind)
    if not of.kind.lifecycle.has_hashed_names:
        return
    for member in sorted(of.frozen - of.identity):
        before = _spec_with(of, least_spec(of), member)
        for after in _specs_with_other_value(of, member, before):
            yield Case(kind, Mistake.FROZEN, (lower_camel(member),), after, before=before)


def update_changes(kind: str) -> Iterator[Case]:
    """Changes of members that an update makes, and of tags."""
    of = contract(kind)
    tags = {"Tags"} if of.taggable else set()
    for member in sorted((of.updatable | tags) - of.identity):
        before = _spec_with(of, least_spec(of), member)
        for after in _specs_with_other_value(of, member, before):
            yield Case(kind, Mistake.FROZEN, (lower_camel(member),), after, before=before)


def _always_new_generation(of: Contract) -> bool:
    generations = of.kind.lifecycle.generations
    found_by = of.kind.identity.found_by
    numbered = found_by is not None and found_by.generations is not None
    return (numbered and of.name_member not in of.spec.members) or (
        generations is not None and not generations.hashed
    )


def _spec_with_name(of: Contract, member: str) -> dict[str, Any]:
    """A document with an explicit name that the service does not number, so that it has no generations."""
    spec = least_spec(of)
    if of.name_member in of.identity and of.name_member in of.spec.members:
        named = lower_camel(of.name_member)
        spec[named] = text_like(shape(of.spec.members[of.name_member]))
        return satisfy_rules(of, _spec_with(of, spec, member), (lower_camel(member),)) | {named: spec[named]}
    return _spec_with(of, spec, member)


def _spec_with(of: Contract, spec: dict[str, Any], member: str) -> dict[str, Any]:
    path = (lower_camel(member),)
    if path[0] in spec:
        return spec
    value = least_value(of, member, shape(of.spec.members[member]))
    return satisfy_rules(of, {**spec, path[0]: value}, path)


def _specs_with_other_value(of: Contract, member: str, spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same without the member, if it is optional, and with another value if there is one.

    What else a rule of the row wants changed with it changes as well; a change that no rule lets stand is left out.
    """
    camel = lower_camel(member)
    for changed in _changed_values(of, member, spec):
        kept = satisfy_rules(of, changed, (camel,))
        if kept.get(camel) == changed.get(camel):
            yield kept


def _changed_values(of: Contract, member: str, spec: dict[str, Any]) -> Iterator[dict[str, Any]]:
    camel, like = lower_camel(member), shape(of.spec.members[member])
    needed = member in of.spec.required or any(
        member in rule.members for rule in of.kind.write.rules if isinstance(rule, Choice) and rule.least
    )
    if not needed and member not in of.identity:
        yield without_value(spec, (camel,))
    for value in _other_values(of, member, like, spec[camel]):
        yield {**spec, camel: value}


def _other_values(of: Contract, member: str, like: Shape, value: Any) -> Iterator[Any]:
    if any(link.field == member for link in of.kind.identity.links):
        yield "another"
    elif like.type == "string" and member not in of.kind.compare.documents:
        yield from [text for text in like.enum or texts_like(like, 1) if text != value][:1]
    elif like.type == "boolean":
        yield not value
    elif like.type == "integer":
        yield value + 1 if like.maximum is None or value < like.maximum else value - 1
    elif like.type == "structure":
        yield from _structures_with_other_member(of, member, like, value)


def _structures_with_other_member(
    of: Contract, member: str, like: Shape, value: dict[str, Any]
) -> Iterator[Any]:
    """The structure with one of its strings changed, of those that an update accepts."""
    lasting = {".".join(path) for path in lasting_parts(of)}
    for name in sorted(name for name in like.members if f"{member}.{name}" not in lasting):
        inner, camel = shape(like.members[name]), lower_camel(name)
        if inner.type == "string" and camel in value and isinstance(value[camel], str):
            for other in _other_values(of, f"{member}.{name}", inner, value[camel]):
                yield {**value, camel: other}
            return
