"""The documented log fields are those that the code writes."""

import ast
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from controller.core.ref import Ref
from controller.runtime.log import object_fields
from docs.dev.log_fields import ALWAYS, FIELDS
from tests.cli.conftest import Shell, local_shell
from tests.cli.trees import GROUP
from tests.repo.files import python_files, relative_path, tree

__all__ = ["local_shell"]

_ABOUT = tuple(object_fields(Ref("Model", "a", "b")))
# Functions that write a line with their keyword arguments as fields.
_WRITERS = frozenset({"log", "set_record", "_set_record"})
_OF_SYNCS = (
    "controller/gitops/",
    "controller/cli/sync",
    "controller/notify/",
    "controller/operator/gitsync/",
)


def dictionary_keys(value: ast.expr, within: ast.AST) -> Iterator[str]:
    """The keys of a dictionary that are literals in the function; ``?`` for others."""
    match value:
        case ast.Dict(keys=keys, values=values):
            for key, each in zip(keys, values, strict=True):
                if key is None:
                    yield from dictionary_keys(each, within)
                else:
                    yield str(key.value) if isinstance(key, ast.Constant) else f"?{ast.unparse(key)}"
        case ast.IfExp(body=body, orelse=otherwise):
            yield from dictionary_keys(body, within)
            yield from dictionary_keys(otherwise, within)
        case ast.Call(func=ast.Name(id="object_fields")):
            yield from _ABOUT
        case ast.Name(id=name):
            assigned = [
                each.value
                for each in ast.walk(within)
                if isinstance(each, ast.Assign)
                and any(isinstance(target, ast.Name) and target.id == name for target in each.targets)
            ]
            for each in assigned:
                yield from dictionary_keys(each, within)
            if not assigned:
                yield f"?{name}"
        case ast.DictComp():
            pass  # of fields given as keyword arguments, which are found at the call
        case _:
            yield f"?{ast.unparse(value)}"


def logged_fields(path: Path) -> Iterator[str]:
    """The fields that a module writes."""
    for function in ast.walk(tree(path)):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in (each for each in ast.walk(function) if isinstance(each, ast.Call)):
            for keyword in call.keywords:
                if keyword.arg == "extra" and isinstance(keyword.value, ast.Dict):
                    for key, value in zip(keyword.value.keys, keyword.value.values, strict=True):
                        if isinstance(key, ast.Constant) and key.value == "fields":
                            yield from dictionary_keys(value, function)
            if isinstance(call.func, ast.Attribute) and call.func.attr in _WRITERS:
                of_syncs = relative_path(path).startswith(_OF_SYNCS)
                yield from (each.arg for each in call.keywords if each.arg and of_syncs)


def test_every_field_is_documented_and_every_documented_one_is_written() -> None:
    """The table has the fields of all log lines of the code, and no other."""
    found = {name for path in python_files("controller") for name in logged_fields(path)}
    assert {name for name in found if name.startswith("?")} == set()
    assert found | {"stacktrace"} == set(FIELDS)


def test_a_sync_logs_documented_fields(local_shell: Shell) -> None:
    """Each line of a sync that applies has the first four fields in their order, and further ones of the table."""
    local_shell.write("source/group.yaml", GROUP)
    folder, person = local_shell.folder / "source", ("-c", "user.name=a", "-c", "user.email=a@b")
    for line in (["init", "-q"], ["add", "."], [*person, "commit", "-qm", "one"]):
        subprocess.run(["git", *line], cwd=folder, check=True)
    ran = local_shell.run("sync", "--repo", str(folder), "--once", "--format", "json")
    assert ran.code == 0, ran
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert {"called", "answered", "applied"} <= {each["msg"] for each in lines}
    for each in lines:
        assert list(each)[:4] == list(ALWAYS)
        assert set(each) <= {*ALWAYS, *FIELDS}
