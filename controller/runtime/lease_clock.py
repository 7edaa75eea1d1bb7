"""A clock for leases: it goes on while the machine sleeps, as the clocks of all others do."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux stops the latter while it is suspended


def awake() -> float:
    """Seconds of any origin, those included in which the machine was suspended."""
    return time.clock_gettime(_CLOCK)
