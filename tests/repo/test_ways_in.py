import ast
import re
from pathlib import Path

from controller.kinds import KINDS

ROOT = Path(__file__).parents[2] / "controller"
PACKAGES = ("cli", "gitops", "inventory", "notify", "output", "source", "webhooks")
FILES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))


def test_no_kind_is_named() -> None:
    """Neither the interfaces nor the outputs name a kind: its special behaviour is in its row."""
    names = re.compile(rf"""["'](?:{"|".join(KINDS)})["'/]""")
    assert not [file.name for file in FILES if names.search(file.read_text(encoding="utf-8"))]


def test_only_one_place_prints() -> None:
    """Everything printed goes through ``output.py``; progress lines escape their own text."""
    prints = re.compile(r"\bprint\(|std(out|err)\.write")
    found = {file.name for file in FILES if prints.search(file.read_text(encoding="utf-8"))}
    assert found == {"output.py", "main.py", "sandbox.py", "progress.py"}


def test_only_the_command_line_knows_the_sandbox() -> None:
    """No way in but the command line imports the sandbox, and none imports boto3."""
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert "import boto" not in text
        assert "controller.sandbox" not in text or file.parent.name == "cli"


def test_functions_and_files_are_short() -> None:
    """A function has at most 40 lines and a file at most 300."""
    for file in FILES:
        text = file.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, file.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert (node.end_lineno or 0) - node.lineno < 40, f"{file.name}: {node.name}"
