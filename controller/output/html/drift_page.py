"""Drift as an HTML page, with search and a filter by tier."""

from collections.abc import Iterator, Sequence

from controller.insight.dangling import DanglingReport
from controller.insight.drift import DriftCategory, DriftedResource
from controller.output.drift import dangling_text, drift_sum, tier_lines
from controller.output.html.frame import page_text
from controller.output.html.markup import Group, Html, Page, PageEntry, element, join_html, lines
from controller.output.terminal import Style

_STYLE = Style(width=160)
_GROUPS = (
    Group("missing", "!", "missing"),
    Group("error", "!", "cannot be seen"),
    Group("left", "!", "left behind"),
    Group("contended", "!", "contended"),
    Group("declared", "~", "differ from the document"),
    Group("undeclared", "+", "have undeclared values"),
    Group("unreadable", "?", "not readable"),
    Group("at_default", "=", "at a default"),
)
_SIGNS = {group.key: group.sign for group in _GROUPS}


def drift_page(
    found: Sequence[DriftedResource], looked: DanglingReport | None, version: str, *, verbose: bool
) -> str:
    """The page as one file. Values must have been redacted."""
    grouped = [(each, _groups(each, verbose=verbose)) for each in found]
    shown = [(each, groups) for each, groups in grouped if groups]
    stays = [each for each, groups in grouped if not groups]
    there = {group for _, groups in shown for group in groups}
    return page_text(
        Page(
            title="sagectl drift",
            lead=(drift_sum(found, looked),),
            facts=(("made by", f"sagectl {version}"),),
            notices=tuple(("!", dangling_text(each)) for each in (looked.dangling if looked else ())),
            groups=tuple(group for group in _GROUPS if group.key in there),
            entries=tuple(
                _entry(f"c{number}", each, groups) for number, (each, groups) in enumerate(shown, 1)
            ),
            quiet=tuple((f"q{number}", str(each.ref)) for number, each in enumerate(stays, 1)),
            nothing="No drift.",
            heading="Drift",
        )
    )


def _groups(each: DriftedResource, *, verbose: bool) -> tuple[str, ...]:
    """The groups of a resource, the most important first; empty without differences."""
    tiers = DriftCategory if verbose else (DriftCategory.DECLARED, DriftCategory.UNDECLARED)
    there = {tier.value for tier in tiers if each.of(tier)}
    there |= {word for word in ("missing", "error", "left", "contended") if getattr(each, word)}
    return tuple(group.key for group in _GROUPS if group.key in there)


def _entry(anchor: str, each: DriftedResource, groups: tuple[str, ...]) -> PageEntry:
    named = f"({each.name})" if each.name not in ("", each.ref.name) else ""
    name = str(each.ref).partition("/")[2]
    body = join_html(_body(each, groups))
    return PageEntry(anchor, each.ref.kind, name, _SIGNS[groups[0]], groups, named, body=body)


def _body(each: DriftedResource, groups: tuple[str, ...]) -> Iterator[Html]:
    for message in (
        each.missing,
        each.error,
        each.left,
        *(f"contended: {contended}" for contended in each.contended),
    ):
        if message:
            yield element("p", message, class_="why")
    entries = [
        line for tier in DriftCategory if tier.value in groups for line in tier_lines(each, tier, _STYLE)
    ]
    if entries:
        yield lines(entries)
