"""Classification of what AWS answers: refusals by operation, code and message, and malformed bodies.

SageMaker uses ``ValidationException`` for not-found, already-exists, wrong state and bad input alike, so code
and words are read together. Sources of the words: the handlers of Terraform, ACK, CloudFormation and the SDK
that catch them, gathered kind by kind in this project's fact sheet of the service.
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

from controller.core.cloud import Fault, malformed


@dataclass(frozen=True)
class Sign:
    """A rule of classification: error code, words of the message, and the operations that return it."""

    fault: Fault
    code: str
    message: str = ""
    operation: str = ""

    def fits(self, operation: str, code: str, message: str) -> bool:
        """Whether all that the sign names is there."""
        return (
            re.fullmatch(self.code, code) is not None
            and re.search(self.message, message, re.IGNORECASE) is not None
            and re.match(self.operation, operation) is not None
        )


_INVALID = "ValidationException"
_CREATES = "Create|Start|Add(?!Tags)"  # what brings a resource into being, whatever it is called

# The first sign that fits wins; what is not found is judged by ``_absence`` before them.
SIGNS: tuple[Sign, ...] = (
    Sign(Fault.THROTTLED, "Throttl.*|TooManyRequests.*|RequestLimitExceeded|RequestThrottled.*|SlowDown"),
    Sign(Fault.DENIED, "AccessDenied.*|UnauthorizedOperation|NotAuthorized|AuthFailure|OptInRequired"),
    Sign(
        Fault.DENIED, "UnrecognizedClient.*|InvalidClientTokenId|ExpiredToken.*|.*Signature.*|MissingAuth.*"
    ),
    # A clock that is wrong, as S3 and EC2 name it; for the others it is a signature that expired.
    Sign(Fault.DENIED, "RequestTimeTooSkewed|RequestExpired|InvalidAccessKeyId"),
    Sign(Fault.LIMIT, "ResourceLimitExceeded|LimitExceeded.*|ServiceQuotaExceeded.*"),
    Sign(Fault.MISSING, "NoSuchKey"),
    # Of what a preflight reads: IAM's role, ECR's repository, and S3, whose answer to HEAD is a status alone. The
    # bucket of an inventory that is not there is no absence of the inventory, so its operations are not meant.
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
    Sign(Fault.BUSY, "ResourceInUse.*|Conflict.*"),
    # S3: another writer was first, or is at it. Source: the S3 User Guide on conditional writes.
    Sign(Fault.BUSY, "PreconditionFailed|ConditionalRequestConflict"),
    Sign(
        Fault.BUSY,
        _INVALID,
        r"in-progress|in status|in un-deletable state|while it is in state|Cannot \w+ .* in \w+ status",
    ),
    # A role or a work team's workforce that was just made is not usable everywhere for a minute or two.
    Sign(Fault.BUSY, _INVALID, "execution role ARN is invalid|assume the role|could not assume"),
    # The JSON and the query protocol of AWS, and what stands before an endpoint, for an operation they do not have.
    Sign(Fault.UNSUPPORTED, "UnknownOperation.*|InvalidAction|UnsupportedOperation.*|NotImplemented"),
    Sign(Fault.INVALID, f"{_INVALID}|Invalid.*|MissingParameter|ParamValidation.*"),
)

_ABSENT = re.compile(
    "could not find|cannot find|unable to find|^unable to describe|does not exist|resource not found|^No workforce"
    "|^RecordNotFound"
    # DeleteApp of one that is gone (Terraform provider, resource aws_sagemaker_app)
    "|has already been deleted|was automatically deleted",
    re.IGNORECASE,
)
# Application Auto Scaling. A target that was just registered is not seen by all its operations at once (API reference,
# RegisterScalableTarget: "eventually consistent"), so what is put into it is put once more.
_UNREGISTERED = "ObjectNotFoundException"
# Tags are addressed by the ARN alone.
_READS = re.compile("Describe|Get|List|Search|BatchGet|AddTags|DeleteTags|TagResource|UntagResource")
_ENDS = re.compile("Delete|Deregister|Stop|Disassociate|Disable|Retry")
_CHANGES = re.compile("Update")
_BEFORE = re.compile(
    r"^(?:(?:could not find|cannot find|unable to describe)\s+)?(?:(?:the|no|an?|requested|latest)\s+)?",
    re.IGNORECASE,
)
# What makes another thing of a noun: "endpoint configuration" is no endpoint, and "model data" no model.
_LONGER = "(?!config|lifecycle|package|group|policy|component|execution|version|data|image|artifact|quality)"
_NAMING = re.compile(r"[\"'<:(]|arn:")  # from here on a message names the resource and no kind any more


# Some services put the id of the request into their words; it is kept as a field, and would make each refusal news.
_REQUEST = re.compile(r"[\s;,]*(\(Request ?ID:? ?[\w-]+\)|\bRequest ?ID:? ?[\w-]+)", re.IGNORECASE)


def lasting(message: str) -> str:
    """A refusal's words without what differs from one request to the next."""
    return _REQUEST.sub("", message)


