"""Instants as people write them: a date, a time of day, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_AGE = re.compile(r"(\d{1,6}(?:\.\d+)?)([smhdw])", re.ASCII)


def instant(text: str, now: datetime) -> datetime:
    """Read ``2026-11-20``, ``2026-11-20T07:30:00Z`` or an age such as ``7d``; without a zone it is UTC.

    Raises:
        ValueError: it is none of them.

    """
    age = _AGE.fullmatch(text)
    try:
        if age:
            return now - timedelta(seconds=float(age[1]) * _UNITS[age[2]])
        read = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(
            f"'{text}' is not a time such as 2026-11-20, 2026-11-20T07:30:00Z, or an age such as 7d or 12h"
        ) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def iso(of: datetime) -> str:
    """An instant as ISO 8601 writes it, in UTC."""
    fine = "milliseconds" if of.microsecond else "seconds"
    return of.astimezone(UTC).isoformat(timespec=fine).replace("+00:00", "Z")
