"""The table of docs/dev/laws.md: each law has a test, which is there."""

import re

from tests.repo.files import ROOT, functions

PAGE = ROOT / "docs" / "dev" / "laws.md"
_ROW = re.compile(r"^\| [^|]+ \| \[`(test_\w+)`\]\(([^)]+)\) \| [^|]+ \|$")


def test_every_law_has_a_test_that_is_there() -> None:
    """Each line names one test, and the file that it links to holds it."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    rows = [_ROW.match(line) for line in lines]
    assert [line for line, row in zip(lines, rows, strict=True) if row is None] == []
    files = {row[1]: (PAGE.parent / row[2]).resolve() for row in rows if row}
    missing = [name for name, path in files.items() if name not in {each.name for each in functions(path)}]
    assert missing == []
    assert len(lines) > 6
