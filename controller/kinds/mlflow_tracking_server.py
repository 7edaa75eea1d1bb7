"""MlflowTrackingServer: a managed MLflow server. Its status names the last operation."""

import re
from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import Body, DesiredState
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, Lifecycle, Write


def maintenance_window(body: Body) -> Any:
    """The window in the form of the shape's pattern; the documentation also writes the day in capitals."""
    window = body.get("WeeklyMaintenanceWindowStart")
    return window.capitalize() if isinstance(window, str) and re.match("[A-Za-z]{3}:", window) else window


MLFLOW_TRACKING_SERVER = Kind(
    name="MlflowTrackingServer",
    compare=Compare(
        reads=MappingProxyType({"WeeklyMaintenanceWindowStart": maintenance_window}),
        # Describe shows 2.16.2 for 2.16 (hashicorp/terraform-provider-aws#42276), and maintenance upgrades it.
        unreadable=("MlflowVersion",),
        # API reference, CreateMlflowTrackingServer; the window is computed in the Terraform provider.
        defaults=MappingProxyType(
            {
                "TrackingServerSize": "Small",
                "AutomaticModelRegistration": False,
                "WeeklyMaintenanceWindowStart": ServiceValue.CHOSEN,
                "S3BucketOwnerAccountId": ServiceValue.CHOSEN,
                "S3BucketOwnerVerification": True,
                "MlflowVersion": ServiceValue.CHOSEN,
                "DesiredState": "Started",
            }
        ),
    ),
    write=Write(
        # API reference, UpdateMlflowTrackingServer: AutomaticModelRegistration is False where it is not specified.
        replaces_all=True,
        cleared=MappingProxyType(
            {
                "TrackingServerSize": "Small",
                "AutomaticModelRegistration": False,
                "S3BucketOwnerVerification": True,
            }
        ),
        kept=("WeeklyMaintenanceWindowStart", "S3BucketOwnerAccountId"),
    ),
    lifecycle=Lifecycle(
        # SageMaker's guide, Create an MLflow tracking server: up to 25 minutes
        usual_seconds=1500,
        status="TrackingServerStatus",
        # The enumeration of TrackingServerStatus: the value stays until the next operation.
        status_phases=MappingProxyType(
            {
                "Starting": Phase.CHANGING,
                "MaintenanceInProgress": Phase.CHANGING,
                "Created": Phase.READY,
                "Updated": Phase.READY,
                "Started": Phase.READY,
                "Stopped": Phase.READY,
                "MaintenanceComplete": Phase.READY,
                "CreateFailed": Phase.FAILED,
                "UpdateFailed": Phase.FAILED,
                "StopFailed": Phase.FAILED,
                "StartFailed": Phase.FAILED,
                "MaintenanceFailed": Phase.FAILED,
            }
        ),
        desired_state=DesiredState(
            started="Started",
            start="StartMlflowTrackingServer",
            stop="StopMlflowTrackingServer",
            not_running=("StartFailed",),
        ),
        consequences=(
            # developer guide, MLflow: the server stores the metadata, S3 the artifacts
            Consequence(ENDS, Impact.LOSES, "its experiments and runs are deleted; artifacts stay in S3"),
        ),
    ),
    display=Display(
        columns=(
            DisplayColumn("TrackingServerSize"),
            DisplayColumn("MlflowVersion"),
            DisplayColumn("IsActive"),
        )
    ),
)
