"""Columns, details and phases of a status, as tables and reports show them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase


@dataclass(frozen=True)
class DisplayColumn:
    """A member of Describe that tables show beside name, status and age.

    ``formatter`` puts the member's value, or each element of it where it is a list, into one line; without it the
    value is shown as it is. A List whose summaries hold the member too gets a column of it.
    """

    member: str
    formatter: Callable[[Any], str] | None = None


class ReadCondition(Enum):
    """When a detail is read; each is a call more, or several."""

    IN_TRANSITION = "what is in transition or failed, --steps and -v"
    VERBOSE = "-v, and where the result is JSON"
    BY_NAME = "`sagectl get KIND NAME --<detail>` alone"


@dataclass(frozen=True)
class Detail:
    """A further read operation on one resource; it takes the member that Describe takes.

    Args:
        name: the heading, and the option of ``sagectl get`` that requests it.
        operation: the read. A List is read to its end.
        member: the member of its answer that holds the detail: a list of structures, or a text.
        columns: members of an element of the list that are worth a column, in order.
        span: the members of an element between which it was at work, shown as a duration after the columns.
        when: when it is read.
        given: what else the read is given.

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
    """A second List of a kind: of what belongs to a resource of the kind ``to``.

    Its option in ``sagectl get`` is called as that kind is (``--workteam``) and takes a name or an ARN, which
    goes into ``member`` as a name or an ARN, as the member's own name ends.
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

# Words for what never came to life: it is deleted and recreated when its spec changes.
# The Terraform provider deletes what is CreateRollbackFailed as well (aws_sagemaker_compute_quota).
CREATE_FAILED = frozenset({"Failed", "CreateFailed", "CREATE_FAILED", "CreateRollbackFailed", "ImportFailed"})

# Words for what AWS could not delete: nothing else can be done with it.
UNDELETED = frozenset({"DeleteFailed", "Delete_Failed", "DELETE_FAILED", "DeleteRollbackFailed"})
