"""MlflowApp: MLflow without a server to size. The service assigns its ARN; its name can be changed."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import AssignedIdentity, Link, TargetForm
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.mlflow_tracking_server import maintenance_window

MLFLOW_APP = Kind(
    name="MlflowApp",
    identity=KindIdentity(
        found_by=AssignedIdentity(when="Name", matches=("Name",)),
        # Whether two apps may share a name is unverified (CreateMlflowApp declares no conflict). Nothing distinguishes
        # two apps of one name before their ARN is known, so a document that several fit matches none of them.
        unique=("Name",),
        links=(Link("DefaultDomainIdList[]", "Domain", TargetForm.ID),),
    ),
    compare=Compare(
        reads=MappingProxyType({"WeeklyMaintenanceWindowStart": maintenance_window}),
        unordered=("DefaultDomainIdList",),  # Terraform, aws_sagemaker_mlflow_app: a set
        # API reference, CreateMlflowApp: ModelRegistrationMode; the window is computed in the Terraform provider.
        # Whether the status is shown by default is unverified.
        defaults=MappingProxyType(
            {
                "ModelRegistrationMode": "AutoModelRegistrationDisabled",
                "WeeklyMaintenanceWindowStart": ServiceValue.CHOSEN,
                "AccountDefaultStatus": "DISABLED",
            }
        ),
    ),
    write=Write(
        # API reference, UpdateMlflowApp: ModelRegistrationMode is AutoModelRegistrationEnabled where it is not
        # specified. The Terraform provider sends all members as well.
        replaces_all=True,
        cleared=MappingProxyType(
            {
                "ModelRegistrationMode": "AutoModelRegistrationDisabled",
                "AccountDefaultStatus": "DISABLED",
                "DefaultDomainIdList": (),  # its least length is 0; that this empties it is unverified
            }
        ),
        kept=("WeeklyMaintenanceWindowStart",),
    ),
    lifecycle=Lifecycle(
        # The enumeration MlflowAppStatus; the Terraform provider takes Created and Updated for success, and Deleted for
        # absence. Describe gives no reason of a failure.
        status_phases=MappingProxyType(
            {
                "Created": Phase.READY,
                "Updated": Phase.READY,
                "CreateFailed": Phase.FAILED,
                "UpdateFailed": Phase.FAILED,
                "Deleted": Phase.ABSENT,
            }
        ),
        consequences=(
            # Developer guide, MLflow: the service stores the metadata, S3 the artifacts.
            Consequence(
                ENDS,
                Impact.LOSES,
                "its experiments and runs are deleted; artifacts stay in S3, and a new app has another ARN",
            ),
        ),
    ),
    display=Display(columns=(DisplayColumn("MlflowVersion"), DisplayColumn("AccountDefaultStatus"))),
)
