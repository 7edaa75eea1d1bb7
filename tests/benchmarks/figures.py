"""The goals of performance, the figures that benchmarks measured, and their table in docs/performance.md.

A benchmark calls ``record`` with the figures that it measured, under the keys of ``GOALS``. That writes them into
``figures.json`` and the table into the page; ``table`` writes a benchmark's own table. ``python -m
tests.benchmarks.figures`` writes the table of goals alone.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FIGURES = Path(__file__).with_name("figures.json")
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- generated: goals -->\n", "<!-- end -->\n"
UNMEASURED = "not measured"


@dataclass(frozen=True)
class Goal:
    """A figure to reach: its key, the goal, the bound or peer beside it, and the benchmark that measures it."""

    key: str
    goal: str
    benchmark: str
    beside: str = ""


GOALS = (
    Goal(
        "calls of a quiet pass, 1,000 objects in 10 kinds, warm",
        "30",
        "quiet",
        "Terraform and ACK: 1,000 to 2,000",
    ),
    Goal("calls of a quiet pass, cold, for each object, beside pages", "1", "quiet", "1"),
    Goal("mutating calls for each creation or update", "1", "calls", "1"),
    Goal("mutating calls of applying again", "0", "calls", "0"),
    Goal("calls of destroying N, over N", "1.2 and pages", "destroy", "1 and pages"),
    Goal("reads for each stack when 10 stacks change", "2", "overlap"),
    Goal("throttled calls, known quota", "1 %", "rates", "0"),
    Goal("throttled calls, unknown quota", "12 %", "rates", "0"),
    Goal("throttled pass over ideal, known quota", "1.05 x", "rates", "1"),
    Goal("throttled pass over ideal, unknown quota", "1.35 x", "rates", "1"),
    Goal("apply of 200 objects in a graph 5 deep over the bound, 200 ms", "1.15 x", "overlap", "1"),
    Goal("apply of 200 objects in a graph 5 deep over the bound, 50 ms", "1.2 x", "overlap", "1"),
    Goal("the same with 2 % slow operations", "1.6 x", "overlap", "1"),
    Goal("plan: processor time over that of parsing the bytes", "2.5 x", "growth", "1"),
    Goal("10,000 objects against 1,000: processor time for each, CLI", "1.2 x", "growth", "1"),
    Goal("10,000 objects against 1,000: memory for each, CLI", "1.2 x", "growth", "1"),
    Goal("10,000 objects against 1,000: processor time for each, operator", "1.2 x", "objects", "1"),
    Goal("10,000 objects against 1,000: memory for each, operator", "1.2 x", "objects", "1"),
    Goal("peak memory of an object over its compact JSON", "12 x", "growth"),
    Goal(
        "quiet plan of 1,000 Models at 100 ms", "2.6 s, 30 calls", "apply", "Terraform: 26.1 s, 2,000 calls"
    ),
    Goal(
        "apply of 100 Models at 100 ms", "2 s, 1 mutating call each", "apply", "Terraform: 7.5 s; ACK: 44.6 s"
    ),
    Goal("10 stacks, the endpoint takes 2 s, by CLI", "3.5 s", "apply", "Terraform: 35.4 s"),
    Goal("10 stacks, the endpoint takes 2 s, by kubectl", "3.5 s", "objects", "ACK: 35.9 s"),
    Goal("operator, 1,000 objects: processor time of each", "14 ms", "operator"),
    Goal("with events: a change by hand is undone after", "10 s", "events"),
    Goal("with events: calls at rest in an hour, sync and operator", "1 sweep", "events", "1"),
    Goal(
        "operator, deletion of 40 objects by kubectl: calls of each",
        "1.2 and pages",
        "objects",
        "1 and pages",
    ),
    Goal("a push to its first call to AWS, by webhook on loopback", "1.5 s", "webhook"),
    Goal("sagectl --help", "2.5 x", "startup", "a bare interpreter"),
    Goal("sagectl validate, two documents", "8 x", "startup", "a bare interpreter"),
    Goal("sagectl plan, two documents, connected", "1.4 x", "startup", "creating a boto3 client"),
)


def read() -> dict[str, str]:
    """The figures measured last, by key."""
    found: dict[str, str] = json.loads(FIGURES.read_text(encoding="utf-8"))
    return found


def record(measured: Mapping[str, str]) -> None:
    """Keep figures, and write the table.

    Raises:
        KeyError: no goal has such a key.

    """
    unknown = measured.keys() - {goal.key for goal in GOALS}
    if unknown:
        raise KeyError(f"GOALS has no {', '.join(sorted(unknown))}")
    FIGURES.write_text(json.dumps({**read(), **measured}, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a benchmark's table into its place of the page, and print it.

    Raises:
        ValueError: the page has no such place.

    """
    lines = [head, ["---"] * len(head), *rows]
    text = "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)
    print(text, end="")
    before, begin, rest = PAGE.read_text(encoding="utf-8").partition(f"<!-- generated: {name} -->\n")
    if not begin:
        raise ValueError(f"{PAGE.name} has no table {name}")
    PAGE.write_text(f"{before}{begin}{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


def page() -> str:
    """The page with the table of the figures that are kept."""
    figures = read()
    rows = [
        f"| {goal.key} | {figures.get(goal.key, UNMEASURED)} | {goal.goal} | {goal.beside} | `{goal.benchmark}` |\n"
        for goal in GOALS
    ]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    head = "| measure | measured | goal | bound or peer | benchmark |\n|---|---|---|---|---|\n"
    return f"{before}{BEGIN}{head}{''.join(rows)}{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
