"""Rules that the model tells only in words, and the row as data."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.finding import Code
from controller.core.path import Path, dotted
from controller.service.contract import Contract
from controller.service.leaf import text
from controller.service.names import camel_path
from controller.service.spot import Spot
from controller.service.trouble import Trouble

_HASH = "-0123456789"


def check_rules(spec: Mapping[str, Any], of: Contract) -> Iterator[Trouble]:
    """Check the row's choices between members, and that tags stand where the service takes them."""
    for choice in of.kind.exactly_one_of:
        if not _present(spec, of, choice):
            yield Trouble(Code.RULE, (), f"one of {_listed(of, choice)} is required")
    for choice in (*of.kind.exactly_one_of, *of.kind.at_most_one_of):
        for extra in _present(spec, of, choice)[1:]:
            yield Trouble(
                Code.RULE, extra, f"only one of {_listed(of, choice)} may be given", "leave one out"
            )
    marked = of.kind.found_by is not None and bool(of.kind.found_by.marker)
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
    hashed = of.kind.succession is not None and of.kind.succession.hashed
    aws_name = name + _HASH if hashed else name
    member = dotted(camel_path((of.name_member,), of.spec))
    why = f"'{name}', with '-' and a hash of {len(_HASH) - 1}," if hashed else f"'{name}'"
    for trouble in text(aws_name, Spot((), of.name_member, shape), shape):
        limits = f"{shape.minimum or 0} to {shape.maximum} characters"
        wanted = limits if trouble.code is Code.RANGE else shape.pattern
        message = f"{why} cannot be a {member}: {wanted}"
        yield Trouble(trouble.code, (), message, f"rename it, or write spec.{member}")


def _numbered(spec: Mapping[str, Any], of: Contract) -> bool:
    return of.kind.found_by is not None and bool(_present(spec, of, (of.kind.found_by.when,)))


def _present(spec: Mapping[str, Any], of: Contract, choice: tuple[str, ...]) -> list[Path]:
    paths = [_path(of, member) for member in choice]
    return [path for path in paths if _get(spec, path) is not None]


def _get(value: Any, path: Path) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _path(of: Contract, member: str) -> Path:
    return camel_path(tuple(member.split(".")), of.spec)


def _listed(of: Contract, choice: tuple[str, ...]) -> str:
    return ", ".join(dotted(_path(of, member)) for member in choice)
