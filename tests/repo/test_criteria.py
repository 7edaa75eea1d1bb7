from tests.repo.criteria import criteria_lines, find_tests_by_row

MUST = (
    *range(1, 6), *range(8, 15), 17, 18, 19, *range(21, 25), 26, 27, 28, *range(38, 44),
    45, 46, *range(48, 52), *range(57, 62), 63, 64, 70,
)  # fmt: skip


def test_every_row_that_must_be_is_in_the_table_once() -> None:
    """The table of docs/dev/criteria.md has a line for each criterion, in order, and each line has a test."""
    entries = [line.row for line in criteria_lines()]
    assert entries == sorted(set(entries))
    assert not set(MUST) - set(entries)
    assert not [line.row for line in criteria_lines() if not line.tests]


def test_every_link_leads_to_a_test_that_holds_the_row() -> None:
    """A link names a test that is there, and whose docstring begins with the row."""
    known = find_tests_by_row()
    wrong = [
        (line.row, test)
        for line in criteria_lines()
        for test in line.tests
        if test not in known.get(line.row, ())
    ]
    assert not wrong, wrong
