"""The frame of a page: head, content security policy, graph, filters and entries.

A page is one file. Its content security policy permits only the script and the style sheet with the digests in it, and
loads nothing (https://www.w3.org/TR/CSP3/#framework-directive-source-list), so that text from a document would be
harmless even if it were not escaped. The page is complete without the script.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType

from controller.core.phase import Action
from controller.output.graph import COLOURS, DARK
from controller.output.html.markup import NOTHING, Drawing, Group, Html, Page, PageEntry, element, join_html

# drift has the colour of the action that would correct it
_TIERS: Mapping[str, Action] = MappingProxyType(
    {
        "declared": Action.UPDATE,
        "undeclared": Action.CREATE,
        "missing": Action.DELETE,
        "contended": Action.BLOCKED,
        "error": Action.BLOCKED,
        "at_default": Action.NOOP,
        "unreadable": Action.NOOP,
    }
)


def palette() -> str:
    """A CSS class with colours for each action, for light and dark screens."""
    return f"{_classes(COLOURS)}\n@media screen and (prefers-color-scheme:dark){{{_classes(DARK)}}}\n"


def _classes(colours: Mapping[Action, tuple[str, str]]) -> str:
    named = {**{action.name.lower(): action for action in colours}, **_TIERS}
    rules = ((name, *colours[action]) for name, action in named.items())
    return "".join(f".{name}{{--fill:{fill};--line:{line}}}" for name, fill, line in rules)


_NAMES = ("what changes", "everything")
_ZOOMS = (("out", "\u2212", "smaller"), ("in", "+", "larger"), ("fit", "fit", "overview"))


def graph(drawings: Sequence[Drawing]) -> Html:
    """The drawings, of which one is shown at a time; empty if there is nothing to draw."""
    seen = [drawn for drawn in drawings if drawn.count]
    if not seen:
        return NOTHING
    canvases = (
        _canvas(name, drawn, hidden=drawn is not seen[0])
        for name, drawn in zip(_NAMES, drawings, strict=False)
        if drawn.count
    )
    return element("section", element("h2", "Graph"), _tools(seen), *canvases, id="graph")


def _tools(seen: Sequence[Drawing]) -> Html:
    switch = element("input", type="checkbox", id="whole")
    both = (
        element("label", switch, f" all {seen[-1].count} resources ({seen[0].left} folded)")
        if len(seen) > 1
        else NOTHING
    )
    zooms = (
        element("button", message, type="button", data_zoom=key, title=title, aria_label=title)
        for key, message, title in _ZOOMS
    )
    return element("p", both, *zooms, class_="tools script")


def _canvas(name: str, drawn: Drawing, *, hidden: bool) -> Html:
    message = f"Graph of {name}"
    return element(
        "div", drawn.svg, class_="canvas", tabindex="0", role="region", aria_label=message, hidden=hidden
    )


def entries(page: Page) -> Html:
    """All entries with their controls."""
    shown = join_html(map(_entry, page.entries), Html("\n")) or element("p", page.nothing, class_="none")
    return element(
        "section", element("h2", page.heading), _controls(page), shown, id="entries", tabindex="-1"
    )


def _controls(page: Page) -> Html:
    if not page.entries:
        return NOTHING
    kinds = sorted({entry.kind for entry in page.entries})
    options = (element("option", kind, value=kind) for kind in kinds)
    search = element(
        "input",
        type="search",
        id="search",
        placeholder="search  ( / )",
        aria_label="Search the changes",
        autocomplete="off",
        spellcheck="false",
    )
    every = element("option", f"all {len(kinds)} kinds", value="")
    return element(
        "div",
        search,
        element("select", every, *options, id="kind", aria_label="Kind") if len(kinds) > 1 else NOTHING,
        element("span", *(_chip(group, page.entries) for group in page.groups), class_="chips"),
        element("span", element("button", "open all", type="button", id="open"), class_="ends"),
        element("output", f"{len(page.entries)} shown", id="shown"),
        class_="controls script",
        role="search",
    )


def _chip(group: Group, entries: Sequence[PageEntry]) -> Html:
    count = sum(group.key in entry.groups for entry in entries)
    return element(
        "button",
        element("b", group.sign, aria_hidden="true"),
        f" {count} {group.heading}",
        type="button",
        class_=f"chip {group.key}",
        data_group=group.key,
        aria_pressed="false",
    )


def _entry(entry: PageEntry) -> Html:
    side_updates = (element("span", aside, class_="aside") for aside in entry.notes)
    head = element(
        "summary",
        element("b", entry.sign or "\u00b7", class_="sign"),
        element("span", element("b", f"{entry.kind}/{entry.name}"), " ", entry.summary, class_="what"),
        *side_updates,
    )
    return element(
        "details",
        head,
        element("div", entry.body, class_="body"),
        id=entry.anchor,
        class_=f"entry {entry.groups[0]}",
        data_kind=entry.kind,
        data_groups=" ".join(entry.groups),
    )


def unchanged_section(page: Page) -> Html:
    """The unchanged resources, folded."""
    if not page.quiet:
        return NOTHING
    items = (element("li", each, id=anchor) for anchor, each in page.quiet)
    message = "1 stays as it is" if len(page.quiet) == 1 else f"{len(page.quiet)} stay as they are"
    return element("details", element("summary", message), element("ul", *items), class_="quiet")


def page_text(page: Page) -> str:
    """The page. The same values give the same bytes."""
    style = Html(palette() + _part("page.css"))
    script = Html(_part("page.js"))
    body = (
        element("a", "Skip to the entries", class_="skip", href="#entries"),
        _head(page),
        element("main", _notices(page), graph(page.drawings), entries(page), unchanged_section(page)),
        element("script", script),
    )
    html = element("html", _meta(page, style, script), element("body", *body), lang="en")
    return f"<!doctype html>\n{html}\n"


def _part(name: str) -> str:
    return (files("controller.output.html") / name).read_text(encoding="utf-8")


def _meta(page: Page, style: Html, script: Html) -> Html:
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            f"style-src {_digest(style)}",
            f"script-src {_digest(script)}",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )
    return element(
        "head",
        element("meta", charset="utf-8"),
        # escaping would turn quotes into entities, which are equivalent and less readable
        Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", page.title),
        element("style", style),
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _head(page: Page) -> Html:
    facts = (element("div", element("dt", name), element("dd", value)) for name, value in page.facts)
    first, *rest = page.lead
    return element(
        "header",
        element("p", page.title, class_="title"),
        element("h1", first),
        *(element("p", line, class_="lead") for line in rest),
        element("dl", *facts, class_="facts"),
    )


def _notices(page: Page) -> Html:
    if not page.notices:
        return NOTHING
    items = (
        element("li", element("b", sign, aria_hidden="true"), " ", message, class_="notice")
        for sign, message in page.notices
    )
    return element("section", element("ul", *items), class_="notices", aria_label="What needs attention")
