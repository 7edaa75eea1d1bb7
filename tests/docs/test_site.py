"""The documentation site: it builds, has every page, and all links have targets."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from tests.browser.conftest import browser, tab
from tests.browser.tab import Tab
from tests.repo.files import ROOT

__all__ = ["browser", "tab"]

DOCS = ROOT / "docs"


def _build(root: Path, out: Path) -> "subprocess.CompletedProcess[str]":
    line = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(out)]
    own = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(line, cwd=root, env=own, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    out = tmp_path_factory.mktemp("site")
    done = _build(ROOT, out)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@dataclass(frozen=True)
class _Page:
    """The targets of the links of a page, and the anchors in it."""

    targets: tuple[str, ...]
    anchors: frozenset[str]


_TAG = re.compile(r"""<[a-zA-Z][^\s/>]*((?:"[^"]*"|'[^']*'|[^'">])*)>""")
_ATTRIBUTE = re.compile(r"""\s(id|name|href|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_LITERAL = re.compile(r"<!--.*?-->|(<(script|style)\b[^>]*>).*?</\2\s*>", re.DOTALL)


def _page(text: str) -> _Page:
    """Parse a page that MkDocs wrote; html.parser takes twenty times as long for 400 of them."""
    found: dict[str, list[str]] = {"id": [], "name": [], "href": [], "src": []}
    for tag in _TAG.finditer(_LITERAL.sub(r"\1", text)):
        for name, *values in _ATTRIBUTE.findall(tag[1]):
            found[name].append(unescape("".join(values)))
    targets = (each for name in ("href", "src") for each in found[name] if each)
    return _Page(tuple(targets), frozenset(each for name in ("id", "name") for each in found[name] if each))


@cache
def _file(folder: Path, link: str) -> Path | None:
    """The file to which a link from a page in a folder leads; pages of a folder have most links in common."""
    target = (folder / link).resolve()
    target = target / "index.html" if target.is_dir() else target
    return target if target.exists() else None


def test_every_page_of_the_documentation_is_in_it(site: Path) -> None:
    """Each Markdown file below docs/ is a page."""
    expected = {
        path.relative_to(DOCS).with_suffix(".html").as_posix().replace("README.html", "index.html")
        for path in DOCS.rglob("*.md")
    }
    built = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    assert expected <= built
    assert len(expected) > 120


def test_every_link_and_picture_leads_somewhere(site: Path) -> None:
    """Links within the site name an existing file, and an existing anchor of it."""
    pages = {
        path: _page(path.read_text(encoding="utf-8"))
        for path in site.rglob("*.html")
        if path.name != "404.html"
    }
    lost: list[str] = []
    for path, page in pages.items():
        for each in page.targets:
            parts = urlsplit(each)
            if parts.scheme or parts.netloc:
                continue
            target = _file(path.parent, unquote(parts.path)) if parts.path else path
            anchor = unquote(parts.fragment)
            if target is None or (anchor and target in pages and anchor not in pages[target].anchors):
                lost.append(f"{path.relative_to(site)}: {each}")
    assert lost == []
    assert sum(len(page.targets) for page in pages.values()) > 5000


def test_a_page_loads_nothing_from_another_host(site: Path) -> None:
    """Fonts, scripts and styles are files of the site itself, so that it can be read without a network."""
    text = (site / "index.html").read_text(encoding="utf-8")
    page = _page(text)
    assert [
        each for each in page.targets if each.endswith((".js", ".css", ".woff2")) and urlsplit(each).netloc
    ] == []
    assert "fonts.googleapis.com" not in text


def test_links_that_lead_nowhere_end_the_build(tmp_path: Path) -> None:
    """The build fails, and prints each of them with its page."""
    links = ("no-such-page.md", "two.md#no-such-section", "../no_such.py", "../../outside.py")
    config = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    _write(tmp_path / "mkdocs.yml", yaml.safe_dump({**config, "nav": None, "theme": "mkdocs"}))
    _write(tmp_path / "docs" / "dev" / "site.py", (DOCS / "dev" / "site.py").read_text(encoding="utf-8"))
    _write(tmp_path / "docs" / "index.md", "# One\n\n" + "\n".join(f"[x]({each})" for each in links))
    _write(tmp_path / "docs" / "two.md", "# Two\n\n[script](dev/site.py) and [one](index.md#one)\n")
    done = _build(tmp_path, tmp_path / "out")
    assert done.returncode != 0
    for each in links:
        assert f"'index.md' contains a link '{each}'" in done.stderr
    assert "Doc file 'two.md' contains" not in done.stderr


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_names_of_fields_stay_whole(site: Path, tab: Callable[..., Tab]) -> None:
    """On a page of a kind no field name is broken into lines, and the page is not wider than the window."""
    seen = tab(width=1280).open(site / "kinds" / "endpoint.html")
    lines = seen.get(
        "[...document.querySelectorAll('td:first-child code')].map(each => each.getClientRects().length)"
    )
    assert len(lines) > 4
    assert set(lines) == {1}
    assert seen.get("document.documentElement.scrollWidth") <= 1280
    assert seen.problems() == []
