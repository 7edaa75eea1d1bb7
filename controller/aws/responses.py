"""Classification of responses: errors by operation, code and message, and malformed bodies.

SageMaker uses ``ValidationException`` for not-found, already-exists, wrong state and bad input alike, so code and
message are matched together. Sources of the messages: the error handling of the Terraform provider, ACK, the
CloudFormation handlers and the SageMaker SDK.
"""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import botocore.exceptions
from botocore.parsers import ResponseParserError

from controller.core.cloud import Fault, malformed_response


@dataclass(frozen=True)
class Sign:
    """A rule of classification: patterns of the error code, the message and the operations that return it."""

    fault: Fault
    code: str
    message: str = ""
    operation: str = ""

    def matches(self, operation: str, code: str, message: str) -> bool:
        """Whether an error matches all patterns."""
        return (
            re.fullmatch(self.code, code) is not None
            and re.search(self.message, message, re.IGNORECASE) is not None
            and re.match(self.operation, operation) is not None
        )


_INVALID = "ValidationException"
_CREATES = "Create|Start|Add(?!Tags)"  # the operations that create a resource

# The first sign that fits wins; ``_absence`` classifies not-found errors before them.
SIGNS: tuple[Sign, ...] = (
    Sign(Fault.THROTTLED, "Throttl.*|TooManyRequests.*|RequestLimitExceeded|RequestThrottled.*|SlowDown"),
    Sign(Fault.DENIED, "AccessDenied.*|UnauthorizedOperation|NotAuthorized|AuthFailure|OptInRequired"),
    Sign(
        Fault.DENIED, "UnrecognizedClient.*|InvalidClientTokenId|ExpiredToken.*|.*Signature.*|MissingAuth.*"
    ),
    # A wrong clock, as S3 and EC2 report it; other services report an expired signature.
    Sign(Fault.DENIED, "RequestTimeTooSkewed|RequestExpired|InvalidAccessKeyId"),
    Sign(Fault.LIMIT, "ResourceLimitExceeded|LimitExceeded.*|ServiceQuotaExceeded.*"),
    Sign(Fault.MISSING, "NoSuchKey"),
    # Not-found errors of what a preflight reads: IAM's role, ECR's repository, and S3, whose answer to HEAD is a status
    # alone. The operations that read an inventory are left out: a missing bucket must not be taken for a missing
    # inventory.
    Sign(Fault.MISSING, "NoSuchEntity|RepositoryNotFoundException"),
    Sign(Fault.MISSING, "404|NoSuchBucket", operation="HeadObject|ListObjects"),
    Sign(Fault.DENIED, "403", operation="HeadObject"),
    # Application Auto Scaling: another request changes the target, or its alarms are read too often.
    Sign(Fault.BUSY, "ConcurrentUpdateException|FailedResourceAccessException"),
    Sign(Fault.EXISTS, "ResourceInUse.*", operation=_CREATES),
    Sign(
        Fault.EXISTS,
        f"{_INVALID}|Conflict.*",
        "already exist|must be unique within an AWS account|cannot create a duplicate",
        _CREATES,
    ),
    Sign(Fault.EXISTS, "ResourceAlreadyExists.*", operation=_CREATES),
    # The new name is another resource's, which no retry within a run changes.
    Sign(
        Fault.INVALID,
        f"{_INVALID}|Conflict.*",
        "already exist|must be unique within an AWS account",
        "Update",
    ),
    Sign(Fault.BUSY, "ResourceInUse.*|Conflict.*"),
    # S3: another writer was first, or is writing now. Source: the S3 User Guide on conditional writes.
    Sign(Fault.BUSY, "PreconditionFailed|ConditionalRequestConflict"),
    Sign(
        Fault.BUSY,
        _INVALID,
        r"in-progress|in status|in un-deletable state|while it is in state|Cannot \w+ .* in \w+ status",
    ),
    # A role or a work team's workforce is not usable everywhere for a minute or two after its creation.
    Sign(Fault.BUSY, _INVALID, "execution role ARN is invalid|assume the role|could not assume"),
    # The errors for an unknown operation of AWS's JSON and query protocols, and of a proxy in front of an endpoint.
    Sign(Fault.UNSUPPORTED, "UnknownOperation.*|InvalidAction|UnsupportedOperation.*|NotImplemented"),
    Sign(Fault.INVALID, f"{_INVALID}|Invalid.*|MissingParameter|ParamValidation.*"),
)

