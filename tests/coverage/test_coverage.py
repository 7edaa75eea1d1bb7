"""Every operation that the documents describe is used by the product and answered by the sandbox."""

from collections import Counter
from pathlib import Path

import pytest

from tests.coverage.all_features import Performance, rehearse
from tests.coverage.features import FEATURES
from tests.coverage.operations import OPERATIONS
from tests.coverage.table import FILE, ROOT, faults, table


@pytest.fixture(scope="module")
def performances(tmp_path_factory: pytest.TempPathFactory) -> tuple[Performance, ...]:
    """All features, run once."""
    return rehearse(tmp_path_factory.mktemp("coverage"))


def test_there_are_84() -> None:
    """The list is complete, and no operation is in it twice."""
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS) == 84


def test_each_operation_has_one_feature() -> None:
    """Each operation of the list is in the table of features exactly once, and no other is."""
    shown = Counter(operation for feature in FEATURES for operation in feature.operations)
    assert shown == Counter(each.name for each in OPERATIONS)


def test_every_feature_does_what_it_is_named_for(performances: tuple[Performance, ...]) -> None:
    """Each command ends as expected and makes its calls, and AWS answers each without an error at least once."""
    assert faults(performances) == []


def test_the_table_is_in_step() -> None:
    """``make coverage-table`` would change nothing."""
    assert FILE.read_text(encoding="utf-8") == table()


def test_the_tests_that_are_named_are_there() -> None:
    """Each test that the table names exists."""
    assert {feature.test for feature in FEATURES if not Path(ROOT, feature.test).is_file()} == set()
