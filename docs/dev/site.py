"""The hooks of the documentation site (mkdocs.yml): navigation of generated pages, and links that leave docs/."""

import logging
import os
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_LOG = logging.getLogger("mkdocs.hooks.site")  # a warning below "mkdocs" fails a strict build
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")
_FOLDERS = {"Kinds": "kinds", "Development": "dev"}


def on_config(config: Any) -> Any:
    """Add the pages of the folders that the navigation does not name one by one."""
    sections: dict[str, list[Any]] = {
        title: entries for each in config["nav"] or () for title, entries in each.items()
    }
    for title, folder in _FOLDERS.items():
        if title in sections:
            sections[title].extend(_others(folder, str(sections[title])))
    if "Development" in sections:
        sections["Development"].append({"Decisions": [f"decisions/{each}" for each in _pages("decisions")]})
    return config


def _others(folder: str, named: str) -> list[str]:
    return [f"{folder}/{name}" for name in _pages(folder) if f"{folder}/{name}" not in named]


def _pages(folder: str) -> list[str]:
    pages = sorted((ROOT / "docs" / folder).glob("*.md"), key=lambda path: path.stem)
    return [path.name for path in pages]


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Point links to files of the repository at ``repo_url``; without one only their text is left.

    A link to a file that does not exist is a warning. The title is that of the first heading: MkDocs takes the name of
    the file where a comment stands before it.
    """
    del files
    if heading := re.search(r"^# (.+)$", markdown, re.MULTILINE):
        page.meta.setdefault("title", heading[1].replace("`", ""))
    name, base = page.file.src_path, config["repo_url"]
    if Path(name).parts[0] == _FOLDERS["Kinds"]:
        page.meta.setdefault("hide", ["toc"])  # two headings, and a table that needs the width

    def target(found: re.Match[str]) -> str:
        text, path, anchor = found[1], found[2], found[3] or ""
        file = Path(os.path.normpath(ROOT / "docs" / Path(name).parent / path))
        if re.match(r"[a-z]+:", path) or (file.is_relative_to(ROOT / "docs") and file.suffix == ".md"):
            return found[0]
        if not file.is_relative_to(ROOT) or not file.exists():
            _LOG.warning(
                "Doc file '%s' contains a link '%s', but the repository has no such file.", name, path
            )
        return f"[{text}]({base.rstrip('/')}/blob/main/{file.relative_to(ROOT)}{anchor})" if base else text

    return _LINK.sub(target, markdown)
