"""The table of spans in docs/tracing.md."""

from controller.runtime.tracing import SPANS, SpanKind
from tests.repo.files import ROOT

PAGE = ROOT / "docs" / "tracing.md"
_BEGIN, _END = "<!-- generated: spans -->\n", "<!-- end -->\n"


def table() -> str:
    """The table, as Markdown."""
    return "| span | attributes | meaning |\n|---|---|---|\n" + "".join(map(_line, SPANS))


def _line(row: SpanKind) -> str:
    attributes = " ".join(f"`{each}`" for each in row.attributes)
    return f"| `{row.name}` | {attributes} | {row.help} |\n"


def page() -> str:
    """The page with its table as it should be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    return before + _BEGIN + table() + _END + rest.partition(_END)[2]
