"""The table of metrics in docs/metrics.md."""

from controller.runtime.metrics import METRICS, Metric, Process
from tests.repo.files import ROOT

PAGE = ROOT / "docs" / "metrics.md"
_BEGIN, _END = "<!-- table of metrics: generated -->\n", "<!-- end of the table -->\n"
_BY = {
    Process.ALL: "both",
    Process.OPERATOR: "`sagectl operator`",
    Process.SYNC: "`sagectl sync`",
}


def table() -> str:
    """The table, as Markdown."""
    head = "| name | type | labels | unit | of | meaning |\n|---|---|---|---|---|---|\n"
    return head + "".join(_line(row) for row in METRICS)


def _line(row: Metric) -> str:
    labels = " ".join(f"`{label}`" for label in row.labels)
    cells = (f"`{row.name}`", row.type.value, labels, row.unit, _BY[row.by], row.help)
    return f"| {' | '.join(cells)} |\n"


def page() -> str:
    """The page with its table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]
