"""Terminal output: width, colours, tables, and no control characters from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from controller.core.phase import Action

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}
_SIGN_COLOURS = {
    "+": "green", "~": "yellow", "-": "red", "-/+": "red", "+/-": "green", "=": "cyan", "!": "red",
    "…": "cyan", "#": "cyan", "?": "cyan", "»": "yellow", "x": "red",
}  # fmt: skip
_LEAST = 16


@dataclass(frozen=True)
class Style:
    """The width in characters, and whether colours may be used."""

    width: int = 100
    colour: bool = False

    def paint(self, text: str, style: str) -> str:
        """The text in a style, if colours are enabled."""
        return f"\x1b[{_CODES[style]}m{text}\x1b[0m" if self.colour and style else text

    def sign(self, sign: str) -> str:
        """A sign in its colour."""
        return self.paint(sign, _SIGN_COLOURS.get(sign.strip(), ""))

    def fit(self, text: str, taken: int) -> str:
        """The text, cut to the rest of a line if that makes it shorter; a cut text ends with its length."""
        room = max(self.width - taken, _LEAST)
        if len(text) <= room:
            return text
        tail = f"… ({len(text)} characters)"
        cut = text[: max(room - len(tail), _LEAST)] + tail
        return cut if len(cut) < len(text) else text

    def wrap(self, text: str, indent: str, first: str) -> list[str]:
        """The text in lines: the first after ``first``, the others after ``indent``."""
        from textwrap import wrap

        lines = wrap(
            escape_unprintable(text), max(self.width - len(indent), _LEAST * 2), break_long_words=False
        )
        return [(first if number == 0 else indent) + line for number, line in enumerate(lines)]


def escape_unprintable(text: str) -> str:
    """The text with unprintable characters escaped, so that no value can control the terminal."""
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    return {"\n": "\\n", "\t": "\\t", "\r": "\\r"}.get(char, f"\\u{ord(char):04x}")


def sign_of(action: Action) -> str:
    """The sign of an action."""
    return action.value.strip()


_CELL = 56  # of a further column; columns that identify a row are never cut
_GAP = 2
_NO_STYLES: Mapping[str, str] = MappingProxyType({})


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    style: Style,
    *,
    kept: int = 1,
    styles: Mapping[str, str] = _NO_STYLES,
    state: int = 1,
) -> str:
    """Rows under heads.

    Args:
        heads: one for each column.
        rows: the cells.
        style: the width, and whether colours may be used.
        kept: the number of columns that are always complete; of the others, empty ones and those that do not fit are
            omitted.
        styles: the style of each state.
        state: the column with the states.

    """
    cells = [[escape_unprintable(cell) for cell in row] for row in (heads, *rows)]
    cells = [[*row[:kept], *(_shorten_cell(cell) for cell in row[kept:])] for row in cells]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    shown = _column_count(cells, widths, style.width, kept)
    lines = []
    for number, row in enumerate(cells):
        wide = [row[column].ljust(widths[column]) for column in shown[:-1]] + [row[shown[-1]]]
        if number and state in shown:
            index = shown.index(state)
            wide[index] = style.paint(wide[index], styles.get(row[state], ""))
        lines.append((" " * _GAP).join(wide).rstrip())
    return "\n".join(lines) + "\n"


def _shorten_cell(cell: str) -> str:
    return cell if len(cell) <= _CELL else cell[: _CELL - 1] + "…"


def _column_count(cells: list[list[str]], widths: list[int], width: int, kept: int) -> list[int]:
    shown = list(range(kept))
    taken = sum(widths[column] + _GAP for column in shown) - _GAP
    for column in range(kept, len(widths)):
        if not any(row[column] for row in cells[1:]):
            continue
        taken += widths[column] + _GAP
        if taken > width:
            break
        shown.append(column)
    return shown
