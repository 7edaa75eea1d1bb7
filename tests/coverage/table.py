"""The table of ``docs/dev/coverage.md``, and the checks of its content."""

from collections.abc import Iterable
from pathlib import Path

from tests.coverage.all_features import Performance
from tests.coverage.features import FEATURES, Feature
from tests.coverage.operations import OPERATIONS, Operation

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "dev" / "coverage.md"
_HEAD = """\
# The 84 operations

Five API-change documents of SageMaker, of 2018 to 2020, describe 84 operations. Each is used by something that a
person can type, and answered by the sandbox. `python -m tests.coverage.write` runs every command below against the
sandbox and writes this table; [`tests/coverage`](../../tests/coverage) fails if an operation is unused or unanswered,
or if this file is out of step. The tree `ml` has a document of every kind
([`tests/journeys/tree.py`](../../tests/journeys/tree.py)).

| # | operation | kind | described in | feature | test |
|---|---|---|---|---|---|
"""


def table() -> str:
    """The whole file."""
    shown = {operation: feature for feature in FEATURES for operation in feature.operations}
    rows = (_row(number, each, shown[each.name]) for number, each in enumerate(OPERATIONS, start=1))
    return _HEAD + "".join(rows)


def _row(number: int, each: Operation, feature: Feature) -> str:
    command = f"`sagectl {feature.command.format(execution='ARN')}`" + (
        f" ({feature.note})" if feature.note else ""
    )
    codes = ", ".join(map(str, each.codes))
    name = Path(feature.test).name
    return (
        f"| {number} | {each.name} | {each.kind} | {codes} | {command} | [`{name}`](../../{feature.test}) |\n"
    )


def faults(performances: Iterable[Performance]) -> list[str]:
    """Failures of features: a wrong exit code, missing calls, calls that were refused."""
    return [fault for each in performances for fault in _faults(each)]


def _faults(done: Performance) -> list[str]:
    lines = []
    if done.code != done.feature.code:
        lines.append(f"{done.feature.command}: exit {done.code}, not {done.feature.code}\n{done.printed}")
    missing = sorted(set(done.feature.operations) - done.answered)
    return lines + [f"{done.feature.command}: {name} was not called, or not answered" for name in missing]
