"""The page of drift in a real browser."""

from collections.abc import Callable
from pathlib import Path

from controller.core.ref import Ref
from controller.engine.plan import Change
from controller.insight.drift import DriftCategory, DriftedField, DriftedResource
from controller.output.html.drift_page import drift_page
from controller.sandbox import Sandbox
from tests.browser.tab import Tab
from tests.cli.conftest import Shell, bare_shell, local_shell, sandbox, server, shell
from tests.cli.trees import GROUP
from tests.plan.foreign_edits import foreign_client

__all__ = ["bare_shell", "local_shell", "sandbox", "server", "shell"]

VISIBLE = "[...document.querySelectorAll('details.entry:not([hidden])')].map(each => each.id)"
FOUND = (
    DriftedResource(
        Ref("Workteam", "one"),
        "one",
        (DriftedField(DriftCategory.DECLARED, Change(("Description",), "<b>", "b")),),
    ),
    DriftedResource(Ref("Experiment", "two"), "two-ab", missing="not in the account"),
    DriftedResource(
        Ref("Experiment", "three"),
        "three",
        (DriftedField(DriftCategory.AT_DEFAULT, Change(("DisplayName",), "x", None)),),
    ),
)


def test_tiers_narrow_the_page(tab: Callable[..., Tab], tmp_path: Path) -> None:
    """Drift can be expanded, tiers filter it, and members at their defaults are shown on request."""
    file = tmp_path / "drift.html"
    file.write_text(drift_page(FOUND, None, "1.2.3", verbose=False), encoding="utf-8")
    seen = tab().open(file)
    assert seen.get(VISIBLE) == ["c1", "c2"]
    seen.click("button.chip.missing")
    assert seen.get(VISIBLE) == ["c2"]
    assert "not in the account" in seen.get("document.querySelector('#c2 .body').textContent")
    assert (
        seen.get("document.querySelector('#c1 pre').textContent").strip()
        == '~ description: "<b>" live, b in the document'
    )
    assert (seen.problems(), len(seen.requests())) == ([], 1)
    assert drift_page(FOUND, None, "1.2.3", verbose=True).count("<details id=") == 3


def test_the_command_writes_the_page(shell: Shell, sandbox: Sandbox) -> None:
    """``drift --format html`` prints the page alone, even if it writes files."""
    shell.write("group.yaml", GROUP)
    assert shell.run("apply", "group.yaml", "--yes", "--poll", "0.05s").code == 0
    foreign_client(sandbox).add_tags(
        ResourceArn="arn:aws:sagemaker:us-east-1:123456789012:model-package-group/fraud",
        Tags=[{"Key": "found", "Value": "live"}],
    )
    ran = shell.run("drift", "group.yaml", "--format", "html", "--accept")
    assert ran.out.startswith("<!doctype html>")
    assert ran.out.endswith("</html>\n")
    assert "tags.found" in ran.out
