from controller.cloud.pace import Pace


class Time:
    """A clock that waiting moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        """Move on."""
        self.now += seconds


def _paced() -> tuple[Pace, Time]:
    time = Time()
    return Pace(time.wait, lambda: time.now), time


def test_no_throttle_no_wait() -> None:
    """Calls that AWS takes are never spaced."""
    pace, time = _paced()
    for _ in range(100):
        pace.enter("a")
        pace.passed("a")
    assert time.now == 0


def test_throttles_space_calls_of_that_operation_only() -> None:
    """Row 50: each throttle widens the gap of its operation; another operation is not slowed."""
    pace, time = _paced()
    pace.throttled("a")
    pace.enter("b")
    assert time.now == 0
    pace.enter("a")
    first = time.now
    assert first > 0
    for _ in range(3):
        pace.throttled("a")
    before = time.now
    pace.enter("a")
    assert time.now - before > first


def test_the_gap_is_bounded_and_closes_again() -> None:
    """However often AWS throttles, a call waits ten seconds at most; successes bring full speed back."""
    pace, time = _paced()
    for _ in range(50):
        pace.throttled("a")
    before = time.now
    pace.enter("a")
    assert time.now - before <= 10
    for _ in range(100):
        pace.passed("a")
    pace.enter("a")
    before = time.now
    pace.enter("a")
    assert time.now == before
