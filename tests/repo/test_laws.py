"""docs/dev/laws.md: each listed test exists, and each law has one."""

import re

from tests.repo.files import ROOT

PAGE = ROOT / "docs" / "dev" / "laws.md"
_LINK = re.compile(r"\[`(\w+)(?:\.py)?`\]\(\.\./\.\./([^)]+)\)")


def test_each_law_names_tests_that_are_there() -> None:
    """A line of the table links at least one function, or a whole file, and each exists."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    for line in lines:
        found = _LINK.findall(line)
        assert found, line
        for name, file in found:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert f"def {name}(" in text or file.endswith(f"/{name}.py"), (name, file)
    assert len(lines) >= 15
