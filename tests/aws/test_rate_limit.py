from controller.aws.rate_limit import Pace


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


def test_of_many_that_are_refused_one_tries_at_a_time() -> None:
    """A thousand callers of an operation that AWS throttles for a minute, by a clock: few attempts, none lost."""
    pace, time = _paced()
    due = {str(number): 0.0 for number in range(1000)}
    attempts = 0
    while time.now < 60:
        caller = min(due, key=lambda each: due[each])
        time.now = max(time.now, due[caller])
        after = pace.take("a", caller)
        if after == 0:
            attempts += 1
            after = pace.throttled("a", caller)
        assert 0 < after <= 300
        due[caller] = time.now + after
    assert 3 <= attempts <= 30
    assert len({round(at, 3) for at in due.values()}) > 900


def test_who_was_refused_first_comes_first() -> None:
    """Callers come again in the order in which they were refused, a gap apart, and get through once AWS lets them."""
    pace, time = _paced()
    pace.throttled("a")
    after = {caller: pace.take("a", caller) for caller in "xyz"}
    assert 0 < after["x"] < after["y"] < after["z"]
    for caller in "xyz":
        time.now = max(time.now, after[caller])
        assert pace.take("a", caller) == 0
        pace.passed("a")


def test_an_operation_recovers_soon() -> None:
    """However long it was throttled, a minute and a half of calls that AWS takes brings full speed back."""
    pace, time = _paced()
    for _ in range(50):
        pace.throttled("a")
    began = time.now
    while True:
        time.now += pace.take("a", "x")
        if pace.take("a", "x") == pace.take("a", "y") == 0:
            break
        pace.passed("a")
        assert time.now - began <= 90


def test_who_does_not_come_again_delays_nobody() -> None:
    """A hundred callers that were refused and went away are forgotten a minute after their times."""
    pace, time = _paced()
    pace.throttled("a")
    last = max(pace.take("a", f"gone-{number}") for number in range(100))
    time.now = last + 61
    pace.throttled("a", "x")
    assert pace.take("a", "y") <= 2
