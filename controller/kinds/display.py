"""Columns and details that tables and reports show, and the phases of statuses."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase


@dataclass(frozen=True)
class DisplayColumn:
    """A member of Describe that tables show beside name, status and age.

    ``formatter`` writes the member's value, or each element of a list, in one line; without it the value is shown
    unchanged. A List whose summaries hold the member too gets a column of it.
    """

    member: str
    formatter: Callable[[Any], str] | None = None


class ReadCondition(Enum):
    """When a detail is read, which costs at least one call."""

    IN_TRANSITION = "what is in transition or failed, --steps and -v"
    VERBOSE = "-v, and where the result is JSON"
    BY_NAME = "`sagectl get KIND NAME --<detail>` alone"


@dataclass(frozen=True)
class Detail:
    """A further read operation on one resource; it takes the member that Describe takes.

    Args:
        name: the heading, and the option of ``sagectl get`` that requests it.
        operation: the read. A List is read to its end.
        member: the member of its answer with the detail: a list of structures, or a string.
        columns: members of an element that get a column, in order.
        span: the members with start and end of an element, shown as a duration after the columns.
        when: when it is read.
        given: further parameters of the read.

    """

    name: str
    operation: str
    member: str
    columns: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    when: ReadCondition = ReadCondition.BY_NAME
    given: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True)
class OtherList:
    """A second List of a kind: of the resources that belong to one of the kind ``to``.

    Its option in ``sagectl get`` has the name of that kind (``--workteam``) and takes a name or an ARN, which is passed
    in ``member`` as a name or an ARN, as the member's own name ends.
    """

    operation: str
    member: str
    to: str


COMMON_STATUS_PHASES: Mapping[str, Phase] = MappingProxyType(
    {
        "Initializing": Phase.CHANGING,
        "Pending": Phase.CHANGING,
        "Creating": Phase.CHANGING,
        "InProgress": Phase.CHANGING,
        "Updating": Phase.CHANGING,
        "SystemUpdating": Phase.CHANGING,
        "RollingBack": Phase.CHANGING,
        "Stopping": Phase.CHANGING,
        "PendingMaintenance": Phase.CHANGING,
        "InMaintenance": Phase.CHANGING,
        "Active": Phase.READY,
        "InService": Phase.READY,
        "Completed": Phase.READY,
        "OutOfService": Phase.FAILED,
        "UpdateRollbackFailed": Phase.FAILED,
        "Failed": Phase.FAILED,
        "Stopped": Phase.FAILED,
        "DeleteFailed": Phase.FAILED,
        "Deleting": Phase.DELETING,
    }
)

# Statuses after a failed creation: the resource is deleted and recreated when its spec changes. The Terraform provider
# also deletes a resource in CreateRollbackFailed (aws_sagemaker_compute_quota).
CREATE_FAILED = frozenset({"Failed", "CreateFailed", "CREATE_FAILED", "CreateRollbackFailed", "ImportFailed"})

# Statuses after a failed deletion: only a deletion can be tried again.
UNDELETED = frozenset({"DeleteFailed", "Delete_Failed", "DELETE_FAILED", "DeleteRollbackFailed"})
