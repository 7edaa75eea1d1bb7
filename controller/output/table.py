"""A table in plain text: as wide as its cells need, and no wider than the terminal."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from controller.output.terminal import Style, clean

_CELL = 56  # of a further column; what identifies a row is never cut
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
        kept: so many columns are always shown whole; of the others those that are empty, and from the right
            those that no longer fit, are left out.
        styles: how a state is painted, by its word.
        state: the column that holds the states.

    """
    cells = [[clean(cell) for cell in row] for row in (heads, *rows)]
    cells = [[*row[:kept], *(_cut(cell) for cell in row[kept:])] for row in cells]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    shown = _fitting(cells, widths, style.width, kept)
    lines = []
    for number, row in enumerate(cells):
        wide = [row[column].ljust(widths[column]) for column in shown[:-1]] + [row[shown[-1]]]
        if number and state in shown:
            index = shown.index(state)
            wide[index] = style.paint(wide[index], styles.get(row[state], ""))
        lines.append((" " * _GAP).join(wide).rstrip())
    return "\n".join(lines) + "\n"


def _cut(cell: str) -> str:
    return cell if len(cell) <= _CELL else cell[: _CELL - 1] + "…"


def _fitting(cells: list[list[str]], widths: list[int], width: int, kept: int) -> list[int]:
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
