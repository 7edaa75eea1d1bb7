"""Writes docs/reference.md, the tables that follow from the product's own definitions.

Run ``make reference`` after a change of the members of ``policy``; tests/repo/test_reference.py fails where the page is
stale.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from controller.manifests.document import POLICY

PAGE = Path(__file__).parent / "reference.md"
_TOP = """# Reference

This page is generated (`make reference`) from the definitions that the product itself reads.
"""


def markdown_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown; a pipe in a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join(f"| {' | '.join(each.replace('|', chr(92) + '|') for each in line)} |\n" for line in lines)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def policy_section() -> str:
    """The members of ``policy``."""
    about = (
        "How a resource is managed, the same for every kind and for each way in: a file, an object in Kubernetes, a"
        " document in git.\n"
    )
    rows = [
        (_code(name), each.values, each.documented_default, each.description) for name, each in POLICY.items()
    ]
    return f"## policy\n\n{about}\n{markdown_table(('member', 'values', 'default', 'what it does'), rows)}"


def page() -> str:
    """The whole page."""
    return f"{_TOP}\n{policy_section()}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
