"""The generated page of tables says what the product says."""

from docs.record_reference import PAGE, markdown_table, page


def test_the_page_is_fresh() -> None:
    """docs/reference.md is what the definitions give; `make reference` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/reference.md is stale: run `make reference`"


def test_a_cell_does_not_end_at_a_pipe() -> None:
    """A text with a pipe stays in its cell."""
    assert markdown_table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |\n"
