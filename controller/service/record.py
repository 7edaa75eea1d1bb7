"""Record what the rows need of botocore's SageMaker model: ``python -m controller.service.record``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.kinds import KINDS, Kind

RECORD = Path(__file__).with_name("sagemaker.json")
_OF_ALL_KINDS = ("AddTags", "DeleteTags", "ListTags", "Search", "GetSearchSuggestions")
_KEPT = ("type", "required", "enum", "pattern", "min", "max", "sensitive")


def operations_of(kind: Kind) -> tuple[str, ...]:
    """The life-cycle operations of a kind, whether or not the service has them, and the reads that tell more."""
    verbs = tuple(verb + kind.name for verb in ("Create", "Describe", "Update", "Delete"))
    more = tuple(detail.operation for detail in kind.details)
    return (*verbs, "List" + kind.plural, *more, *(other.operation for other in kind.other_lists))


def trim(model: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the operations of the rows and the shapes that they reach, without prose."""
    wanted = {name for kind in KINDS.values() for name in operations_of(kind)} | set(_OF_ALL_KINDS)
    operations = {name: model["operations"][name] for name in sorted(wanted & set(model["operations"]))}
    reached: dict[str, Any] = {}
    for operation in operations.values():
        for side in ("input", "output"):
            if side in operation:
                _reach(model["shapes"], operation[side]["shape"], reached)
    return {
        "operations": {
            name: {side: op[side]["shape"] for side in ("input", "output") if side in op}
            for name, op in operations.items()
        },
        "shapes": dict(sorted(reached.items())),
    }


def _reach(shapes: Mapping[str, Any], name: str, reached: dict[str, Any]) -> None:
    if name in reached:
        return
    shape = shapes[name]
    kept = {key: shape[key] for key in _KEPT if key in shape}
    reached[name] = kept
    if "members" in shape:
        kept["members"] = {member: _member(told) for member, told in shape["members"].items()}
    for part in ("member", "key", "value"):
        if part in shape:
            kept[part] = shape[part]["shape"]
    inner = [member["shape"] for member in shape.get("members", {}).values()]
    inner += [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
    for each in inner:
        _reach(shapes, each, reached)


def _member(told: Mapping[str, Any]) -> str | list[str]:
    return [told["shape"], "token"] if told.get("idempotencyToken") else str(told["shape"])


def render() -> str:
    """The text of the record, from the botocore that is installed."""
    from botocore import __version__
    from botocore.loaders import Loader

    model = Loader().load_service_model("sagemaker", "service-2")
    head = {"from": f"botocore {__version__}, sagemaker 2017-07-24, by python -m controller.service.record"}
    return json.dumps({**head, **trim(model)}, indent=0, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    RECORD.write_text(render(), encoding="utf-8")
