"""Write the files of a new kind and enter them: ``python -m tests.scaffold NotebookInstance``."""

import re
import sys
from pathlib import Path

from tests.repo.files import ROOT
from tests.scaffold.facts import UnknownKindError, facts
from tests.scaffold.texts import MARK, case_module, row_module, sandbox_module, snake

_NEXT = """
Answer each line that begins with `{mark}` and take it out; then:
  make record    record what the row needs of botocore's model
  make crds      write the definitions, the rights of the operator and Argo CD's health checks
  make docs      write docs/kinds and the tables of README.md and docs/sandbox.md
  .venv/bin/pytest -n 0 -m "" tests/kinds tests/schema tests/crds tests/aws -k {name}
"""


def insert_line(text: str, pattern: str, line: str) -> str:
    """Insert a line before the match of the pattern."""
    found = re.search(pattern, text, re.MULTILINE)
    if found is None:
        raise LookupError(f"{pattern} is not found")
    return f"{text[: found.start()]}{line}{text[found.start() :]}"


def registered_lines(name: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The files that list all kinds, with their new lines."""
    module, constant = snake(name), snake(name).upper()
    imported = "from {0} import {1}\n"
    return {
        "controller/kinds/catalog.py": ((r"^    \}$", f'        "{name}": "{module}",\n'),),
        "controller/sandbox/kinds/__init__.py": (
            (
                r"^from controller\.sandbox\.kinds\.",
                imported.format(f"controller.sandbox.kinds.{module}", constant),
            ),
            (r"^\)$(?=\n_RETAINED)", f"    {constant},\n"),
        ),
        "tests/kinds/cases.py": (
            (r"^from tests\.kinds\.cases_", imported.format(f"tests.kinds.cases_{module}", constant)),
            (r"^\}$", f'    "{name}": {constant},\n'),
        ),
    }


def write(name: str, root: Path) -> list[Path]:
    """Write the files of a kind and enter it into the registers.

    Raises:
        UnknownKindError: as ``facts`` has it.
        FileExistsError: one of the files is there.

    """
    of, module = facts(name), snake(name)
    files = {
        root / "controller" / "kinds" / f"{module}.py": row_module(of),
        root / "controller" / "sandbox" / "kinds" / f"{module}.py": sandbox_module(of),
        root / "tests" / "kinds" / f"cases_{module}.py": case_module(of),
    }
    for path in files:
        if path.exists():
            raise FileExistsError(path)
    for path, text in files.items():
        path.write_text(text, encoding="utf-8")
    for listed, lines in registered_lines(name).items():
        path = root / listed
        text = path.read_text(encoding="utf-8")
        for pattern, line in lines:
            text = insert_line(text, pattern, line)
        path.write_text(text, encoding="utf-8")
    return [*files, *(root / listed for listed in registered_lines(name))]


def main(arguments: list[str]) -> int:
    """Write one kind; 2 if no name is given, 1 if it can't be written."""
    if len(arguments) != 1 or not re.fullmatch(r"[A-Z][A-Za-z0-9]+", arguments[0]):
        print("usage: make kind NAME=NotebookInstance", file=sys.stderr)
        return 2
    try:
        written = write(arguments[0], ROOT)
    except (UnknownKindError, FileExistsError) as error:
        print(f"not written: {error}", file=sys.stderr)
        return 1
    print(*(path.relative_to(ROOT) for path in written), sep="\n")
    print(_NEXT.format(mark=MARK, name=arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
