"""Rectangles beside and below each other on a sheet of one width."""

from collections.abc import Sequence


def packed(sizes: Sequence[tuple[float, float]], width: float, gap: float) -> list[tuple[float, float]]:
    """The left upper corner of each rectangle; each stands as high as it can, and then as far left.

    Args:
        sizes: widths and heights, in the order in which they are placed; one wider than the sheet stands at its left.
        width: of the sheet.
        gap: between rectangles.

    """
    skyline: list[tuple[float, float]] = [(0.0, 0.0)]  # from where on, and how far down the sheet is taken
    places = []
    for wide, high in sizes:
        y, x = min(
            (max(down for start, down in _under(skyline, left, left + wide)), left)
            for left, _ in skyline
            if left + wide <= width or left == 0
        )
        places.append((x, y))
        skyline = _covered(skyline, x, x + wide + gap, y + high + gap)
    return places


def _under(skyline: Sequence[tuple[float, float]], left: float, right: float) -> list[tuple[float, float]]:
    ends = [*(start for start, _ in skyline[1:]), float("inf")]
    return [piece for piece, end in zip(skyline, ends, strict=True) if piece[0] < right and end > left]


def _covered(
    skyline: Sequence[tuple[float, float]], left: float, right: float, down: float
) -> list[tuple[float, float]]:
    before = [piece for piece in skyline if piece[0] < left]
    last = [piece for piece in skyline if piece[0] <= right]
    after = [piece for piece in skyline if piece[0] > right]
    return [*before, (left, down), (right, last[-1][1]), *after]
