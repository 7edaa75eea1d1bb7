"""The ways in which a call to AWS may end."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from controller.sandbox import Answer
from controller.sandbox.protocol import NO_ANSWER
from controller.schema.shape import operation, shape
from tests.simulation.passes import Killed

CarryOut = Callable[[], Answer]  # executes the request, and returns the true response
Way = Callable[[CarryOut], Answer]
_JSON = {"Content-Type": "application/x-amz-json-1.1"}
_HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


def _refuse(code: str, message: str = "no", status: int = 400, *, done: bool = False) -> Way:
    """A refusal in AWS' form; ``done``: the request was executed nevertheless."""

    def way(carry_out: CarryOut) -> Answer:
        if done:
            carry_out()
        return Answer(status, _JSON, json.dumps({"__type": code, "message": message}).encode())

    return way


def _answer_with(body: bytes, status: int = 200, *, done: bool = True) -> Way:
    """A body that is no response of the operation."""

    def way(carry_out: CarryOut) -> Answer:
        if done:
            carry_out()
        return Answer(status, {**_JSON, "Content-Length": str(len(body))}, body)

    return way


def _change_answer(change: Callable[[Any], Any]) -> Way:
    """The true response with all values below the top changed."""

    def way(carry_out: CarryOut) -> Answer:
        answer = carry_out()
        try:
            document = json.loads(answer.body or b"{}")
        except ValueError:
            document = {}
        body = json.dumps(change(document)).encode()
        return Answer(answer.status, {**_JSON, "Content-Length": str(len(body))}, body)

    return way


def _cut_answer(carry_out: CarryOut) -> Answer:
    answer = carry_out()
    body = answer.body[: len(answer.body) // 2]
    return Answer(answer.status, {**answer.headers, "Content-Length": str(len(body))}, body)


def _give_no_answer(*, done: bool) -> Way:
    def way(carry_out: CarryOut) -> Answer:
        if done:
            carry_out()
        return Answer(NO_ANSWER, {}, b"")

    return way


def _kill(*, done: bool) -> Way:
    def way(carry_out: CarryOut) -> Answer:
        if done:
            carry_out()
        raise Killed

    return way


def raise_unexpected(carry_out: CarryOut) -> Answer:
    """An unexpected exception after the request was executed."""
    carry_out()
    raise ZeroDivisionError


def _replace_members(value: Any) -> Callable[[Any], Any]:
    return lambda document: dict.fromkeys(document, value) if isinstance(document, dict) else value


WAYS: Mapping[str, Way] = {
    "killed before the call": _kill(done=False),
    "killed after the call": _kill(done=True),
    "no answer, not carried out": _give_no_answer(done=False),
    "no answer, carried out": _give_no_answer(done=True),
    "ThrottlingException": _refuse("ThrottlingException", "Rate exceeded"),
    "TooManyRequestsException": _refuse("TooManyRequestsException", "slow down", 429),
    "500, not carried out": _refuse("InternalFailure", "", 500),
    "500, carried out": _refuse("InternalFailure", "", 500, done=True),
    "503, not carried out": _refuse("ServiceUnavailable", "", 503),
    "503, carried out": _refuse("ServiceUnavailable", "", 503, done=True),
    "a page of a proxy, 502": _answer_with(_HTML, 502, done=False),
    "a page of a proxy, 504, carried out": _answer_with(_HTML, 504),
    "a page of a proxy, 200": _answer_with(_HTML, done=False),
    "a page of a proxy, 200, carried out": _answer_with(_HTML),
    "an empty body, carried out": _answer_with(b""),
    "an empty body, not carried out": _answer_with(b"", done=False),
    "no UTF-8": _answer_with(b'{"a": "\xff\xfe"}'),
    "a list": _answer_with(b"[]"),
    "null": _answer_with(b"null"),
    "a number": _answer_with(b"7"),
    "deeply nested": _answer_with(b"[" * 5000),
    "cut off": _cut_answer,
    "without members": _answer_with(b"{}"),
    "members that are null": _change_answer(_replace_members(None)),
    "members that are numbers": _change_answer(_replace_members(7)),
    "members that are lists": _change_answer(_replace_members([])),
    "members that are objects": _change_answer(_replace_members({})),
    "members that are texts": _change_answer(_replace_members("x")),
    "AccessDeniedException": _refuse("AccessDeniedException", "not authorized"),
    "ExpiredTokenException": _refuse("ExpiredTokenException", "The security token is expired"),
    "UnrecognizedClientException": _refuse("UnrecognizedClientException", "The token is invalid."),
    "a false not-found": _refuse("ValidationException", "Could not find what was requested."),
    "a false ResourceNotFound": _refuse("ResourceNotFound", "it does not exist"),
    "ResourceInUse": _refuse("ResourceInUse", "it is in use"),
    "ConflictException": _refuse("ConflictException", "try again"),
    "ResourceLimitExceeded": _refuse("ResourceLimitExceeded", "The account-level service limit"),
    "ValidationException": _refuse("ValidationException", "1 validation error detected"),
    "UnknownOperationException": _refuse("UnknownOperationException", "no such operation"),
    "an error without a body": _answer_with(b"", 400, done=False),
    "an error that is no JSON": _answer_with(_HTML, 403, done=False),
}

# If a response has no members, this is that of an executed request: the two can't be distinguished.
_LIKE_DONE = "an empty body, not carried out"
# The cells of one test of make soak: some minutes of processor time at most.
PARTS = tuple(tuple(WAYS)[at : at + 5] for at in range(0, len(WAYS), 5))


def end_request(way: str, name: str, carry_out: CarryOut) -> Answer:
    """How a request of an operation ends in a way."""
    is_lie = way == _LIKE_DONE and not _has_members(name)
    return carry_out() if is_lie else WAYS[way](carry_out)


def _has_members(name: str) -> bool:
    """Whether the response of an operation has members; unknown operations are those of other services."""
    found = operation(name)
    return found is None or bool(found.output and shape(found.output).members)
