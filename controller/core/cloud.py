"""The one door to AWS, and the one trouble that comes through it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol, TypeAlias

Json: TypeAlias = dict[str, Any]


class Fault(Enum):
    """Why AWS refused a call; ``cloud/faults.py`` decides which, by kind, code and message."""

    MISSING = "missing"
    EXISTS = "exists"
    BUSY = "busy"
    THROTTLED = "throttled"
    DENIED = "denied"
    LIMIT = "limit"
    INVALID = "invalid"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Call:
    """One request: the service's botocore name, the operation and its input in AWS's words."""

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict)
    service: str = "sagemaker"


class CloudError(Exception):
    """A refused call; raised in ``cloud/``, caught in ``engine/observe.py`` and ``engine/apply.py`` only."""

    def __init__(self, fault: Fault, code: str, message: str, operation: str) -> None:
        super().__init__(f"{operation}: {code}: {message}")
        self.fault = fault
        self.code = code
        self.message = message
        self.operation = operation


@dataclass(frozen=True)
class Identity:
    """Whose account and which region the calls go to."""

    account: str
    region: str
    partition: str = "aws"


class Cloud(Protocol):
    """Where calls go. Thread-safe: the engine calls it from many threads at once."""

    @property
    def identity(self) -> Identity:
        """The account and region; the first use asks ``sts:GetCallerIdentity``.

        Raises:
            CloudError: no usable credentials, or no answer.

        """

    def call(self, call: Call) -> Json:
        """Make one call and give its output, without the response's metadata.

        Raises:
            CloudError: AWS refused it, or could not be reached.

        """
