"""Calls to an operation that AWS throttles, as a simulation of discrete events: ``python -m tests.benchmarks.rates``.

Prints the time over that of a client that sends each call as soon as there is a token, and the share of throttled
calls. Fails where a goal is missed: 1.05 and 1 % with a known quota, 1.35 and 12 % with an unknown one.
"""

import sys

from controller.aws.rate_limit import RateLimiter
from tests.aws.throttling_service import ThrottlingService
from tests.benchmarks.figures import record, table

_CALLS = 500
_GOALS = {True: (1.05, 0.01), False: (1.35, 0.12)}


def measure(rate: float, workers: int, *, known: bool) -> tuple[float, float]:
    """The ratio of the time to the ideal one, and the share of calls that were throttled."""
    service = ThrottlingService(rate, workers=workers)
    quotas = {"a": rate} if known else {}
    time = service.run(RateLimiter(quotas, now=lambda: service.now), _CALLS)
    return time, service.throttled / (_CALLS + service.throttled)


def main() -> int:
    """Run, print, judge; the exit status."""
    rows = list[tuple[str, ...]]()
    good, worst = True, {True: (0.0, 0.0), False: (0.0, 0.0)}
    for rate in (10.0, 20.0, 50.0, 100.0):
        for workers in (8, 32):
            for known, (most_time, most_throttled) in _GOALS.items():
                time, throttled = measure(rate, workers, known=known)
                worst[known] = max(worst[known][0], time), max(worst[known][1], throttled)
                good &= time <= most_time and throttled <= most_throttled
                shares = (f"{throttled:.1%}", f"{most_throttled:.0%}")
                quota = "known" if known else "unknown"
                rows.append((f"{rate:.0f}", str(workers), quota, f"{time:.2f}", f"{most_time:.2f}", *shares))
    table(
        "rates", ("calls per second", "workers", "quota", "time / bound", "goal", "throttled", "goal"), rows
    )
    for known, (time, throttled) in worst.items():
        quota = "known" if known else "unknown"
        record({f"throttled pass over ideal, {quota} quota": f"{time:.2f} x"})
        record({f"throttled calls, {quota} quota": f"{100 * throttled:.1f} %"})
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
