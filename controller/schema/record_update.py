"""``make record``: writes the record and the client's model, and prints the changes of a newer botocore."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from controller.kinds import KINDS, SAGEMAKER
from controller.runtime.atomic_file import replace_file
from controller.schema.record import RECORD, installed_model, operations_of, render, spec_of

Record = Mapping[str, Any]


def model_changes(old: Record, new: Record) -> Iterator[str]:
    """The differences between two records: ``+`` for what only the new one has, ``-`` for what only the old one had.

    Operations, members, required members and values of shapes that both have, each with the kinds whose operations
    reach it, and operations ``Create<Kind>`` that no row has. What a new row alone adds to the record is left out.
    """
    if old["from"] == new["from"]:
        return
    yield f"{old['from']} -> {new['from']}"
    users = _users(old) | _users(new)
    begun = {
        name for kind in KINDS.values() if spec_of(kind) in old["shapes"] for name in operations_of(kind)
    }
    for sign, name in _signed_names(old["operations"], new["operations"]):
        if sign == "-" or name in begun:
            yield f"{sign} {name}"
    for name in sorted(old["shapes"].keys() & new["shapes"].keys()):
        before, after = old["shapes"][name], new["shapes"][name]
        of = f" ({', '.join(sorted(users.get(name, ())))})"
        yield from (
            f"{s} {name}.{m}{of}"
            for s, m in _signed_names(before.get("members", {}), after.get("members", {}))
        )
        yield from (
            f"{sign} {name}.{member} is required{of}"
            for sign, member in _signed_names(before.get("required", ()), after.get("required", ()))
        )
        yield from (
            f"{s} {name} '{value}'{of}"
            for s, value in _signed_names(before.get("enum", ()), after.get("enum", ()))
        )
    seen = (*old.get("without_row", ()), *old["operations"])
    yield from (f"+ {name}: no row has it" for name in new["without_row"] if name not in seen)


def _signed_names(old: Iterable[str], new: Iterable[str]) -> list[tuple[str, str]]:
    """The names that are in only one of two sets, with their sign; removed ones first."""
    gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
    return [*(("-", name) for name in gone), *(("+", name) for name in come)]


def _users(record: Record) -> dict[str, set[str]]:
    """By shape, the kinds whose operations reach it."""
    found: dict[str, set[str]] = {}
    for kind in KINDS.values():
        roots = [
            of[side]
            for name in operations_of(kind)
            if (of := record["operations"].get(name))
            for side in ("input", "output")
            if side in of
        ]
        todo = [*roots, *([spec_of(kind)] if spec_of(kind) in record["shapes"] else [])]
        while todo:
            name = todo.pop()
            if kind.name not in found.setdefault(name, set()):
                found[name].add(kind.name)
                todo += _shapes_within(record["shapes"][name])
    return found


def _shapes_within(shape: Record) -> list[str]:
    """The names of the shapes that a recorded shape refers to."""
    members = [each if isinstance(each, str) else each[0] for each in shape.get("members", {}).values()]
    return [*members, *(shape[part] for part in ("member", "key", "value") if part in shape)]


# A folder of models in the layout of botocore's loader.
CLIENT_MODEL = Path(__file__).parents[1] / "aws" / "models" / SAGEMAKER / "2017-07-24" / "service-2.json"


def client_model() -> str:
    """The text of botocore's model of SageMaker with the operations of the record alone, and without prose.

    A client parses the whole model and makes a method of each operation; the rows need a third of them.
    """
    model = installed_model(SAGEMAKER)
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))["operations"]
    operations = {name: model["operations"][name] for name, of in recorded.items() if "service" not in of}
    todo = [shape for each in operations.values() for shape in _shapes(each)]
    reached: dict[str, Any] = {}
    while todo:
        name = todo.pop()
        if name not in reached:
            reached[name] = model["shapes"][name]
            todo += _shapes(reached[name])
    shapes = dict(sorted(reached.items()))
    kept = {"version": model["version"], "metadata": model["metadata"]}
    tables = {"operations": operations, "shapes": shapes}
    lines = [
        f'"{table}":{{\n' + ",\n".join(f'"{name}":{_compact(each)}' for name, each in entries.items()) + "\n}"
        for table, entries in tables.items()
    ]
    return "{\n" + ",\n".join([_compact(kept)[1:-1], *lines]) + "\n}\n"


def _shapes(value: Any) -> Iterator[str]:
    """The names of the shapes that a part of botocore's model refers to."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    if isinstance(value, Mapping) and isinstance(value.get("shape"), str):
        yield value["shape"]
    for each in inner:
        yield from _shapes(each)


def _compact(value: Any) -> str:
    return json.dumps(without_prose(value), separators=(",", ":"))


def without_prose(value: Any) -> Any:
    """A part of botocore's model without documentation; a member may have that name as well."""
    if isinstance(value, Mapping):
        return {
            key: without_prose(each)
            for key, each in value.items()
            if not (key.startswith("documentation") and isinstance(each, str))
        }
    return [without_prose(each) for each in value] if isinstance(value, list) else value


def main() -> None:
    """Write the record and the client's model, and print the changes of the installed botocore."""
    old, new = json.loads(RECORD.read_text(encoding="utf-8")), render()
    replace_file(RECORD, new)
    CLIENT_MODEL.parent.mkdir(parents=True, exist_ok=True)
    replace_file(CLIENT_MODEL, client_model())
    sys.stdout.writelines(f"{line}\n" for line in model_changes(old, json.loads(new)))


if __name__ == "__main__":
    main()