_ABSENT = re.compile(
    "could not find|cannot find|unable to find|^unable to describe|does not exist|resource not found|^No workforce"
    "|^RecordNotFound"
    # DeleteApp of a deleted app (Terraform provider, resource aws_sagemaker_app)
    "|has already been deleted|was automatically deleted",
    re.IGNORECASE,
)
# Application Auto Scaling. A target that was just registered is not visible to all operations at once (API reference,
# RegisterScalableTarget: "eventually consistent"), so a policy for it is put once more.
_UNREGISTERED = "ObjectNotFoundException"
# Tags are addressed by the ARN alone.
_READS = re.compile("Describe|Get|List|Search|BatchGet|AddTags|DeleteTags|TagResource|UntagResource")
_ENDS = re.compile("Delete|Deregister|Stop|Disassociate|Disable|Retry")
_CHANGES = re.compile("Update")
_BEFORE = re.compile(
    r"^(?:(?:could not find|cannot find|unable to describe)\s+)?(?:(?:the|no|an?|requested|latest)\s+)?",
    re.IGNORECASE,
)
# Words after a noun that change its meaning: an "endpoint configuration" is no endpoint, and "model data" no model.
_LONGER = "(?!config|lifecycle|package|group|policy|component|execution|version|data|image|artifact|quality)"
_NAMING = re.compile(r"[\"'<:(]|arn:")  # what follows in a message is the resource's name, and no kind


# Some services put the request's id into their messages. It is kept as a field; within the message it would make each
# repeated error look like a new one.
_REQUEST = re.compile(r"[\s;,]*(\(Request ?ID:? ?[\w-]+\)|\bRequest ?ID:? ?[\w-]+)", re.IGNORECASE)


def stable_message(message: str) -> str:
    """The message of an error without the parts that differ between requests."""
    return _REQUEST.sub("", message)


def _absence(operation: str, code: str, message: str) -> Fault | None:
    """The fault of a not-found error; None for any other error.

    A Create addresses no existing resource, so what is not found is something that it refers to, such as model data in
    S3 or the model of a variant. An Update or a Delete may be refused for such a reference as well.
    """
    modelled, scaled = code.startswith("ResourceNotFound"), code == _UNREGISTERED
    if not modelled and not scaled and not (code == _INVALID and _ABSENT.search(message)):
        return None
    if scaled and operation.startswith("Put"):
        return Fault.BUSY
    if _READS.match(operation):
        return Fault.MISSING
    own = _names_its_own(operation, message)
    if _ENDS.match(operation):
        return Fault.MISSING if own or modelled else Fault.INVALID
    if _CHANGES.match(operation):
        return Fault.MISSING if own or (modelled and not _ABSENT.search(message)) else Fault.REFERENCE
    return Fault.REFERENCE


def _names_its_own(operation: str, message: str) -> bool:
    """Whether the resource that the message reports as not found is the one that the operation addresses."""
    noun = re.sub("^[A-Z][a-z]+", "", operation).lower()
    of_another = noun.removesuffix("policy")  # or names the policy's resource
    # a hub content reference is hub content as well
    names = {noun, noun.removesuffix("reference"), "resource", "job", "record"} | (
        {of_another, "resourcepolicy"} if of_another != noun else set()
    )
    subject = _NAMING.split(_BEFORE.sub("", message), maxsplit=1)[0]
    letters = re.sub("[^a-z]", "", subject.lower())
    return any(re.match(name + _LONGER, letters) for name in names)


def classify(operation: str, code: str, message: str) -> Fault:
    """The fault of an error; UNKNOWN where no sign fits."""
    absence = _absence(operation, code, message)
    if absence is not None:
        return absence
    return next((sign.fault for sign in SIGNS if sign.matches(operation, code, message)), Fault.UNKNOWN)


_REFUSED = 300  # the lowest HTTP status that is no success
_UNPARSED = (ResponseParserError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_thread = threading.local()


def check_client(client: Any) -> None:
    """Check every response to a client before botocore parses it."""
    client.meta.events.register("before-parse", _check)


@contextmanager
def parsing_errors(operation: str) -> Iterator[None]:
    """Turn exceptions of botocore's parsers about a response into a ``CloudError``.

    Raises:
        CloudError: the response does not have the operation's output shape.

    """
    _thread.arrived = False
    try:
        yield
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
        raise
    except _UNPARSED as error:
        if not _thread.arrived:  # no response yet: the error is in our request
            raise
        raise malformed_response(operation, type(error).__name__) from error


def _check(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Refuse a response that botocore would take for one without members.

    Its JSON parser turns an empty body, and a body that is no JSON, into an empty structure (``botocore/parsers.py``,
    ``BaseJSONParser._parse_body_as_json``). Operations without an output answer with an empty body (API reference,
    DeleteModel).
    """
    _thread.arrived = True
    body, output = response_dict["body"], operation_model.output_shape
    is_json = operation_model.service_model.resolved_protocol == "json"
    if not is_json or response_dict["status_code"] >= _REFUSED or not (body or (output and output.members)):
        return
    try:
        found = json.loads(body)
    except ValueError:
        raise malformed_response(operation_model.name, "it is not JSON, or is cut off") from None
    if not isinstance(found, dict):
        raise malformed_response(operation_model.name, f"it is no JSON object but a {type(found).__name__}")
