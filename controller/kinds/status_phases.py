"""SageMaker's status words, said once; a kind's ``words`` overrules them."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.phase import Phase

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

# Words for what never came to life: it is deleted and made anew when its spec changes.
STILLBORN = frozenset({"Failed", "CreateFailed"})

# Words for what AWS could not delete: nothing else can be done with it.
UNDELETED = frozenset({"DeleteFailed"})
