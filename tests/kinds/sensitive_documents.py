"""Documents with members marked as sensitive, and distinguishable and indistinguishable values for these."""

import copy
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import yaml

from controller.core.path import Path, get, with_value
from controller.schema.check import check
from controller.schema.contract import contract
from controller.schema.names import lower_camel
from tests.journeys.stage import HEAD

FIRST, SECOND = "canary4471", "canary4472"
# Arbitrary texts of the examples, and the same with a recognisable value.
FREE = {
    "one": FIRST,
    "s3://bucket/key": f"s3://bucket/{FIRST}",
    "https://example.com/one": f"https://example.com/{FIRST}",
}


def scalar_leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The scalars inside a value, with their paths."""
    children: Any = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in children:
        yield from scalar_leaves(inner, (*path, key))
    if not isinstance(value, Mapping | list):
        yield path, value


def markable_members(kind: str, spec: Mapping[str, Any]) -> list[str]:
    """The top-level members that a document may mark: those that do not identify a resource."""
    kind_contract = contract(kind)
    shown = {
        lower_camel(name)
        for name in (
            *kind_contract.distinguishing,
            *(link.field for link in kind_contract.kind.identity.links),
        )
    }
    return [name for name in spec if name not in shown]


def with_recognisable_texts(kind: str, spec: dict[str, Any], members: list[str]) -> dict[str, Any]:
    """The spec with a recognisable text wherever the kind accepts one."""
    return _replace_members(kind, spec, members, FREE.get)


def with_unrecognisable_values(
    kind: str, spec: dict[str, Any], members: list[str], at: int
) -> dict[str, Any]:
    """The spec with one of two values, by number, that no search for texts finds: numbers and texts of two letters.

    A member that can't have both keeps its value, else one of the two specs would differ from the first in more.
    """

    def other(value: Any, at: int) -> Any:
        if isinstance(value, str):
            return ("qa", "zb")[at] if value in FREE else None
        return value + 1 + at if isinstance(value, int | float) and not isinstance(value, bool) else None

    forms = [_replace_members(kind, spec, members, partial(other, at=each)) for each in (0, 1)]
    made = forms[at]
    for path, value in scalar_leaves(spec):
        if any(get(form, path) == value for form in forms):
            made = with_value(made, path, value)
    return made


def _replace_members(kind: str, spec: dict[str, Any], members: list[str], other: Any) -> dict[str, Any]:
    made = copy.deepcopy(spec)
    for path, value in scalar_leaves(spec):
        document = other(value) if path[0] in members and not isinstance(value, list | dict) else None
        if document is not None:
            tried = with_value(made, path, document)
            made = made if check(tried, contract(kind), defers=lambda _: False) else tried
    return made


def document(kind: str, spec: Mapping[str, Any], sensitive: list[str]) -> str:
    """A document whose policy marks these members."""
    policy = {"sensitive": sensitive, "deletion": "Delete"}
    return HEAD + yaml.safe_dump({"kind": kind, "metadata": {"name": "full"}, "spec": spec, "policy": policy})
