"""Records the parts of botocore's models that the rows need: ``make record``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from controller.kinds import KINDS, SERVICES, ChildList, Kind
from controller.schema.kind_names import plural_name


class RecordError(Exception):
    """The recorded service model lacks what a row needs, or botocore does."""


RECORD = Path(__file__).with_name("sagemaker.json")
_OF_ALL_KINDS = (
    "Search",
    "GetSearchSuggestions",
    *(verb for each in SERVICES.values() for verb in (each.tag, each.untag, each.tags)),
)
_TRIGGER: Mapping[str, Any] = {"type": "string", "min": 1, "max": 1024}
_KEPT = ("type", "required", "enum", "pattern", "min", "max", "sensitive")


def operations_of(kind: Kind) -> tuple[str, ...]:
    """The life-cycle operations of a kind, whether or not the service has them, and its further read operations."""
    verbs = kind.identity.verbs
    usual = {verb: f"{verb.title()}{kind.name}" for verb in ("create", "describe", "update", "delete")}
    usual["list"] = f"List{plural_name(kind.name)}"
    life = [getattr(verbs, verb) or name for verb, name in usual.items()]
    ends = kind.lifecycle.runs
    runs = [ends.stop, ends.resume, ends.start] if ends else []
    state = kind.lifecycle.desired_state
    runs += [state.stop, state.start] if state else []
    memberships = [
        each
        for membership in kind.lifecycle.memberships
        for each in (membership.lists, membership.add, membership.remove)
    ]
    side_updates = [
        each for aside in kind.write.side_updates.values() for each in (aside.update, aside.lists)
    ]
    children = [
        verb for child in kind.write.children.values() for verb in (child.put, child.remove, child.lists)
    ]
    more = [read.operation for read in kind.display.details] + [
        read.operation for read in kind.display.other_lists
    ]
    return tuple(
        name
        for name in (
            *life,
            *runs,
            *memberships,
            *side_updates,
            *children,
            *kind.compare.further.values(),
            *(blocker.lists for blocker in kind.lifecycle.delete_blockers),
            *more,
        )
        if name
    )


def added_to(kind: Kind) -> dict[str, Mapping[str, Any]]:
    """The added members of ``spec``: a trigger, a desired state, lists of children, and those of the row."""
    state = kind.lifecycle.desired_state
    desired = {state.member: {"type": "string", "enum": [state.started, state.stopped]}} if state else {}
    children: dict[str, Mapping[str, Any]] = {
        member: {"type": "list", "member": f"{kind.name}{child.named.removesuffix('Name')}"}
        for member, child in kind.write.children.items()
    }
    trigger = {"Trigger": _TRIGGER} if kind.lifecycle.runs else {}
    return {**kind.write.added, **children, **desired, **trigger}


def trim_model(model: Mapping[str, Any]) -> dict[str, Any]:
    """Keep the operations of the rows and the shapes that they reach, without prose, and our own specs."""
    desired = {name for kind in KINDS.values() for name in operations_of(kind)} | set(_OF_ALL_KINDS)
    operations = {name: model["operations"][name] for name in sorted(desired & set(model["operations"]))}
    shapes = {**model["shapes"], **_specs(model)}
    reached: dict[str, Any] = {}
    for operation in operations.values():
        for side in ("input", "output"):
            if side in operation:
                _collect_shapes(shapes, operation[side]["shape"], reached)
    for kind in KINDS.values():
        _collect_shapes(shapes, spec_of(kind), reached)
    return {
        "operations": {
            name: {
                **{side: op[side]["shape"] for side in ("input", "output") if side in op},
                **({"service": op["service"]} if "service" in op else {}),
            }
            for name, op in operations.items()
        },
        "shapes": dict(sorted(reached.items())),
    }


def spec_of(kind: Kind) -> str:
    """The name of the shape of ``spec``."""
    return f"{kind.name}Spec"


def _specs(model: Mapping[str, Any]) -> dict[str, Any]:
    """Each kind's spec: the input of its Create and the added members."""
    made: dict[str, Any] = {}
    for kind in KINDS.values():
        creates = model["operations"].get(operations_of(kind)[0])
        if creates is None:
            raise RecordError(
                f"botocore has no operation {operations_of(kind)[0]}: check the row of {kind.name}"
            )
        sent = model["shapes"][creates["input"]["shape"]]
        ours = {f"{kind.name}{member}": document for member, document in added_to(kind).items()}
        made |= {name: _as_modelled(document) for name, document in ours.items()}
        members = {member: {"shape": f"{kind.name}{member}"} for member in added_to(kind)}
        made[spec_of(kind)] = {**sent, "members": {**sent.get("members", {}), **members}}
        for child in kind.write.children.values():
            element = f"{kind.name}{child.named.removesuffix('Name')}"
            made[element] = _element(kind, child, model)
    return made