def _absence(operation: str, code: str, message: str) -> Fault | None:
    """Which fault an answer is that something was not found; None for any other answer.

    A Create names nothing that could be there already, so what it does not find is something that it refers to, such
    as model data in S3 or a model of a variant. An Update or a Delete may be refused for such a thing as well.
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
    """Whether a message says of the resource that the operation addresses that it is not there."""
    noun = re.sub("^[A-Z][a-z]+", "", operation).lower()
    of_another = noun.removesuffix("policy")  # a policy goes with what it is of
    # a reference is itself content of the hub
    names = {noun, noun.removesuffix("reference"), "resource", "job", "record"} | (
        {of_another, "resourcepolicy"} if of_another != noun else set()
    )
    subject = _NAMING.split(_BEFORE.sub("", message), maxsplit=1)[0]
    letters = re.sub("[^a-z]", "", subject.lower())
    return any(re.match(name + _LONGER, letters) for name in names)


def classify(operation: str, code: str, message: str) -> Fault:
    """Which fault an error is; UNKNOWN where no sign fits."""
    absence = _absence(operation, code, message)
    if absence is not None:
        return absence
    return next((sign.fault for sign in SIGNS if sign.fits(operation, code, message)), Fault.UNKNOWN)


_REFUSED = 300  # the first HTTP status that is no success
_UNPARSED = (ResponseParserError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_thread = threading.local()


def check_client(client: Any) -> None:
    """Let every answer to a client be checked before botocore parses it."""
    client.meta.events.register("before-parse", _check)


@contextmanager
def understood(operation: str) -> Iterator[None]:
    """Turn what botocore's parsers raise about an answer into a refusal of its call.

    Raises:
        CloudError: the answer is not what the operation answers.

    """
    _thread.arrived = False
    try:
        yield
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
        raise
    except _UNPARSED as error:
        if not _thread.arrived:  # a mistake in what was to be sent is ours
            raise
        raise malformed(operation, type(error).__name__) from error


def _check(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Refuse what botocore would take for an answer without members.

    Its JSON parser reads an empty body, and a text that is no JSON, as an empty structure (``botocore/parsers.py``,
    ``BaseJSONParser._parse_body_as_json``). Operations without an output answer with an empty body (API reference,
    DeleteModel).
    """
    _thread.arrived = True
    body, output = response_dict["body"], operation_model.output_shape
    speaks_json = operation_model.service_model.resolved_protocol == "json"
    if (
        not speaks_json
        or response_dict["status_code"] >= _REFUSED
        or not (body or (output and output.members))
    ):
        return
    try:
        found = json.loads(body)
    except ValueError:
        raise malformed(operation_model.name, "it is not JSON, or is cut off") from None
    if not isinstance(found, dict):
        raise malformed(operation_model.name, f"it is no JSON object but a {type(found).__name__}")
