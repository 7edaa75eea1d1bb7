"""CEL rules of a whole object: names, keys of maps, and changes that are impossible.

The language is documented in kubernetes.io/docs/reference/using-api/cel. The API server does not let rules access
members whose type is open, which are JSON documents, and maps whose values may be references to secrets; the operator
checks their changes and keys.
"""

from collections.abc import Iterator

from controller.crds.scalar import Schema, translate_pattern
from controller.crds.spec_walk import ChangeMethod, change_of, has_generated_name, has_name_member, identity
from controller.schema.contract import Contract
from controller.schema.names import lower_camel
from controller.schema.shape import Shape, shape

# Reserved words of CEL, which the API server escapes with underscores in members.
_RESERVED = frozenset(
    {
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if",
        "import", "let", "loop", "package", "namespace", "return", "var", "void", "while",
    }
)  # fmt: skip


def cel(name: str) -> str:
    """A member's name in a CEL expression."""
    return f"__{name}__" if name in _RESERVED else name


def cel_string(text: str) -> str:
    """A string as a CEL literal."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


_HASH = 11  # a generation's name is <name>-<ten digits> (manifests/resolve.py)
# Without a resource in AWS, any change is allowed. If the operator has created one without reporting it yet, it refuses
# such a change itself at the next reconciliation.
_UNMADE = "!has(self.status) || !has(self.status.arn)"
_ALLOWED = "(has(self.policy) && has(self.policy.replace) && self.policy.replace == 'Allow')"


def changes(of: Contract) -> list[Schema]:
    """Rules of the whole object: valid names, and immutable members."""
    return [*_name(of), *_identity_rules(of), *_immutable_rules(of), *_partly_frozen(of)]


def keys(of: Shape) -> Schema:
    """The validation rules of a map's keys."""
    key = shape(of.key)
    rules: list[Schema] = []
    if key.minimum or key.maximum is not None:
        low, high = int(key.minimum or 0), key.maximum
        most = f"key.size() <= {high}" if high is not None else "true"
        message = f"{low} to {high}" if high is not None else f"at least {low}"
        rule = f"self.all(key, key.size() >= {low} && {most})"
        rules.append({"rule": rule, "message": f"a key has {message} characters"})
    like = translate_pattern(key.pattern) if key.pattern else None
    if like is not None:
        matched = " && ".join(f"key.matches({cel_string(each)})" for each in like.must)
        rules.append({"rule": f"self.all(key, {matched})", "message": f"keys must match {key.pattern}"})
    return {"x-kubernetes-validations": rules} if rules else {}


def tag_rules(of: Contract) -> Iterator[Schema]:
    """Rules of the spec that forbid tags for resources whose numbers SageMaker assigns."""
    if of.taggable and of.kind.identity.found_by is not None and of.kind.identity.found_by.marker:
        when = lower_camel(of.kind.identity.found_by.when)
        yield {
            "rule": f"!has(self.tags) || !has(self.{cel(when)})",
            "message": f"a resource that SageMaker numbers has no tags of its own: tag the resource that {when} names",
            "fieldPath": ".tags",
        }


def _name(of: Contract) -> Iterator[Schema]:
    """metadata.name is the AWS name if the spec has none, so it must be a valid one."""
    if not has_name_member(of) and not of.names_within:
        return
    name, like = lower_camel(of.name_member), shape(of.spec.members[of.name_member])
    unless = [f"has(self.spec.{cel(name)})", *_service_identity_tests(of, "self")]
    other = f"or write spec.{name}"
    if like.maximum is not None:
        room = int(like.maximum) - (_HASH if has_generated_name(of) else 0)
        yield {
            "rule": " || ".join([*unless, f"self.metadata.name.size() <= {room}"]),
            "message": f"metadata.name is the name in AWS and may have {room} characters; {other}",
        }
    translation = translate_pattern(like.pattern) if like.pattern else None
    if translation is not None:
        matched = " && ".join(f"self.metadata.name.matches({cel_string(each)})" for each in translation.must)
        yield {
            "rule": " || ".join([*unless, f"({matched})"]),
            "message": f"metadata.name is the name in AWS and must match {like.pattern}; {other}",
        }


def _identity_rules(of: Contract) -> Iterator[Schema]:
    for member in sorted(identity(of)):
        if change_of(of, member) is not ChangeMethod.NEVER:
            continue
        now, before = _new_and_old(member)
        same = _is_equal(now, before)
        if has_generated_name(of):  # without a name, the next generation is called <name>-<hash>
            same = f"!has({now}) || {same}"
        if has_name_member(of) and not has_generated_name(of) and of.kind.identity.found_by is None:
            same = f"(has({now}) ? {now} : self.metadata.name) == (has({before}) ? {before} : self.metadata.name)"
        yield {
            "rule": f"{_UNMADE} || ({same})",
            "message": f"{lower_camel(member)} can't be changed: create another document and delete this one",
            "fieldPath": f".spec.{lower_camel(member)}",
        }


