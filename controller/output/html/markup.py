"""HTML with every text escaped, the values that a page shows, and lines of a plan."""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from controller.output.plan_text import parse_signed
from controller.output.terminal import escape_unprintable

_VOID = frozenset({"input", "link", "meta"})


class Html(str):
    """A string that is HTML; only this module creates one from plain text."""

    __slots__ = ()


NOTHING = Html("")


def escape_html(text: str) -> Html:
    """A text escaped as HTML, without characters that change the direction of writing."""
    return text if isinstance(text, Html) else Html(escape(escape_unprintable(text)))


def join_html(parts: Iterable[str], between: str = "") -> Html:
    """Several texts one after the other."""
    return Html(escape_html(between).join(map(escape_html, parts)))


def element(name: str, /, *inside: str, **attributes: str | bool | None) -> Html:
    """An element.

    Args:
        name: of the element.
        inside: its content.
        attributes: a trailing underscore is dropped, others become hyphens; True is an attribute without a value, and
            None and False are omitted.

    """
    start = Html(f"<{name}{''.join(_attribute(*each) for each in attributes.items())}>")
    return start if name in _VOID else Html(f"{start}{join_html(inside)}</{name}>")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escape_html(value)}"'


@dataclass(frozen=True)
class Group:
    """A filter of entries: its key, sign and label."""

    key: str
    sign: str
    heading: str


@dataclass(frozen=True)
class PageEntry:
    """One resource: its anchor, groups, and details.

    Fields:
        anchor: the id of its element.
        groups: the keys of its groups; the first gives the colour.
        notes: texts that are visible while it is closed.
        body: its details.
    """

    anchor: str
    kind: str
    name: str
    sign: str
    groups: tuple[str, ...]
    summary: str = ""
    notes: tuple[str, ...] = ()
    body: Html = NOTHING


@dataclass(frozen=True)
class Drawing:
    """A drawing, with the numbers of drawn and omitted resources."""

    svg: Html
    count: int
    left: int


@dataclass(frozen=True)
class Page:
    """The contents of a page."""

    title: str
    lead: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    notices: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    entries: tuple[PageEntry, ...]
    drawings: tuple[Drawing, ...] = ()
    quiet: tuple[tuple[str, str], ...] = ()
    nothing: str = "Nothing to show."
    heading: str = "Changes"


_CLASSES = {"+": "plus", "-": "minus", "~": "tilde", "#": "quietly"}


def lines(of: Iterable[str]) -> Html:
    """Lines of text as HTML, without their common indentation."""
    written = list(of)
    margin = min(len(line) - len(line.lstrip()) for line in written)
    return element("pre", join_html((_line(line, margin) for line in written), Html("\n")))


def _line(line: str, margin: int) -> Html:
    found = parse_signed(line)
    way = found is not None and found.sign == "~" and line.endswith(":")  # a parent of changes
    return element("span", line[margin:], class_=_CLASSES.get(found.sign) if found and not way else None)
