"""HTML in which nothing stands unescaped by mistake: every text is escaped unless it is ``Html`` already."""

from collections.abc import Iterable
from html import escape

from controller.output.terminal import clean

_VOID = frozenset({"input", "link", "meta"})


class Html(str):
    """A text that is HTML already; only this module makes one of a plain text."""

    __slots__ = ()


NOTHING = Html("")


def escaped(text: str) -> Html:
    """A text as it stands, whatever it holds: neither markup nor a sign that turns the direction of writing."""
    return text if isinstance(text, Html) else Html(escape(clean(text)))


def join_html(parts: Iterable[str], between: str = "") -> Html:
    """Several texts one after the other."""
    return Html(escaped(between).join(map(escaped, parts)))


def element(name: str, /, *inside: str, **attributes: str | bool | None) -> Html:
    """An element.

    Args:
        name: of the element.
        inside: what it holds.
        attributes: an underscore at the end is dropped, one within is a hyphen; True stands alone, and None
            and False are left out.

    """
    start = Html(f"<{name}{''.join(_attribute(*each) for each in attributes.items())}>")
    return start if name in _VOID else Html(f"{start}{join_html(inside)}</{name}>")


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    plain = name.rstrip("_").replace("_", "-")
    return f" {plain}" if value is True else f' {plain}="{escaped(value)}"'
