"""Rules that the model tells only in words, and the row as data."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from controller.core.finding import Code, Severity
from controller.core.path import dotted
from controller.schema.contract import Contract
from controller.schema.cursor import Spot
from controller.schema.leaf import text
from controller.schema.names import camel_path, lower_camel, to_aws
from controller.schema.problem import Trouble
from controller.schema.rule_text import statement
from controller.schema.rule_violations import breaches

_HASH = "-0123456789"


def check_rules(spec: Mapping[str, Any], of: Contract, defers: Callable[[str], bool]) -> Iterator[Trouble]:
    """Check the row's rules between members, and that tags stand where the service takes them."""
    written = to_aws(spec, of.spec)
    for rule in of.kind.write.rules:
        message = statement(rule, of)
        severity = Severity.WARNING if rule.doubtful else Severity.ERROR
        for path in breaches(rule, written, defers):
            yield Trouble(Code.RULE, camel_path(path, of.spec), message, severity=severity)
    marked = of.kind.identity.found_by is not None and bool(of.kind.identity.found_by.marker)
    if of.taggable and marked and spec.get("tags") and _numbered(spec, of):
        message = "a resource that the service numbers has no tags of its own"
        yield Trouble(Code.RULE, ("tags",), message, "tag the group instead")


def check_name(name: str, spec: Mapping[str, Any], of: Contract) -> Iterator[Trouble]:
    """Check ``metadata.name`` where it is the name in AWS; the path of the troubles is empty.

    Generations are called ``<name>-<hash>``, so such names need room for the hash.
    """
    shape = Spot((), "", of.spec).into(camel_path((of.name_member,), of.spec)[0]).shape
    written = spec.get(str(camel_path((of.name_member,), of.spec)[0]))
    if shape is None or written is not None or _numbered(spec, of):
        return
    hashed = of.kind.lifecycle.succession is not None and of.kind.lifecycle.succession.hashed
    aws_name = name + _HASH if hashed else name
    member = dotted(camel_path((of.name_member,), of.spec))
    why = f"'{name}', with '-' and a hash of {len(_HASH) - 1}," if hashed else f"'{name}'"
    for trouble in text(aws_name, Spot((), of.name_member, shape), shape):
        limits = f"{shape.minimum or 0} to {shape.maximum} characters"
        wanted = limits if trouble.code is Code.RANGE else shape.pattern
        message = f"{why} cannot be a {member}: {wanted}"
        yield Trouble(trouble.code, (), message, f"rename it, or write spec.{member}")


def _numbered(spec: Mapping[str, Any], of: Contract) -> bool:
    when = of.kind.identity.found_by.when if of.kind.identity.found_by is not None else ""
    return bool(when) and spec.get(lower_camel(when)) is not None
