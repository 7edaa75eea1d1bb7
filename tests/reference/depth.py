"""The depth of the kinds' specs: their leaf fields compared with those of the Create inputs in botocore's model.

A leaf is a member without members of its own: a text, a number, the values of a list or a map of these. Tags are one
leaf, since people write a map. A shape that stands within itself is a leaf there. Idempotency tokens are not counted,
nor members of the input that only the service writes.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader

from controller.schema.contract import Contract
from controller.schema.shape import Shape, shape

TAGS = "Tags"


def input_leaves(of: Contract) -> frozenset[str]:
    """The dotted leaves of the Create input, as botocore's own model has it."""
    model = _model(of.creates.service)
    found = _input_paths(model["shapes"], model["operations"][of.creates.name]["input"]["shape"], "", ())
    return frozenset(found) - set(of.kind.write.outputs)


def spec_leaves(of: Contract) -> frozenset[str]:
    """The dotted leaves of the spec, without this project's own members, which are never sent."""
    ours = {
        each for each in _spec_paths(of.spec, "", ()) if re.split(r"[.\[{]", each)[0] in of.unsent_members
    }
    return frozenset(_spec_paths(of.spec, "", ())) - ours - set(of.kind.write.outputs)


@cache
def _model(service: str) -> Mapping[str, Any]:
    return Loader().load_service_model(service, "service-2")  # type: ignore[no-any-return]


def _input_paths(shapes: Mapping[str, Any], name: str, at: str, above: tuple[str, ...]) -> Iterator[str]:
    of = shapes[name]
    inner = {
        "structure": {
            f".{member}": each["shape"]
            for member, each in of.get("members", {}).items()
            if not each.get("idempotencyToken")
        },
        "list": {"[]": of.get("member", {}).get("shape")},
        "map": {"{}": of.get("value", {}).get("shape")},
    }.get(of["type"], {})
    if not inner or name in above or at == TAGS:
        yield at
    else:
        for step, each in inner.items():
            yield from _input_paths(shapes, each, f"{at}{step}".lstrip("."), (*above, name))


def _spec_paths(of: Shape, at: str, above: tuple[str, ...]) -> Iterator[str]:
    inner: Mapping[str, str] = {}
    if of.type == "structure":
        inner = {f".{member}": each for member, each in of.members.items() if member not in of.tokens}
    elif of.type in ("list", "map"):
        inner = {"[]" if of.type == "list" else "{}": str(of.element or of.value)}
    if not inner or of.name in above or at == TAGS:
        yield at
    else:
        for step, each in inner.items():
            yield from _spec_paths(shape(each), f"{at}{step}".lstrip("."), (*above, of.name))
