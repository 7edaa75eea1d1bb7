"""The interface to AWS, and the one exception that it raises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]

OPERATION = r"[A-Z][A-Za-z0-9]+"  # the form of an operation's name
CONCURRENT_CALLS = 32  # of one pass, unless an option sets another number
_READS = ("Describe", "List", "Get", "Search", "BatchGet", "Head")


class Fault(Enum):
    """Why AWS refused a call; ``aws/responses.py`` decides which, by operation, code and message.

    ``MISSING``: the resource that the call addresses does not exist. ``REFERENCE``: another resource that the call
    names does not exist. ``UNSUPPORTED``: the region, or the endpoint, has no such operation.
    """

    MISSING = "missing"
    REFERENCE = "reference"
    EXISTS = "exists"
    BUSY = "busy"
    UNANSWERED = "unanswered"  # a change was sent, and its outcome is unknown
    THROTTLED = "throttled"
    DENIED = "denied"
    LIMIT = "limit"
    INVALID = "invalid"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ResponseRecord:
    """The response to one request: ``request`` is its AWS request id, ``code`` and ``fault`` say why it was refused.

    ``status`` is the HTTP status; 0 without an answer.
    """

    service: str
    operation: str
    code: str
    request: str
    seconds: float
    fault: Fault | None = None
    status: int = 0


ResponseListener: TypeAlias = Callable[[ResponseRecord], None]


@dataclass(frozen=True)
class Leadership:
    """Proof that this process is the only writer: a Lease in the cluster, or a lease object in S3.

    It is checked before each attempt of a call that changes something, after every wait and immediately before the
    request is sent.

    Attributes:
        holds: whether this process is the only writer, for ``margin`` seconds to come.
        margin: seconds that a request may be in flight; its connection is closed if AWS has not acknowledged it by
            then.
        message: the message of the error that ``check`` raises.

    """

    holds: Callable[[], bool]
    margin: float
    message: str = "another replica is the leader"

    def check(self, operation: str) -> None:
        """Refuse an attempt where leadership is not certain any more.

        Raises:
            CloudError: the attempt may not be made.

        """
        if not self.holds():
            raise UnsentCallError(Fault.BUSY, "NotLeading", self.message, operation)


@dataclass(frozen=True)
class Call:
    """One request: the service's botocore name, the operation and its input with AWS member names.

    ``listener`` is called with each response, including those after which the call is retried. ``leadership`` is
    checked before each attempt. A call with a ``caller`` does not wait while its operation is throttled: it is refused,
    and the caller retries it later.
    """

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    service: str = "sagemaker"
    caller: str = field(default="", compare=False)
    listener: ResponseListener | None = field(default=None, compare=False, repr=False)
    leadership: Leadership | None = field(default=None, compare=False, repr=False)

    @property
    def changes(self) -> bool:
        """Whether it may change the account."""
        return not self.operation.startswith(_READS)


class CloudError(Exception):
    """A call that failed: AWS refused it, or it was not sent.

    ``retry_after`` is the number of seconds until the caller may retry, where known. ``ambiguous`` is whether AWS may
    have carried out the change nevertheless, because an attempt ended with a server error or without an answer.
    ``answered`` is whether AWS refused it; otherwise no request was sent, or none arrived.
    """

    def __init__(
        self, fault: Fault, code: str, message: str, operation: str, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.retry_after = retry_after
        self.fault = fault
        self.code = code
        self.message = message
        self.operation = operation
        self.ambiguous = False
        self.answered = True


class UnsentCallError(CloudError):
    """A call that was not sent, for a reason on our side."""


def malformed_response(operation: str, found: str) -> CloudError:
    """The error of a call whose response lacks the operation's output shape; ``found`` says why, and quotes nothing."""
    return CloudError(Fault.UNKNOWN, "MalformedAnswer", f"the response is invalid: {found}", operation)


def next_page(operation: str, answer: Mapping[str, Any], read: set[str], member: str = "NextToken") -> Any:
    """The token of the page that follows ``answer``, after it was added to ``read``; None after the last page.

    Raises:
        CloudError: that page was read before, so the list would never end.

    """
    token = answer.get(member)
    if not token:
        return None
    if str(token) in read:
        raise malformed_response(operation, f"its {member} leads back to a page that was read")
    read.add(str(token))
    return token


@dataclass(frozen=True)
class Identity:
    """The account and region that calls go to."""

    account: str
    region: str
    partition: str = "aws"


class Cloud(Protocol):
    """The interface to AWS. Thread-safe: the engine calls it from many threads at once."""

    @property
    def identity(self) -> Identity:
        """The account and region; the first use calls ``sts:GetCallerIdentity``.

        Raises:
            CloudError: no usable credentials, or no answer.

        """

    def call(self, call: Call) -> Json:
        """Make one call and return its output, without the response's metadata.

        Raises:
            CloudError: AWS refused it, or could not be reached.

        """


@dataclass(frozen=True)
class CloudWrapper:
    """Base of a ``Cloud`` that wraps another one and has its account and region."""

    cloud: Cloud

    @property
    def identity(self) -> Identity:
        """The account and region."""
        return self.cloud.identity


@dataclass(frozen=True)
class ListeningCloud(CloudWrapper):
    """A cloud that also reports each response to a listener."""

    listener: ResponseListener

    def call(self, call: Call) -> Json:
        """Make one call, and report its responses.

        Raises:
            CloudError: AWS refused it.

        """
        before = call.listener

        def both(answered: ResponseRecord) -> None:
            self.listener(answered)
            if before:
                before(answered)

        return self.cloud.call(replace(call, listener=both))


@dataclass(frozen=True)
class Guarded(CloudWrapper):
    """A cloud that checks a leadership before each call that changes something."""

    leadership: Leadership

    def call(self, call: Call) -> Json:
        """Make one call; if it changes something, only while the leadership holds.

        Raises:
            CloudError: AWS refused it, or the leadership no longer holds.

        """
        return self.cloud.call(replace(call, leadership=self.leadership) if call.changes else call)
