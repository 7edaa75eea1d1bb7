"""Which steps of the walks in docs/architecture.md a program runs, in order.

``python -m tests.docs.traced_walk FILE ARGUMENT...`` runs ``sagectl ARGUMENT...`` and writes them to FILE at its end.
"""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import unwrap
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from docs.dev.architecture import WALKS

Calls = list[tuple[str, str]]  # module and qualified name


def _code_of(module: str, function: str) -> CodeType:
    held: Any = import_module(module)
    for part in function.split("."):
        held = getattr(held, part)
    code: CodeType = unwrap(held).__code__
    return code


@contextmanager
def record_calls() -> Iterator[Calls]:
    """Record the calls of this thread and of all threads that it starts, for the duration of the block."""
    calls: Calls = []
    watched = {(f"controller.{step.module}", step.function) for walk in WALKS for step in walk.steps}
    names = {id(_code_of(*each)): each for each in watched}  # by identity: the hash of a code object is slow

    def profile(frame: FrameType, event: str, _: object) -> None:
        name = names.get(id(frame.f_code)) if event == "call" else None
        if name:
            calls.append(name)

    before = sys.getprofile()
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(before)
        threading.setprofile(before)


def read(file: Path) -> Calls:
    """The calls that a process wrote."""
    return [(module, name) for module, name in json.loads(file.read_text(encoding="utf-8"))]


def main() -> int:
    """Run the command line, traced."""
    from controller.cli.main import main as sagectl

    file, *arguments = sys.argv[1:]
    with record_calls() as calls:
        code = sagectl(arguments)
    Path(file).write_text(json.dumps(calls), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
