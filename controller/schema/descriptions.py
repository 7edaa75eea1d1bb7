"""Descriptions of the members of specs: hand-written texts, looked up by shape and member.

The texts are data, in ``controller/kinds/descriptions``: TOML files with a table for each shape and a line for each
member, both in AWS's spelling. Two further tables have shared texts: ``by_type`` describes all members of a type, such
as every ``VpcConfig``, and ``by_name`` those with the same meaning everywhere, such as ``KmsKeyId``. The table ``kind``
has a line for each kind. Only ``explain``, the custom resource definitions and the generated pages read them; plans,
applies and validation do not.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import controller.kinds
from controller.schema.shape import Shape, shape

FOLDER = Path(controller.kinds.__file__).with_name("descriptions")
BY_TYPE, BY_NAME, OF_KINDS = "by_type", "by_name", "kind"


class DescriptionError(Exception):
    """Two files describe one member."""


@cache
def descriptions() -> Mapping[str, Mapping[str, str]]:
    """All texts, by shape and member.

    Raises:
        DescriptionError: a member is described twice.

    """
    joined: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for holder, members in tomllib.loads(path.read_text(encoding="utf-8")).items():
            known = joined.setdefault(holder, {})
            twice = known.keys() & members.keys()
            if twice:
                raise DescriptionError(f"{path.name}: {holder} has {', '.join(sorted(twice))} twice")
            known |= members
    return joined


def description(holder: Shape, member: str) -> str:
    """The description of a member; empty if there is none."""
    texts = descriptions()
    own = texts.get(holder.name, {}).get(member)
    if own:
        return own
    return texts[BY_TYPE].get(_element(shape(holder.members[member])).name) or texts[BY_NAME].get(member, "")


def kind_meaning(kind: str) -> str:
    """The description of a kind."""
    return descriptions()[OF_KINDS][kind]


def _element(of: Shape) -> Shape:
    """The innermost element's shape of nested lists; the shape itself if it is no list."""
    while of.type == "list":
        of = shape(of.element)
    return of
