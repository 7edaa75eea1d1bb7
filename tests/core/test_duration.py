import pytest

from controller.core.duration import age, lasted


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (-3, "0s"),
        (0, "0s"),
        (119.9, "119s"),
        (120, "2m"),
        (7199, "119m"),
        (7200, "2h"),
        (172_800, "2d"),
        (1e7, "115d"),
    ],
)
def test_an_age_has_one_unit(seconds: float, message: str) -> None:
    """An age is told in the one unit that tells most, rounded down; a clock behind AWS's makes none negative."""
    assert age(seconds) == message


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(0.4, "0s"), (59.4, "59s"), (59.6, "1m00s"), (200, "3m20s"), (3720, "1h02m"), (90_000, "25h00m")],
)
def test_a_duration_has_two_units(seconds: float, message: str) -> None:
    """A duration is told as people say it, to the second below an hour and to the minute above."""
    assert lasted(seconds) == message
