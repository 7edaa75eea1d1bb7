from typing import Any

import pytest

from controller.aws import connect
from controller.aws.rate_limit import RateLimiter, RateLimiters, rate_limiters
from controller.aws.rate_quotas import request_rates
from controller.core.cloud import Call, Identity
from controller.sandbox import InjectedFault, Knobs, ManualClock, Sandbox
from tests.aws.throttling_service import SENT_AT_ONCE, ThrottlingService


class WaitClock:
    """A clock that ``wait`` advances."""

    def __init__(self) -> None:
        self.now = 0.0

    def wait(self, seconds: float) -> None:
        """Advance the clock."""
        self.now += seconds


def _limiter(**quotas: float) -> tuple[RateLimiter, WaitClock]:
    time = WaitClock()
    return RateLimiter(quotas, wait=time.wait, now=lambda: time.now), time


@pytest.mark.parametrize("workers", [8, SENT_AT_ONCE])
@pytest.mark.parametrize("rate", [10.0, 50.0])
def test_a_known_quota_is_used_to_the_full_and_not_exceeded(rate: float, workers: int) -> None:
    """500 calls take at most 1.05 times the time that the quota allows, with at most 1 % throttled."""
    service = ThrottlingService(rate, workers=workers)
    limiter = RateLimiter({"a": rate}, now=lambda: service.now)
    assert service.run(limiter, 500) <= 1.05
    assert service.throttled <= 5


@pytest.mark.parametrize("workers", [8, SENT_AT_ONCE])
@pytest.mark.parametrize("rate", [10.0, 20.0, 50.0, 100.0])
def test_an_unknown_quota_is_found(rate: float, workers: int) -> None:
    """500 calls take at most 1.35 times the time that the quota allows, at most 12 % throttled, none abandoned."""
    service = ThrottlingService(rate, workers=workers)
    assert service.run(RateLimiter({}, now=lambda: service.now), 500) <= 1.35
    assert service.throttled <= 0.12 * (500 + service.throttled)
    assert service.most_tries < 6


def test_a_rate_that_others_use_too_is_found_below_the_quota() -> None:
    """If another client uses half of a known quota, calls are throttled no more often than with an unknown one."""
    service = ThrottlingService(20.0)
    assert service.run(RateLimiter({"a": 40.0}, now=lambda: service.now), 500) <= 1.35
    assert service.throttled <= 0.12 * (500 + service.throttled)


def test_no_throttle_no_wait() -> None:
    """Calls are never delayed while AWS throttles none and no quota is known."""
    limiter, time = _limiter()
    for _ in range(1000):
        limiter.enter("a")
        limiter.on_accepted("a")
    assert time.now == 0


def test_throttles_space_calls_of_that_operation_only() -> None:
    """Row 50: each throttle lowers the rate of its operation; another operation is not slowed."""
    limiter, time = _limiter()
    limiter.on_throttled("a")
    limiter.enter("b")
    assert time.now == 0
    limiter.enter("a")
    first = time.now
    assert first > 0
    for _ in range(3):
        limiter.on_throttled("a")
    before = time.now
    limiter.enter("a")
    assert time.now - before > first


def test_calls_that_were_under_way_together_count_as_one_throttle() -> None:
    """Of thirty calls that were sent before the first of them was throttled, only that one lowers the rate."""
    limiter, time = _limiter()
    for _ in range(30):
        limiter.on_throttled("a", sent=0.0)
    limiter.enter("a")
    assert time.now < 1


def test_the_rate_is_bounded_and_recovers() -> None:
    """Calls are at most 12 s apart, however often AWS throttles; after two minutes of successes none is delayed."""
    limiter, time = _limiter()
    for _ in range(50):
        limiter.on_throttled("a")
    before = time.now
    limiter.enter("a")
    assert time.now - before <= 12.5
    began = time.now
    while limiter.take("a", "x") or limiter.take("a", "y") or limiter.take("a", "z"):
        limiter.on_accepted("a")
        limiter.enter("a")
        assert time.now - began <= 120


def test_of_many_that_are_refused_one_tries_at_a_time() -> None:
    """A thousand callers of an operation that is throttled for a minute make few attempts, and each call succeeds."""
    limiter, time = _limiter()
    due = {str(number): 0.0 for number in range(1000)}
    attempts = 0
    while time.now < 60:
        caller = min(due, key=lambda each: due[each])
        time.now = max(time.now, due[caller])
        after = limiter.take("a", caller)
        if after == 0:
            attempts += 1
            after = limiter.on_throttled("a", caller)
        assert 0 < after <= 300
        due[caller] = time.now + after
    assert 3 <= attempts <= 30
    assert len({round(at, 3) for at in due.values()}) > 900


def test_who_was_refused_first_comes_first() -> None:
    """Callers retry in the order in which they were refused, one interval apart, and succeed afterwards."""
    limiter, time = _limiter()
    limiter.on_throttled("a")
    after = {caller: limiter.take("a", caller) for caller in "xyz"}
    assert 0 < after["x"] < after["y"] < after["z"]
    for caller in "xyz":
        time.now = max(time.now, after[caller])
        assert limiter.take("a", caller) == 0
        limiter.on_accepted("a")


def test_who_does_not_come_again_delays_nobody() -> None:
    """A hundred refused callers that do not retry lose their reservations a minute after their times."""
    limiter, time = _limiter()
    limiter.on_throttled("a")
    last = max(limiter.take("a", f"gone-{number}") for number in range(100))
    time.now = last + 61
    limiter.on_throttled("a", "x")
    assert limiter.take("a", "y") <= 2


