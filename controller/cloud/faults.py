"""What a refusal means.

SageMaker uses ``ValidationException`` for not-found, already-exists, wrong state and bad input alike, so code
and words are read together. Sources of the words: the handlers of Terraform, ACK, CloudFormation and the SDK
that catch them, gathered kind by kind in this project's fact sheet of the service.
"""

import re
from dataclasses import dataclass

from controller.core.cloud import Fault


@dataclass(frozen=True)
class Sign:
    """One way to tell a fault: error code, words of the message, and the operations it is said by."""

    fault: Fault
    code: str
    words: str = ""
    operation: str = ""

    def fits(self, operation: str, code: str, message: str) -> bool:
        """Whether all that the sign names is there."""
        return (
            re.fullmatch(self.code, code) is not None
            and re.search(self.words, message, re.IGNORECASE) is not None
            and re.match(self.operation, operation) is not None
        )


_INVALID = "ValidationException"
_LOOKS = "(Describe|Delete|Stop|Get|List|Update|Add)"

# The first sign that fits wins.
SIGNS: tuple[Sign, ...] = (
    Sign(Fault.THROTTLED, "Throttl.*|TooManyRequests.*|RequestLimitExceeded|RequestThrottled.*|SlowDown"),
    Sign(Fault.DENIED, "AccessDenied.*|UnauthorizedOperation|NotAuthorized|AuthFailure|OptInRequired"),
    Sign(
        Fault.DENIED, "UnrecognizedClient.*|InvalidClientTokenId|ExpiredToken.*|.*Signature.*|MissingAuth.*"
    ),
    Sign(Fault.LIMIT, "ResourceLimitExceeded|LimitExceeded.*|ServiceQuotaExceeded.*"),
    Sign(Fault.MISSING, "ResourceNotFound.*|NoSuchKey"),
    Sign(Fault.EXISTS, "ResourceInUse.*", operation="Create"),
    Sign(Fault.BUSY, "ResourceInUse.*|Conflict.*"),
    # S3: another writer was first, or is at it. Source: the S3 User Guide on conditional writes.
    Sign(Fault.BUSY, "PreconditionFailed|ConditionalRequestConflict"),
    Sign(Fault.EXISTS, _INVALID, "already exist|must be unique within an AWS account", "Create"),
    Sign(Fault.BUSY, _INVALID, r"in-progress|in status|Cannot \w+ .* in \w+ status"),
    # A role or a work team's workforce that was just made is not usable everywhere for a minute or two.
    Sign(Fault.BUSY, _INVALID, "execution role ARN is invalid|assume the role|could not assume"),
    Sign(Fault.MISSING, _INVALID, "could not find|does not exist|cannot find|resource not found"),
    Sign(Fault.MISSING, _INVALID, "^No workforce|^The work ?team", _LOOKS),
    Sign(Fault.INVALID, f"{_INVALID}|Invalid.*|MissingParameter|UnknownOperation.*|ParamValidation.*"),
)


# Some services put the id of the request into their words; it is kept as a field, and would make each refusal news.
_REQUEST = re.compile(r"[\s;,]*(\(Request ?ID:? ?[\w-]+\)|\bRequest ?ID:? ?[\w-]+)", re.IGNORECASE)


def lasting(message: str) -> str:
    """A refusal's words without what differs from one request to the next."""
    return _REQUEST.sub("", message)


def classify(operation: str, code: str, message: str) -> Fault:
    """Which fault an error is; UNKNOWN where no sign fits."""
    return next((sign.fault for sign in SIGNS if sign.fits(operation, code, message)), Fault.UNKNOWN)
