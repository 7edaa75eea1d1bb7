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
