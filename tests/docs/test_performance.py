"""The table of goals in docs/performance.md."""

import importlib

import pytest

from tests.benchmarks.figures import BEGIN, GOALS, PAGE, page, read, record

MEASURES = {
    "calls of a quiet pass": 2,
    "mutating calls": 2,
    "calls of destroying": 1,
    "reads for each stack": 1,
    "throttled calls": 2,
    "throttled pass over ideal": 2,
    "apply of 200 objects": 2,
    "2 % slow operations": 1,
    "parsing the bytes": 1,
    "10,000 objects against 1,000": 4,
    "peak memory": 1,
    "quiet plan of 1,000 Models": 1,
    "apply of 100 Models": 1,
    "10 stacks, the endpoint": 2,
    "operator, 1,000 objects": 1,
    "with events": 2,
    "operator, deletion of 40": 1,
    "by webhook": 1,
    "sagectl ": 3,
}


def test_the_table_has_a_row_for_every_goal_and_is_in_step() -> None:
    """Each required figure has its rows, and the page is equal to the stored figures."""
    assert {part: sum(part in goal.key for goal in GOALS) for part in MEASURES} == MEASURES
    assert len(GOALS) == len({goal.key for goal in GOALS}) == sum(MEASURES.values())
    text = PAGE.read_text(encoding="utf-8")
    assert BEGIN in text
    assert text == page(), "run `python -m tests.benchmarks.figures`"
    assert read().keys() <= {goal.key for goal in GOALS}


def test_a_figure_without_a_goal_is_refused() -> None:
    """A benchmark that misspells the key of a goal fails, and writes nothing."""
    before = read()
    with pytest.raises(KeyError, match="GOALS has no speed"):
        record({"speed": "1"})
    assert read() == before


@pytest.mark.parametrize("name", ["startup", "rates", "growth", "operator"])
def test_a_benchmark_with_figures_can_be_imported(name: str) -> None:
    """The benchmarks that keep figures have a ``main``."""
    assert callable(importlib.import_module(f"tests.benchmarks.{name}").main)