def test_an_interrupted_wait_leaves_its_place() -> None:
    """An interrupted wait of a thread delays no thread behind it."""

    def broken(_: float) -> None:
        raise KeyboardInterrupt

    limiter = RateLimiter({"a": 1.0}, wait=broken, now=lambda: 0.0)
    limiter.enter("a")
    with pytest.raises(KeyboardInterrupt):
        limiter.enter("a")
    assert limiter.take("a", "next") <= 1.1


def test_one_limiter_for_all_roles_of_an_account_and_region() -> None:
    """Calls under several roles share the rate of their account and region; another region has its own."""
    limiters = RateLimiters({})
    here = limiters.of(Identity("1", "us-east-1"))
    assert limiters.of(Identity("1", "us-east-1")) is here
    assert limiters.of(Identity("1", "eu-west-1")) is not here
    assert limiters.of(Identity("2", "us-east-1")) is not here


def test_a_chosen_rate_goes_before_a_published_one_and_that_before_a_documented_one() -> None:
    """The documented rate applies until the account's quota is read; a configured rate always applies."""
    time = WaitClock()
    limiter = RateLimiter({"a": 1.0, "b": 1.0}, {"b": 2.0}, wait=time.wait, now=lambda: time.now)
    limiter.set_quotas({"a": 4.0, "b": 4.0})
    for operation, rate in (("a", 4.0), ("b", 2.0)):
        began = time.now
        for _ in range(21):
            limiter.enter(operation)
            limiter.on_accepted(operation)
        assert 20 / rate - 1.1 <= time.now - began <= 20 / rate * 1.03


def test_documented_rates_are_those_of_aws_alone() -> None:
    """Documented rates do not apply to other endpoints, such as the sandbox; a configured rate does."""
    documented = "sagemaker:ListTrainingJobs"

    def waits(limiter: RateLimiter, operation: str) -> bool:
        return any(limiter.take(operation, str(number)) > 0 for number in range(5))

    assert waits(rate_limiters(None).new_limiter(), documented)
    assert not waits(rate_limiters("http://localhost:1").new_limiter(), documented)
    assert waits(rate_limiters("http://localhost:1", {"ListTrainingJobs": 1.0}).new_limiter(), documented)


QUOTAS: list[Any] = [
    {"QuotaName": "Rate of CreateModel requests", "Value": 5.0},
    {
        "QuotaName": "Rate of DescribeEndpoint requests",
        "Value": 600.0,
        "Period": {"PeriodUnit": "MINUTE", "PeriodValue": 1},
    },
    {"QuotaName": "Rate of CreateNothing requests", "Value": 5.0},
    {"QuotaName": "ml.m5.large for endpoint usage", "Value": 4.0},
    {"QuotaName": "Number of CreateModel things", "Value": 4.0},
    {"QuotaName": "Rate of DeleteModel requests", "Value": "5"},
    {"QuotaName": "Rate of UpdateEndpoint requests", "Value": 0},
    {
        "QuotaName": "Rate of ListModels requests",
        "Value": 5.0,
        "Period": {"PeriodUnit": "FORTNIGHT", "PeriodValue": 1},
    },
    "CreateModel rate",
]


def test_published_rates_are_read_from_names_and_periods() -> None:
    """A quota whose name states a rate of one operation is that operation's rate per second; others are ignored."""
    known = ["CreateModel", "DeleteModel", "DescribeEndpoint", "ListModels", "UpdateEndpoint"]
    assert request_rates(QUOTAS, known) == {"sagemaker:CreateModel": 5.0, "sagemaker:DescribeEndpoint": 10.0}


@pytest.mark.parametrize("readable", [True, False])
def test_quotas_are_read_once_after_the_first_throttled_call(*, readable: bool) -> None:
    """Nothing is read while no call is throttled, and one read is enough, whether or not it is allowed."""
    sandbox = Sandbox(clock=ManualClock(), knobs=Knobs(quotas={"Rate of ListModels requests": 1000.0}))
    if not readable:
        sandbox.inject(InjectedFault.DENIED, operation="ListServiceQuotas", times=None)
    cloud = connect(region="us-east-1", attach=sandbox.attach)
    assert cloud.identity.region == "us-east-1"
    cloud.call(Call("ListModels"))
    assert "ListServiceQuotas" not in [each.operation for each in sandbox.calls]
    sandbox.inject(InjectedFault.THROTTLE, operation="ListModels", times=2)
    cloud.call(Call("ListModels"))
    sandbox.inject(InjectedFault.THROTTLE, operation="ListEndpoints", times=1)
    cloud.call(Call("ListEndpoints"))
    assert [each.operation for each in sandbox.calls].count("ListServiceQuotas") == 1


def test_the_sandbox_throttles_beyond_a_rate_and_no_call_is_lost() -> None:
    """Twenty calls of an operation with a rate of ten per second all succeed, although some attempts were throttled."""
    sandbox = Sandbox(clock=ManualClock(), knobs=Knobs(rates={"ListModels": 10.0}))
    time = WaitClock()

    def wait(seconds: float) -> None:
        time.wait(seconds)
        sandbox.clock.advance(seconds)

    limiters = RateLimiters({})
    limiters.new_limiter = lambda: RateLimiter({}, wait=wait, now=lambda: time.now)  # type: ignore[method-assign]
    cloud = connect(region="us-east-1", attach=sandbox.attach, limiters=limiters)
    for _ in range(20):
        cloud.call(Call("ListModels"))
    errors = [each.error for each in sandbox.calls if each.operation == "ListModels"]
    assert errors.count(None) == 20
    assert errors.count("ThrottlingException") >= 1
