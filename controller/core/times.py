"""Durations and instants as people write them."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """Parse a duration: ``90``, ``90s``, ``30m`` or ``2h``.

    Raises:
        ValueError: it is none.

    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found:
        raise ValueError(f"'{text}' is not a time such as 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def age(past: float) -> str:
    """A number of seconds in the largest unit that fits: ``45s``, ``90m``, ``30h``, ``12d``."""
    whole = max(int(past), 0)
    for unit, size, most in (("s", 1, 120), ("m", 60, 7200), ("h", 3600, 172_800)):
        if whole < most:
            return f"{whole // size}{unit}"
    return f"{whole // 86_400}d"


def format_duration(past: float) -> str:
    """A number of seconds as a duration: ``45s``, ``3m20s``, ``1h02m``."""
    whole = max(round(past), 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


_UNITS_AGO = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,6}(?:\.\d+)?)([smhdw])", re.ASCII)


def instant(text: str, now: datetime) -> datetime:
    """Parse ``2026-11-20``, ``2026-11-20T07:30:00Z`` or an age such as ``7d``; without a zone it is UTC.

    Raises:
        ValueError: it is none of them.

    """
    age = _AGE.fullmatch(text)
    try:
        if age:
            return now - timedelta(seconds=float(age[1]) * _UNITS_AGO[age[2]])
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"'{text}' is not a time such as 2026-11-20, 2026-11-20T07:30:00Z, or an age such as 7d or 12h"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def iso(of: datetime) -> str:
    """An instant in the format of ISO 8601, in UTC."""
    fine = "milliseconds" if of.microsecond else "seconds"
    return of.astimezone(UTC).isoformat(timespec=fine).replace("+00:00", "Z")
