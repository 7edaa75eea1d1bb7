"""The progress of ``sagectl reconcile --wait``."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from controller.cli.exit_codes import FAILED, OK, WAITING
from controller.cli.output import Output
from controller.cli.reconcile import wait_until_handled
from controller.core.ref import Ref

REF = Ref("Endpoint", "fraud", "ml")


def an_object(
    reason: str, message: str, *, ready: bool = False, handled: str = "", moves: bool = True
) -> Mapping[str, Any]:
    """An object as the API server has it."""
    conditions = [
        {"type": "Ready", "status": str(ready), "reason": reason, "message": message},
        {"type": "Reconciling", "status": str(moves)},
    ]
    return {"status": {"conditions": conditions, "lastHandledReconcileAt": handled}}


def test_each_change_is_printed_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    """The object's state is printed when it changes and at the end, without control codes of its messages."""
    states = [
        {},
        an_object("InTransition", "Creating\x1b[2J"),
        an_object("InTransition", "Creating\x1b[2J"),
        an_object("InTransition", "InService", handled="t1"),
        an_object("Ready", "InService", ready=True, handled="t1", moves=False),
    ]
    assert wait_until_handled(iter(states).__next__, REF, "t1", 60, Output()) == OK
    assert re.sub(r"\d+ s\)", "N s)", capsys.readouterr().out).splitlines() == [
        "Endpoint/ml/fraud: no condition yet (waiting, N s)",
        "Endpoint/ml/fraud: InTransition: Creating\\u001b[2J (waiting, N s)",
        "Endpoint/ml/fraud: InTransition: InService (waiting, N s)",
        "Endpoint/ml/fraud: Ready: InService",
    ]


@pytest.mark.parametrize(
    ("state", "timeout", "code"),
    [
        (an_object("Denied", "no", handled="t1", moves=False), 60, FAILED),
        (an_object("Ready", "", ready=True, handled="t0", moves=False), 0.1, WAITING),
        (an_object("Ready", "", ready=True, handled="t1", moves=True), 0.1, WAITING),
    ],
)
def test_only_this_request_ends_the_wait(state: Mapping[str, Any], timeout: float, code: int) -> None:
    """An object that is not ready fails; an earlier request's result, or a transition, is waited for."""
    assert wait_until_handled(lambda: state, REF, "t1", timeout, Output()) == code
