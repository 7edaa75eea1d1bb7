"""Conversion between documents' lowerCamelCase and AWS's member names, driven by the shapes.

Map keys (environment variables, metadata) and JSON documents are data and are not converted.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from controller.core.path import Path
from controller.schema.shape import Shape, shape


@lru_cache(maxsize=16384)  # about as many as the model has; documents may contain any number of others
def lower_camel(name: str) -> str:
    """``KmsKeyId`` -> ``kmsKeyId``; ``MIMEType`` -> ``mimeType``: lower-case all leading capitals but the last.

    The members of a structure never collide under this rule (``tests/schema/test_names.py`` walks them all).
    """
    run = 0
    while run < len(name) and name[run].isupper():
        run += 1
    if run <= 1 or run == len(name):
        return name[: max(run, 1)].lower() + name[max(run, 1) :]
    return name[: run - 1].lower() + name[run - 1 :]


@cache
def by_camel(structure: str) -> Mapping[str, str]:
    """The members of a structure by their lowerCamelCase name."""
    return {lower_camel(name): name for name in shape(structure).members}


def to_aws(value: Any, of: Shape) -> Any:
    """Convert a checked lowerCamelCase value to AWS member names; unknown members are kept."""
    return _convert(value, of, lambda structure, name: by_camel(structure.name).get(name, name))


def to_camel(value: Any, of: Shape) -> Any:
    """Convert a value with AWS member names to lowerCamelCase."""
    return _convert(value, of, lambda _, name: lower_camel(name))


def _convert(value: Any, of: Shape, rename: Callable[[Shape, str], str]) -> Any:
    if of.type == "structure" and isinstance(value, Mapping):
        return {
            rename(of, name): _convert(inner, shape(of.members[known]), rename) if known else inner
            for name, inner in value.items()
            for known in (_member_of(of, name),)
        }
    if of.type == "list" and isinstance(value, list | tuple):
        return [_convert(inner, shape(of.element), rename) for inner in value]
    if of.type == "map" and isinstance(value, Mapping):
        return {key: _convert(inner, shape(of.value), rename) for key, inner in value.items()}
    return value


def _member_of(of: Shape, name: str) -> str:
    return name if name in of.members else by_camel(of.name).get(name, "")


def camel_path(path: Path, of: Shape) -> Path:
    """Convert a path with AWS member names to lowerCamelCase; map keys and list positions are kept."""
    out: list[str | int] = []
    here: Shape | None = of
    for part in path:
        if here is not None and here.type == "structure" and isinstance(part, str):
            out.append(lower_camel(part))
            here = shape(here.members[part]) if part in here.members else None
        else:
            out.append(part)
            here = shape(here.element or here.value) if here and (here.element or here.value) else None
    return tuple(out)


def aws_path(path: Path, of: Shape) -> Path:
    """Convert a lowerCamelCase path to AWS member names; map keys and list positions are kept."""
    out: list[str | int] = []
    here: Shape | None = of
    for part in path:
        if here is not None and here.type == "structure":
            name = by_camel(here.name).get(str(part), str(part))
            out.append(name)
            here = shape(here.members[name]) if name in here.members else None
        else:
            out.append(
                int(part) if here is not None and here.type == "list" and str(part).isdigit() else part
            )
            here = shape(here.element or here.value) if here and (here.element or here.value) else None
    return tuple(out)