def _immutable_rules(of: Contract) -> Iterator[Schema]:
    for member in sorted(of.frozen - identity(of) - set(of.kind.compare.documents) - _reference_members(of)):
        unless = _replacement_tests(of, change_of(of, member))
        if unless is None:
            continue
        yield {
            "rule": " || ".join([_UNMADE, _ALLOWED, *unless, f"({_is_equal(*_new_and_old(member))})"]),
            "message": f"{lower_camel(member)} can't be changed; {_change_hint(of)}",
            "fieldPath": f".spec.{lower_camel(member)}",
        }


def _partly_frozen(of: Contract) -> Iterator[Schema]:
    """Rules for parts of a member that Update ignores; an omitted part keeps its value."""
    for path in lasting_parts(of):
        names = [lower_camel(each) for each in path]
        now, before = (f"{side}.{'.'.join(map(cel, ['spec', *names]))}" for side in ("self", "oldSelf"))
        given, given_before = _has_test("self", names), _has_test("oldSelf", names)
        unless = (
            _replacement_tests(
                of, ChangeMethod.GENERATION if has_generated_name(of) else ChangeMethod.REPLACE
            )
            or []
        )
        kept = f"!({given}) || ({given_before} && {now} == {before})"
        yield {
            "rule": " || ".join([_UNMADE, _ALLOWED, *unless, kept]),
            "message": f"{'.'.join(names)} can't be changed; {_change_hint(of)}",
            "fieldPath": f".spec.{'.'.join(names)}",
        }


def lasting_parts(of: Contract) -> Iterator[tuple[str, ...]]:
    """The paths of members inside partly updatable members that Update does not accept.

    Members inside lists are left to the operator: CEL does not match the elements of two lists.
    """
    open_members = {*of.kind.compare.documents, *_reference_members(of)}
    known = of.updatable - of.unsent_members - of.kind.write.children.keys() - open_members
    todo: list[tuple[tuple[str, ...], Shape]] = [
        ((member,), shape(of.spec.members[member])) for member in sorted(known)
    ]
    for path, here in todo:
        if of.is_updatable(path):
            todo += [((*path, name), shape(inner)) for name, inner in here.members.items()]
        elif len(path) > 1:
            yield path


def _has_test(side: str, names: list[str]) -> str:
    chain = [f"{side}.spec.{'.'.join(map(cel, names[:end]))}" for end in range(1, len(names) + 1)]
    return " && ".join(f"has({each})" for each in chain)


def _reference_members(of: Contract) -> frozenset[str]:
    """Top members whose values may be references: CEL can't compare values of an open type."""
    return frozenset(each.replace("[]", "").split(".")[0] for each in of.referable)


def _change_hint(of: Contract) -> str:
    """The hint for such a change, and what the policy that allows it in place destroys."""
    named = f"leave out spec.{lower_camel(of.name_member)} for a new generation"
    way = (
        named
        if has_generated_name(of)
        else "create another document, move what uses this one, and delete it last"
    )
    return f"{way}. policy.replace: Allow deletes it first, with all it holds, and only while nothing uses it"


def _replacement_tests(of: Contract, change: ChangeMethod) -> list[str] | None:
    """The CEL tests under which a change makes another resource, which is allowed; None if it always does."""
    if change is ChangeMethod.GENERATION:
        return [f"!has(self.spec.{cel(lower_camel(of.name_member))})"]
    always = of.kind.identity.found_by is None or of.kind.identity.found_by.when in of.spec.required
    if change is ChangeMethod.NUMBER and always:
        return None
    if change is ChangeMethod.NUMBER:
        both = [*_service_identity_tests(of, "self"), *_service_identity_tests(of, "oldSelf")]
        return [f"({' && '.join(both)})"]
    return []


def _service_identity_tests(of: Contract, side: str) -> list[str]:
    return (
        [f"has({side}.spec.{cel(lower_camel(of.kind.identity.found_by.when))})"]
        if of.kind.identity.found_by
        else []
    )


def _new_and_old(member: str) -> tuple[str, str]:
    name = cel(lower_camel(member))
    return f"self.spec.{name}", f"oldSelf.spec.{name}"


def _is_equal(now: str, before: str) -> str:
    return f"has({now}) == has({before}) && (!has({now}) || {now} == {before})"
