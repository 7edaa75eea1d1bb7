"""The generated pages and pictures of the documentation, and which of them are stale."""

from pathlib import Path

from controller.crds.json_schema import schemas
from docs.dev import architecture, cli_reference, log_fields, peers, reasons
from tests.reference import definitions, metrics, tracing
from tests.reference.pages import pages
from tests.reference.tables import front_table, replace_table, sandbox_page
from tests.repo.files import ROOT

_DOCS = ROOT / "docs"


def stale_files() -> dict[Path, str | None]:
    """The files to write, with their texts; None for one that no kind has."""
    desired = {
        **{_DOCS / "kinds" / name: text for name, text in pages().items()},
        **{_DOCS / "schemas" / name: text for name, text in schemas().items()},
        definitions.PAGE: definitions.page(),
        metrics.PAGE: metrics.page(),
        tracing.PAGE: tracing.page(),
        **architecture.files(),
        cli_reference.PAGE: cli_reference.page(),
        reasons.PAGE: reasons.page(),
        log_fields.PAGE: log_fields.page(),
        peers.PAGE: peers.page(),
    }
    readme, sandbox = ROOT / "README.md", _DOCS / "sandbox.md"
    desired[readme] = replace_table(readme.read_text(encoding="utf-8"), front_table())
    desired[sandbox] = sandbox_page(sandbox.read_text(encoding="utf-8"))
    there = [*(_DOCS / "kinds").glob("*.md"), *(_DOCS / "schemas").glob("*.json")]
    gone = {path: None for path in there if path not in desired}
    changed = {
        path: text
        for path, text in desired.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }
    return {**gone, **changed}
