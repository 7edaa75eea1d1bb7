"""The frame of a page: its head, its policy, and what it holds one after the other.

A page is one file. Its policy lets run the one script and the one style sheet whose digests stand in it and
load nothing from anywhere (https://www.w3.org/TR/CSP3/#framework-directive-source-list), so that text from a
document could do nothing even if it were not escaped. Without script all of it can be read.
"""

import base64
import hashlib
from importlib.resources import files

from controller.output.html.contents import Page
from controller.output.html.entries import entries, quiet
from controller.output.html.graph import graph
from controller.output.html.markup import NOTHING, Html, element
from controller.output.html.palette import palette


def written(page: Page) -> str:
    """The page. The same values give the same bytes."""
    style = Html(palette() + _part("page.css"))
    script = Html(_part("page.js"))
    body = (
        element("a", "Skip to the entries", class_="skip", href="#entries"),
        _head(page),
        element("main", _notices(page), graph(page.drawings), entries(page), quiet(page)),
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
        # told() would turn the quotes into entities, which mean the same and read worse
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
