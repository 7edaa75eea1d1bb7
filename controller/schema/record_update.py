"""``make record``: write the record anew, and print what a newer botocore changes in what the rows use."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from controller.kinds import KINDS
from controller.runtime.atomic_file import replace_file
from controller.schema.record import RECORD, operations_of, render, spec_of

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
    for sign, name in _signed(old["operations"], new["operations"]):
        if sign == "-" or name in begun:
            yield f"{sign} {name}"
    for name in sorted(old["shapes"].keys() & new["shapes"].keys()):
        before, after = old["shapes"][name], new["shapes"][name]
        of = f" ({', '.join(sorted(users.get(name, ())))})"
        yield from (
            f"{s} {name}.{m}{of}" for s, m in _signed(before.get("members", {}), after.get("members", {}))
        )
        yield from (
            f"{sign} {name}.{member} is required{of}"
            for sign, member in _signed(before.get("required", ()), after.get("required", ()))
        )
        yield from (
            f"{s} {name} '{value}'{of}" for s, value in _signed(before.get("enum", ()), after.get("enum", ()))
        )
    seen = (*old.get("without_row", ()), *old["operations"])
    yield from (f"+ {name}: no row has it" for name in new["without_row"] if name not in seen)


def _signed(old: Iterable[str], new: Iterable[str]) -> list[tuple[str, str]]:
    """What is in one of two sets of names only, with its sign; what is gone comes first."""
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
                todo += _inside(record["shapes"][name])
    return found


def _inside(shape: Record) -> list[str]:
    """The names of the shapes that a recorded shape refers to."""
    members = [each if isinstance(each, str) else each[0] for each in shape.get("members", {}).values()]
    return [*members, *(shape[part] for part in ("member", "key", "value") if part in shape)]


def main() -> None:
    """Write the record, and print what the botocore that is installed changes in it."""
    old, new = json.loads(RECORD.read_text(encoding="utf-8")), render()
    replace_file(RECORD, new)
    sys.stdout.writelines(f"{line}\n" for line in model_changes(old, json.loads(new)))


if __name__ == "__main__":
    main()
