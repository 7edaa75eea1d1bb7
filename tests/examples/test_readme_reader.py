from pathlib import Path

import pytest

from tests.examples.readme import ReadmeCommand, readme_commands

PAGE = """Before.

```console
$ sagectl plan x --sandbox   # exits with 2: there are changes
Plan: 1 ...
...
last
$ sagectl destroy x
```
"""


def test_commands_are_read_with_their_end_and_their_output(tmp_path: Path) -> None:
    """A page gives its commands in order, each with its exit code and its lines of output."""
    (tmp_path / "README.md").write_text(PAGE, encoding="utf-8")
    plan, destroy = readme_commands(tmp_path / "README.md")
    assert plan == ReadmeCommand(
        "sagectl plan x --sandbox   # exits with 2: there are changes", 2, ("Plan: 1 ...", "...", "last")
    )
    assert destroy == ReadmeCommand("sagectl destroy x", 0, ())


@pytest.mark.parametrize(
    ("output", "missing"),
    [
        ("Plan: 1 to create\nlast", None),
        ("Plan: 1 to create\nbetween\nlast  ", None),
        ("first\nPlan: 1 to create\nlast", "Plan: 1 ..."),
        ("Plan: 2 to create\nlast", "Plan: 1 ..."),
        ("last\nPlan: 1 to create", "Plan: 1 ..."),
        ("Plan: 1 to create", "last"),
        ("Plan: 1 to create\nlast\nmore", "nothing more, but there is: more"),
    ],
)
def test_output_is_compared_line_by_line(output: str, missing: str | None) -> None:
    """Lines must come in order, with others between them only where the page has three dots."""
    assert ReadmeCommand("", 0, ("Plan: 1 ...", "...", "last")).missing(output) == missing


def test_a_command_without_output_promises_nothing() -> None:
    """Where a page shows no output, any will do."""
    assert ReadmeCommand("sagectl apply x", 0, ()).missing("whatever") is None
