"""The table of criteria in docs/dev/criteria.md: ``python -m tests.repo.criteria`` rewrites its tests.

A test says in its docstring which rows it holds: ``Row 12: ...``, ``Rows 40 and 41: ...``. Where it doesn't, the
docstring of its file speaks for it.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.repo.files import ROOT, python_files, relative_path, tree

PAGE = ROOT / "docs" / "dev" / "criteria.md"
_ROWS = re.compile(r"Rows? ((?:\d+(?:, | and )?)+): ")
_LINE = re.compile(r"^\| (\d+) \| (.+?) \| ?(.*?) ?\|$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(\.\./\.\./([^)]+)\)")


@dataclass(frozen=True, order=True)
class CriterionTest:
    """A test that holds a row: where it is, and its name."""

    file: str
    name: str

    def link(self) -> str:
        """The link to it, with its name as text."""
        name = self.name.removeprefix("test_").replace("_", " ")
        return f"[{name}](../../{self.file})"


@dataclass(frozen=True)
class CriterionRow:
    """A line of the table: the row, its criterion and its listed tests."""

    row: int
    criterion: str
    tests: tuple[CriterionTest, ...]


def criteria_lines() -> tuple[CriterionRow, ...]:
    """The table unchanged."""
    return tuple(
        CriterionRow(
            int(row),
            criterion,
            tuple(CriterionTest(file, _name(terms)) for terms, file in _LINK.findall(tests)),
        )
        for row, criterion, tests in _LINE.findall(PAGE.read_text(encoding="utf-8"))
    )


def _name(message: str) -> str:
    return f"test_{message.replace(' ', '_')}"


def find_tests_by_row() -> dict[int, list[CriterionTest]]:
    """The tests whose docstrings name each row."""
    out: dict[int, list[CriterionTest]] = {}
    for path in python_files("tests"):
        whole = rows_of(ast.get_docstring(tree(path)) or "")
        for test in _tests(path):
            for row in rows_of(ast.get_docstring(test) or "") or whole:
                out.setdefault(row, []).append(CriterionTest(relative_path(path), test.name))
    return {row: sorted(tests) for row, tests in out.items()}


def _tests(path: Path) -> Iterator[ast.FunctionDef]:
    for node in tree(path).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def rows_of(docstring: str) -> tuple[int, ...]:
    """The rows that a docstring names."""
    found = _ROWS.match(docstring)
    return tuple(int(number) for number in re.findall(r"\d+", found[1])) if found else ()


def _written(found: re.Match[str], tests: dict[int, list[CriterionTest]]) -> str:
    links = ", ".join(each.link() for each in tests.get(int(found[1]), ()))
    return f"| {found[1]} | {found[2]} | {links} |".replace("|  |", "| |")


def main() -> None:
    """Rewrite the tests of each line; lines and their texts are written by hand."""
    tests = find_tests_by_row()
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(_LINE.sub(lambda found: _written(found, tests), text), encoding="utf-8")


if __name__ == "__main__":
    main()
