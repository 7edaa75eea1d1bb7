"""docs/reference.md: the members of ``policy`` and the settings of a sync."""

from collections.abc import Iterable, Sequence

from controller.crds.sync_fields import FIELDS, SyncField
from controller.manifests.document import POLICY
from tests.repo.files import ROOT

PAGE = ROOT / "docs" / "reference.md"
_TOP = """# Reference

This page is generated (`make docs`) from the definitions that the product itself reads.
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


def syncs_section() -> str:
    """The settings of a sync."""
    about = (
        "A sync follows a repository: as the object `GitSync`, as an entry of `syncs` in a file of `sagectl sync FILE`,"
        " or by the options of `sagectl sync --repo URL`. Where a setting stands in each of them:\n"
    )
    headings = ("GitSync spec", "file", "option", "values", "default", "what it does")
    rows = [
        (
            _code(each.spec),
            _code(each.file),
            _code(each.flag),
            _values(each),
            _default(each),
            each.description,
        )
        for each in FIELDS
    ]
    return f"## Settings of a sync\n\n{about}\n{markdown_table(headings, rows)}"


def _values(field: SyncField) -> str:
    if "enum" in field.schema:
        return ", ".join(field.schema["enum"])
    if field.spec.endswith("secretRef"):
        return "name of a Secret"
    written: str = field.schema.get("type", "")
    return "list of strings" if written == "array" else written


def _default(field: SyncField) -> str:
    return "" if field.default is None else str(field.default).replace("False", "false")


def page() -> str:
    """The whole page."""
    return f"{_TOP}\n{policy_section()}\n{syncs_section()}"
