"""Times as people write them."""

import re

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """Read a duration: ``90``, ``90s``, ``30m`` or ``2h``.

    Raises:
        ValueError: it is none.

    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text)
    if not found:
        raise ValueError(f"'{text}' is not a time such as 90s, 30m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def age(past: float) -> str:
    """So many seconds in the one unit that tells most: ``45s``, ``90m``, ``30h``, ``12d``."""
    whole = max(int(past), 0)
    for unit, size, most in (("s", 1, 120), ("m", 60, 7200), ("h", 3600, 172_800)):
        if whole < most:
            return f"{whole // size}{unit}"
    return f"{whole // 86_400}d"


def lasted(past: float) -> str:
    """So many seconds as people say a duration: ``45s``, ``3m20s``, ``1h02m``."""
    whole = max(round(past), 0)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
