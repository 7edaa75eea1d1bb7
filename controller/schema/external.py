"""Names of resources of other services in requests, found by the recorded shapes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.core.path import Path
from controller.kinds.external import INSTANCES, MEMBERS, PREFIXES, SHAPES, External
from controller.schema.shape import Shape, shape

_INSTANCE_TYPE = "InstanceType"


@dataclass(frozen=True)
class ExternalName:
    """The name of a resource of another service in a member.

    Fields:
        of: its type.
        path: where it is, with AWS member names.
        value: the name, ARN, image, URI or instance type, as written.
        prefix: whether a URI is the prefix of objects.
        usage: the end of the quota's name, for an instance type.
        count: the number of instances.
    """

    of: External
    path: Path
    value: str
    prefix: bool = False
    usage: str = ""
    count: int = 1


def external_names(value: Any, of: Shape) -> Iterator[ExternalName]:
    """All names of resources of other services in a request or a spec (AWS member names), without unknown values."""
    yield from _walk(value, of, (), value if isinstance(value, Mapping) else {})


def _walk(value: Any, of: Shape, path: Path, root: Mapping[str, Any]) -> Iterator[ExternalName]:
    if of.type == "structure" and isinstance(value, Mapping):
        for member, inner in value.items():
            if member not in of.members:
                continue
            found = _name_at(value, member, of, (*path, member), root)
            if found is not None:
                yield found
            else:
                yield from _walk(inner, shape(of.members[member]), (*path, member), root)
    elif of.type == "list" and isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _walk(inner, shape(of.element), (*path, position), root)
    elif of.type == "map" and isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(inner, shape(of.value), (*path, key), root)


def _name_at(
    structure: Mapping[str, Any], member: str, of: Shape, path: Path, root: Mapping[str, Any]
) -> ExternalName | None:
    value = structure[member]
    if not isinstance(value, str) or not value:
        return None
    if member == _INSTANCE_TYPE and of.name in INSTANCES:
        return _instances(structure, value, of, path, root)
    name = f"{of.name}.{member}"
    kind = MEMBERS[name] if name in MEMBERS else SHAPES.get(of.members[member])
    if kind is None:
        return None
    beside = any(structure.get(name) == word for name, word in PREFIXES.items())
    return ExternalName(kind, path, value, prefix=kind is External.OBJECT and (beside or value.endswith("/")))


def _instances(
    structure: Mapping[str, Any], value: str, of: Shape, path: Path, root: Mapping[str, Any]
) -> ExternalName:
    quota = INSTANCES[of.name]
    count = structure.get(quota.count, 1)
    usage = f"spot {quota.usage}" if quota.spot and root.get(quota.spot) is True else quota.usage
    return ExternalName(
        External.INSTANCE, path, value, usage=usage, count=count if isinstance(count, int) else 1
    )
