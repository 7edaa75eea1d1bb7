"""What a page shows, as values; everything in them has gone through the redactor before."""

from dataclasses import dataclass

from controller.output.html.markup import NOTHING, Html


@dataclass(frozen=True)
class Group:
    """What entries can be narrowed to: its key, its sign and its words."""

    key: str
    sign: str
    heading: str


@dataclass(frozen=True)
class Entry:
    """One resource: where it stands, in which groups, and what is said of it when it is opened.

    Fields:
        anchor: its place in the page.
        groups: the keys of its groups; the first gives the colour.
        notes: what matters even while it is closed.
        body: what it holds.
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
class Drawn:
    """A drawing: of how many resources, and how many it leaves out."""

    svg: Html
    count: int
    left: int


@dataclass(frozen=True)
class Page:
    """All of a page."""

    title: str
    lead: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    notices: tuple[tuple[str, str], ...]
    groups: tuple[Group, ...]
    entries: tuple[Entry, ...]
    drawings: tuple[Drawn, ...] = ()
    quiet: tuple[tuple[str, str], ...] = ()
    nothing: str = "Nothing to show."
    heading: str = "Changes"
