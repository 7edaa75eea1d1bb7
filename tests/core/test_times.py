from datetime import UTC, datetime, timedelta, timezone

import pytest

from controller.core.times import age, format_duration, instant, iso


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
    """An age has one unit, rounded down; it is not negative if the clock is behind AWS's."""
    assert age(seconds) == message


@pytest.mark.parametrize(
    ("seconds", "message"),
    [(0.4, "0s"), (59.4, "59s"), (59.6, "1m00s"), (200, "3m20s"), (3720, "1h02m"), (90_000, "25h00m")],
)
def test_a_duration_has_two_units(seconds: float, message: str) -> None:
    """A duration has two units: with seconds below an hour and minutes above."""
    assert format_duration(seconds) == message


NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("2026-11-20T07:30:00", "2026-11-20T07:30:00Z"),
        ("2026-11-20T07:30:00Z", "2026-11-20T07:30:00Z"),
        ("2026-11-20T07:30:00+02:00", "2026-11-20T05:30:00Z"),
        ("90s", "2026-11-21T11:58:30Z"),
        ("30m", "2026-11-21T11:30:00Z"),
        ("1.5h", "2026-11-21T10:30:00Z"),
        ("7d", "2026-11-14T12:00:00Z"),
        ("2w", "2026-11-07T12:00:00Z"),
    ],
)
def test_dates_times_and_ages_are_read(text: str, read: str) -> None:
    """A date, a time of day and an age are read; without a zone the time is UTC."""
    assert iso(instant(text, NOW)) == read


@pytest.mark.parametrize("text", ["", "yesterday", "7", "7y", "-7d", "2026-13-01", "999999w", "\u0667d"])
def test_other_words_are_refused_by_name(text: str) -> None:
    """An invalid time is refused, with the text and an example."""
    with pytest.raises(ValueError, match=f"'{text}' is not a time such as"):
        instant(text, NOW)


def test_times_are_written_in_utc() -> None:
    """A time is written in UTC, with milliseconds only where it has some."""
    there = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 1, 1, 1, 0, 0, 250_000, tzinfo=there)) == "2025-12-31T23:00:00.250Z"
    assert iso(datetime(2026, 1, 1, 1, tzinfo=there)) == "2025-12-31T23:00:00Z"
