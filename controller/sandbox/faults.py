"""Injected faults, and their effects on the requests that match."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from controller.sandbox.kind import Verb
from controller.sandbox.kinds import KINDS
from controller.sandbox.protocol import NO_ANSWER, Answer
from controller.sandbox.request import SandboxAccount
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError, invalid, over_quota


class InjectedFault(StrEnum):
    """The faults that can be injected."""

    THROTTLE = "throttle"
    DENIED = "denied"
    IN_USE = "in_use"
    LIMIT = "limit"
    UNSUPPORTED = "unsupported"
    STALE = "stale"
    ROLLBACK = "rollback"
    FAIL = "fail"
    INVALID = "invalid"
    UNKNOWN = "unknown"
    MISSING = "missing"
    GARBLED = "garbled"
    SILENT = "silent"
    EXPIRED = "expired"
    SKEWED = "skewed"


# The error codes with which JSON, query and S3 services refuse credentials. Source: the common errors of the API
# references of SageMaker, STS and IAM, and S3's list of error codes; the messages are those of AWS.
CREDENTIALS: dict[InjectedFault, tuple[str, dict[str, str], str]] = {
    InjectedFault.EXPIRED: (
        "ExpiredTokenException",
        dict.fromkeys(("sts", "iam", "s3"), "ExpiredToken"),
        "The security token included in the request is expired",
    ),
    InjectedFault.SKEWED: (
        "InvalidSignatureException",
        {**dict.fromkeys(("sts", "iam"), "SignatureDoesNotMatch"), "s3": "RequestTimeTooSkewed"},
        "Signature expired: 20261129T100000Z is now earlier than 20261129T100500Z (20261129T101000Z - 5 min.)",
    ),
}
THROTTLED = "ThrottlingException", "Rate exceeded"
# The operations that a fault affects when none is named.
MEETS = {
    InjectedFault.THROTTLE: re.compile(".*"),
    InjectedFault.DENIED: re.compile(".*"),
    InjectedFault.UNSUPPORTED: re.compile(".*"),
    InjectedFault.IN_USE: re.compile("(Update|Delete|Stop|Retry|Put|Disassociate)(?!Tags).*"),
    InjectedFault.LIMIT: re.compile("(Create|Add|Associate|Start|Retry)(?!Tags).*"),
    InjectedFault.STALE: re.compile(
        "(Create|Update|Delete|Add|Associate|Disassociate|Start|Stop|Retry|Put|Enable|Disable)(?!Tags).*"
    ),
    InjectedFault.ROLLBACK: re.compile("UpdateEndpoint"),
    InjectedFault.INVALID: re.compile(".*"),
    InjectedFault.UNKNOWN: re.compile(".*"),
    InjectedFault.MISSING: re.compile("(Describe|Delete|List|Get|Stop).*"),
    InjectedFault.GARBLED: re.compile(".*"),
    InjectedFault.SILENT: re.compile(".*"),
    InjectedFault.EXPIRED: re.compile(".*"),
    InjectedFault.SKEWED: re.compile(".*"),
    InjectedFault.FAIL: re.compile(
        "|".join(filter(None, (kind.operation(Verb.CREATE) for kind in KINDS if kind.grows)))
    ),
}
REASONS = {
    InjectedFault.FAIL: "Internal server error.",
    InjectedFault.ROLLBACK: "Request to service failed. The previous configuration was restored.",
}


@dataclass(frozen=True, slots=True)
class Injection:
    """One injected fault that waits for matching requests."""

    fault: InjectedFault
    operation: str | None
    name: str | None
    times: int | None  # None: without limit
    reason: str | None
    seconds: float

    def meets(self, operation: str, params: Json) -> bool:
        """Whether a request matches."""
        if self.operation is None:
            right = MEETS[self.fault].fullmatch(operation) is not None
        else:
            right = self.operation == operation
        return right and (self.name is None or _mentions(params, self.name))


class CallRates:
    """Token buckets of the operations whose rate is limited; each is full at first, with the tokens of one second."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens, and the time of their calculation

    def take(self, operation: str, rate: float, now: float) -> None:
        """Take a token for a call.

        Raises:
            ServiceError: there is no token left for it.

        """
        most = max(rate, 1.0)
        tokens, filled = self._buckets.get(operation, (most, now))
        tokens = min(tokens + (now - filled) * rate, most)
        self._buckets[operation] = (tokens - 1 if tokens >= 1 else tokens), now
        if tokens < 1:
            raise ServiceError(*THROTTLED)


class Faults:
    """The faults that still wait, in the order of injection."""

    def __init__(self) -> None:
        self._waiting: list[Injection] = []

    def add(self, injection: Injection) -> None:
        """Add a fault."""
        self._waiting.append(injection)

    def clear(self) -> None:
        """Remove all faults."""
        self._waiting.clear()

    def take(self, operation: str, params: Json) -> dict[InjectedFault, Injection]:
        """Return the faults that match this request, at most one of each sort, and count their use."""
        met: dict[InjectedFault, Injection] = {}
        for index, injection in enumerate(self._waiting):
            if injection.fault not in met and injection.meets(operation, params):
                met[injection.fault] = injection
                left = None if injection.times is None else injection.times - 1
                self._waiting[index] = replace(injection, times=left)
        if met:
            self._waiting = [one for one in self._waiting if one.times is None or one.times > 0]
        return met


def refuse_early(
    met: dict[InjectedFault, Injection], operation: str, service: str, account: SandboxAccount
) -> None:
    """Raise the error of an injected fault that precedes the validation of the parameters."""
    for fault in met.keys() & CREDENTIALS.keys():
        code, codes, message = CREDENTIALS[fault]
        raise ServiceError(codes.get(service, code), met[fault].reason or message, 403)
    if InjectedFault.THROTTLE in met:
        raise ServiceError(*THROTTLED)
    if InjectedFault.DENIED in met:
        action = met[InjectedFault.DENIED].reason or f"{service}:{operation}"
        raise ServiceError(
            "AccessDeniedException",
            f"User: {account.caller} is not authorized to perform: {action} on resource: "
            f"{account.arn('*')} because no identity-based policy allows the {action} action",
        )
    if InjectedFault.UNSUPPORTED in met:  # a region, or a partition, that does not have the operation
        raise ServiceError("UnknownOperationException", f"There is no operation {operation}.")
    if InjectedFault.LIMIT in met:
        quota = met[InjectedFault.LIMIT].reason or f"Number of resources for {operation}"
        raise over_quota(quota, 0, 0, "Resources")
    if InjectedFault.INVALID in met:
        raise invalid(met[InjectedFault.INVALID].reason or "1 validation error detected")
    if InjectedFault.UNKNOWN in met:
        raise ServiceError(
            "InternalFailure", met[InjectedFault.UNKNOWN].reason or "Internal server error.", 500
        )


def garble(met: dict[InjectedFault, Injection], answer: Answer) -> Answer:
    """The response after the faults: malformed with the same status, or none at all."""
    if InjectedFault.SILENT in met:
        return replace(answer, status=NO_ANSWER)
    if InjectedFault.GARBLED not in met:
        return answer
    body = (met[InjectedFault.GARBLED].reason or "").encode()
    return replace(answer, headers={**answer.headers, "Content-Length": str(len(body))}, body=body)


def _mentions(value: Any, name: str) -> bool:
    if isinstance(value, str):
        return value == name or (value.startswith("arn:") and name in re.split("[:/]", value))
    if isinstance(value, dict):
        return any(_mentions(item, name) for item in value.values())
    return isinstance(value, list) and any(_mentions(item, name) for item in value)
