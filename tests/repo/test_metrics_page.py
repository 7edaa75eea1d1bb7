"""The names of metrics in documentation and manifests."""

import re

from controller.runtime.metrics import METRICS
from tests.repo.files import ROOT

_NAME = re.compile(
    r"\bsagectl_(?:[a-z_]+_(?:total|seconds|resources|depth|info|changes|count|sum|bucket)|objects|leading)\b"
)


def test_every_metric_that_is_named_exists() -> None:
    """Documentation, manifests and alert rules name metrics of the table only."""
    known = {row.name for row in METRICS}
    files = [
        path
        for folder in ("docs", "deploy", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".md", ".yaml", ".json"} and path.parent.name != "decisions"  # they name what was
    ]
    named = {
        (path.relative_to(ROOT).as_posix(), re.sub(r"_(count|sum|bucket)$", "", name))
        for path in [*files, ROOT / "README.md"]
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    }
    assert len(named) > len(METRICS)
    assert {(path, name) for path, name in named if name not in known} == set()