def _element(kind: Kind, child: ChildList, model: Mapping[str, Any]) -> dict[str, Any]:
    """The shape of a child: the parameters of its operation without the key of the resource."""
    put = model["shapes"][model["operations"][child.put]["input"]["shape"]]
    key = kind.identity.key or ()
    return {
        "type": "structure",
        "required": [member for member in put["required"] if member not in key],
        "members": {member: of for member, of in put["members"].items() if member not in key},
    }


def join_models(models: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """SageMaker's model joined with those of other services, whose shapes are prefixed with the service's name.

    Raises:
        RecordError: two services have an operation of one name.

    """
    operations: dict[str, Any] = {}
    shapes: dict[str, Any] = {}
    for service, model in models.items():
        prefix = SERVICES[service].prefix
        for name, operation in model["operations"].items():
            if name in operations:
                raise RecordError(
                    f"{service} has an operation {name} as another service has: rows name only one"
                )
            other = {"service": service} if prefix else {}
            operations[name] = {**_prefix_shapes(operation, prefix), **other}
        shapes |= {
            f"{prefix}{name}": _prefix_shapes(document, prefix) for name, document in model["shapes"].items()
        }
    return {"operations": operations, "shapes": shapes}


def _prefix_shapes(value: Any, prefix: str) -> Any:
    """A part of a model with prefixed names of shapes."""
    if isinstance(value, Mapping):
        return {
            key: f"{prefix}{inner}"
            if key == "shape" and isinstance(inner, str)
            else _prefix_shapes(inner, prefix)
            for key, inner in value.items()
        }
    return [_prefix_shapes(inner, prefix) for inner in value] if isinstance(value, list) else value


def _as_modelled(document: Mapping[str, Any]) -> dict[str, Any]:
    """An added shape in botocore's format, with references to other shapes."""
    inner = {member: {"shape": of} for member, of in document.get("members", {}).items()}
    return {
        **document,
        **{part: {"shape": document[part]} for part in ("member", "key", "value") if part in document},
        **({"members": inner} if inner else {}),
    }


def _collect_shapes(shapes: Mapping[str, Any], name: str, reached: dict[str, Any]) -> None:
    if name in reached:
        return
    shape = shapes[name]
    kept = {key: shape[key] for key in _KEPT if key in shape}
    reached[name] = kept
    if "members" in shape:
        kept["members"] = {member: _member(document) for member, document in shape["members"].items()}
    for part in ("member", "key", "value"):
        if part in shape:
            kept[part] = shape[part]["shape"]
    inner = [member["shape"] for member in shape.get("members", {}).values()]
    inner += [shape[part]["shape"] for part in ("member", "key", "value") if part in shape]
    for each in inner:
        _collect_shapes(shapes, each, reached)


def _member(document: Mapping[str, Any]) -> str | list[str]:
    return [document["shape"], "token"] if document.get("idempotencyToken") else str(document["shape"])


def installed_model(service: str) -> dict[str, Any]:
    """The model of a service in the installed botocore."""
    from botocore.loaders import Loader

    model: dict[str, Any] = Loader().load_service_model(service, "service-2")
    return model


def render() -> str:
    """The text of the record, from the installed botocore."""
    from botocore import __version__

    models = {name: installed_model(name) for name in SERVICES}
    versions = ", ".join(f"{name} {model['metadata']['apiVersion']}" for name, model in models.items())
    model = join_models(models)
    made = trim_model(model)
    unused = sorted(
        name for name in model["operations"] if name.startswith("Create") and name not in made["operations"]
    )
    head = {"from": f"botocore {__version__}, {versions}, by make record", "without_row": unused}
    tables = [f'"{table}":{{\n{_lines(entries)}\n}}' for table, entries in made.items()]
    return "{\n" + ",\n".join([_lines(head), *tables]) + "\n}\n"


def _lines(entries: Mapping[str, Any]) -> str:
    """The entries of an object, one a line: ``read_tables`` finds an entry without parsing the others."""
    return ",\n".join(
        f'"{name}":{json.dumps(value, separators=(",", ":"))}' for name, value in entries.items()
    )


def read_tables() -> tuple[str, dict[str, str], dict[str, str]]:
    """The versions of the recorded models, and the JSON of each operation and shape, by name."""
    head, operations, shapes = RECORD.read_text(encoding="utf-8").split(":{\n")
    return json.loads(head.split("\n")[1].partition(":")[2].rstrip(",")), _table(operations), _table(shapes)


def _table(lines: str) -> dict[str, str]:
    pairs = (line.rstrip(",").partition(":") for line in lines.split("\n}", maxsplit=1)[0].split("\n"))
    return {name[1:-1]: value for name, _, value in pairs}
