import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repo.files import ROOT, files, relative_path

MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [path for path in files() if path.suffix == ".md"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SAGECTL = str(Path(sys.executable).with_name("sagectl"))
FIRST_SCREEN = 20


@pytest.mark.parametrize("page", PAGES, ids=relative_path)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    """Whoever follows a page with make finds the target."""
    for line in page.read_text(encoding="utf-8").splitlines():
        for target in re.findall(r"`make ([a-z]+)`|^\s*make ([a-z]+)", line):
            assert re.search(rf"^{''.join(target)}:", MAKEFILE, re.MULTILINE), line


@pytest.mark.parametrize("page", PAGES, ids=relative_path)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Every link and picture that is not on the web is a file or a folder of the project."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{relative_path(page)} links to {target}"


def test_the_first_screen_tells_what_for_whom_and_how() -> None:
    """The first screen states the purpose and the users, and shows demo, test and a picture."""
    first = "\n".join(README.splitlines()[:FIRST_SCREEN])
    for word in ("SageMaker", "teams", "make demo", "make test", "docs/plan.svg"):
        assert word in first


@pytest.mark.parametrize(
    "command", sorted(set(re.findall(r"\bsagectl ([a-z]+)\b", README)) - {"and"}), ids=str
)
def test_every_command_of_the_readme_exists(command: str) -> None:
    """Each command that the README names has help with an example."""
    done = subprocess.run([SAGECTL, command, "--help"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "usage: sagectl" in done.stdout


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda p: p.name)
def test_every_decision_has_its_three_parts(page: Path) -> None:
    """A decision has its context, the choice and its cost; its number is in its name."""
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings[:2] == ["Context", "Choice"]
    assert headings[2:] == ["What it costs"]


def test_the_changelog_and_the_licence_are_there() -> None:
    """The changelog has the packaged version, and the licence is Apache's."""
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version
    assert f"## [{version[1]}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_numbers_of_decisions_are_not_used_twice() -> None:
    """Each decision has a number of its own."""
    numbers = [path.name[:4] for path in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
