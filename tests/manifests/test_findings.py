"""The list of findings in the documentation."""

import re
from pathlib import Path

from controller.core.finding import Code

ENTRIES = (
    Path(__file__).parents[2].joinpath("docs", "findings.md").read_text(encoding="utf-8").split("\n## ")[1:]
)


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    """Row 59: the headings are the codes, in their order."""
    assert [entry.partition("\n")[0] for entry in ENTRIES] == [f"{code.value} {code.name}" for code in Code]


def test_every_entry_tells_what_it_means_and_shows_bad_and_good() -> None:
    """An entry has prose, a bad and a good example, and what to do."""
    for entry in ENTRIES:
        assert re.search(r"\n- Bad: .+\n- Good: .+\n\n\S", entry), entry.partition("\n")[0]
