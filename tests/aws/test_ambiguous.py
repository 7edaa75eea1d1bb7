"""Refused calls that may have been executed anyway."""

import json
from collections.abc import Mapping, Sequence

import pytest

from controller.aws import connect
from controller.core.cloud import Call, CloudError, Fault, Guarded, Leadership
from controller.operator.accounts import FencedCloud
from controller.runtime.throttling import WaitLimit
from controller.sandbox import Answer, Sandbox

CREATE = Call("CreateModel", {"ModelName": "fraud"})
TAKEN = 400, "ValidationException", "Cannot create already existing model"
SLOW = 400, "ThrottlingException", "Rate exceeded"
WITHIN = 500, "InternalFailure", ""
AWAY = 503, "ServiceUnavailable", ""


class RefusingSandbox(Sandbox):
    """An account that answers its calls with these refusals, one after the other."""

    def __init__(self, refusals: Sequence[tuple[int, str, str]]) -> None:
        super().__init__()
        self.left = list(refusals)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Refuse."""
        del method, path, headers, body
        status, code, message = self.left.pop(0)
        data = json.dumps({"__type": code, "message": message}).encode()
        return Answer(status, {"Content-Type": "application/x-amz-json-1.1"}, data)


def refused_call_error(
    *refusals: tuple[int, str, str], leadership: Leadership | None = None, patient: bool = False
) -> CloudError:
    """Make a call that the account refuses with these refusals; returns the error."""
    sandbox = RefusingSandbox(refusals)
    cloud = connect(region="us-east-1", attach=sandbox.attach)
    if patient:
        cloud = FencedCloud(cloud, "turn", Leadership(lambda: True, 5.0), timeout=WaitLimit(60.0, 60.0))
    with pytest.raises(CloudError) as caught:
        (Guarded(cloud, leadership) if leadership else cloud).call(CREATE)
    assert sandbox.left == []
    return caught.value


@pytest.mark.parametrize("patient", [False, True], ids=["plain", "in the operator"])
@pytest.mark.parametrize(
    ("refusals", "ambiguous"),
    [
        ([TAKEN], False),
        ([SLOW, TAKEN], False),
        (
            [WITHIN, TAKEN],
            True,
        ),  # the first attempt failed within AWS: it may have created the resource of that name
        ([AWAY, TAKEN], True),
        ([WITHIN, WITHIN], True),
        ([WITHIN, SLOW, TAKEN], True),
        ([WITHIN, SLOW, SLOW, TAKEN], True),
    ],
)
def test_only_a_definite_refusal_proves_that_nothing_was_done(
    refusals: list[tuple[int, str, str]], *, ambiguous: bool, patient: bool
) -> None:
    """After an internal error of AWS the outcome is unknown, whatever the responses to later attempts."""
    error = refused_call_error(*refusals, patient=patient)
    assert error.ambiguous is ambiguous
    assert (error.fault is Fault.EXISTS) == (refusals[-1] is TAKEN)


def test_a_guard_that_stops_the_second_attempt_proves_nothing_of_the_first() -> None:
    """If leadership is lost after an internal error in the first attempt, the call may have been executed."""
    holds = iter([True])
    error = refused_call_error(WITHIN, leadership=Leadership(lambda: next(holds, False), 5.0))
    assert (error.fault, error.ambiguous) == (Fault.BUSY, True)


def test_what_was_never_sent_was_not_done() -> None:
    """A leadership that refuses the first attempt is a definite refusal."""
    error = refused_call_error(leadership=Leadership(lambda: False, 5.0))
    assert (error.fault, error.ambiguous) == (Fault.BUSY, False)
