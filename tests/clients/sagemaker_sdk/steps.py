"""Steps of a script that runs in the client's environment: each is a function, and starts with an empty sandbox.

A line of JSON is written for each: ``name``, the number of ``calls`` that reached the sandbox, and ``error``, which is
empty for a step that passed. A step also fails if a call was refused that it does not list: clients often hide that.
"""

import json
import os
import sys
import time
import traceback
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/x:1"
_CONTROL = f"{os.environ['SANDBOX']}/_sandbox"
_STEPS: dict[str, tuple[Callable[[], None], Mapping[str, int]]] = {}


def _sleep(seconds: float) -> None:
    """Advance the sandbox's clock by the time that a client sleeps."""
    _control("POST", "clock", {"advance": seconds})


def _control(method: str, route: str, content: Mapping[str, object] | None = None) -> Any:
    body = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"{_CONTROL}/{route}", data=body, method=method)  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return json.load(answer)


_ANSWERS = sys.stdout
sys.stdout = sys.stderr  # what clients print, or log there, is no result
setattr(time, "sleep", _sleep)  # noqa: B010 - mypy takes no other function for it
CLIENT = boto3.client("sagemaker")


def step(**refused: int) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Register a step, with the number of calls of each operation that the sandbox has to refuse."""

    def registered(function: Callable[[], None]) -> Callable[[], None]:
        _STEPS[function.__name__] = (function, refused)
        return function

    return registered


def assert_equal(found: object, expected: object) -> None:
    """Check a value.

    Raises:
        AssertionError: it is another one.

    """
    if found != expected:
        raise AssertionError(f"{found!r} is not {expected!r}")


def assert_deleted(operation: str, **parameters: str) -> None:
    """Check that a resource is no longer described.

    Raises:
        AssertionError: it is.

    """
    try:
        getattr(CLIENT, operation)(**parameters)
    except ClientError as refusal:
        assert_equal(refusal.response["Error"]["Code"] in {"ValidationException", "ResourceNotFound"}, True)
    else:
        raise AssertionError(f"{operation} {parameters} is still answered")


def main() -> None:
    """Run the steps, or those that the command line names."""
    for name, (function, expected) in _STEPS.items():
        if len(sys.argv) == 1 or name in sys.argv:
            print(json.dumps({"name": name, **_run_step(function, expected)}), file=_ANSWERS, flush=True)


def _run_step(function: Callable[[], None], expected: Mapping[str, int]) -> dict[str, object]:
    _control("POST", "reset", {})
    error = ""
    try:
        function()
    except Exception as failure:  # noqa: BLE001 - whatever a client raises is its verdict
        traceback.print_exc()
        error = f"{type(failure).__name__}: {str(failure)[:400]}"
    calls = _control("GET", "calls")["calls"]
    refused = Counter(call["operation"] for call in calls if call["error"])
    if not error and refused != Counter(expected):
        error = f"refused: {dict(refused)}, expected: {dict(expected)}"
    return {"calls": len(calls), "error": error}
