"""The entries of a page with what narrows them: search, kinds and groups."""

from collections.abc import Sequence

from controller.output.html.contents import Entry, Group, Page
from controller.output.html.markup import NOTHING, Html, element, join_html


def entries(page: Page) -> Html:
    """All entries under their controls."""
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


def _chip(group: Group, entries: Sequence[Entry]) -> Html:
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


def _entry(entry: Entry) -> Html:
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


def quiet(page: Page) -> Html:
    """What stays as it is, folded."""
    if not page.quiet:
        return NOTHING
    items = (element("li", each, id=anchor) for anchor, each in page.quiet)
    message = "1 stays as it is" if len(page.quiet) == 1 else f"{len(page.quiet)} stay as they are"
    return element("details", element("summary", message), element("ul", *items), class_="quiet")
