"""NotebookInstance: an instance with a volume for notebooks. It is stopped for each change, and started again."""

from collections.abc import Mapping
from types import MappingProxyType

from controller.core.phase import Action, Phase
from controller.kinds.columns import Body, DesiredState, Link
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires

# Update has a flag for each member that it can remove (API reference, UpdateNotebookInstance).
_SWITCHES: Mapping[str, str] = MappingProxyType(
    {
        "LifecycleConfigName": "DisassociateLifecycleConfig",
        "DefaultCodeRepository": "DisassociateDefaultCodeRepository",
        "AdditionalCodeRepositories": "DisassociateAdditionalCodeRepositories",
        "AcceleratorTypes": "DisassociateAcceleratorTypes",
    }
)
_LISTS = ("AdditionalCodeRepositories", "AcceleratorTypes")
_UPDATED = (
    *_SWITCHES,
    "InstanceType",
    "RoleArn",
    "VolumeSizeInGB",
    "RootAccess",
    "PlatformIdentifier",
    "IpAddressType",
    "InstanceMetadataServiceConfiguration",
)


def _with_switches(params: Body, _now: Body, _desired: Body) -> Body:
    """The update with the flag instead of each member that is removed."""
    gone = {member for member in _SWITCHES if member in params and not params[member]}
    kept = {name: value for name, value in params.items() if name not in gone}
    return {**kept, **{_SWITCHES[member]: True for member in sorted(gone)}}


NOTEBOOK_INSTANCE = Kind(
    name="NotebookInstance",
    identity=KindIdentity(
        links=(
            Link("LifecycleConfigName", "NotebookInstanceLifecycleConfig"),
            # by name; an https URL of a repository is no link (API reference, CreateNotebookInstance)
            Link("DefaultCodeRepository", "CodeRepository"),
            Link("AdditionalCodeRepositories[]", "CodeRepository"),
        ),
    ),
    compare=Compare(
        # Describe has other names for both (ACK's sagemaker-controller, pkg/resource/notebook_instance).
        reads=MappingProxyType(
            {
                "SecurityGroupIds": lambda body: body.get("SecurityGroups"),
                "LifecycleConfigName": lambda body: body.get("NotebookInstanceLifecycleConfigName"),
            }
        ),
        # sets in the Terraform provider's aws_sagemaker_notebook_instance
        unordered=("SecurityGroupIds", "AdditionalCodeRepositories", "AcceleratorTypes"),
        # API reference, CreateNotebookInstance; ACK late-initialises them. With a subnet alone the VPC's default group
        # is taken, and the platform is the newest one.
        defaults=MappingProxyType(
            {
                "DesiredState": "InService",
                "VolumeSizeInGB": 5,
                "RootAccess": "Enabled",
                "DirectInternetAccess": "Enabled",
                "IpAddressType": "ipv4",
                "PlatformIdentifier": ServiceValue.CHOSEN,
                "SecurityGroupIds": ServiceValue.CHOSEN,
                "InstanceMetadataServiceConfiguration.MinimumInstanceMetadataServiceVersion": "1",
            }
        ),
    ),
    write=Write(
        # A member is reset by sending its default (API reference, UpdateNotebookInstance).
        cleared=MappingProxyType(
            {
                **{member: () if member in _LISTS else "" for member in _SWITCHES},
                "RootAccess": "Enabled",
                "IpAddressType": "ipv4",
                "InstanceMetadataServiceConfiguration": MappingProxyType(
                    {"MinimumInstanceMetadataServiceVersion": "1"}
                ),
            }
        ),
        kept=("VolumeSizeInGB", "PlatformIdentifier"),
        rules=(
            Requires(
                "SubnetId",
                (If("DirectInternetAccess", ("Disabled",)),),
                source="API reference, CreateNotebookInstance: DirectInternetAccess",
            ),
        ),
        amend=_with_switches,
    ),
    lifecycle=Lifecycle(
        # Idle scripts and people stop instances at any time, which is no failure.
        status_phases=MappingProxyType({"Stopped": Phase.READY}),
        # The Terraform provider and ACK's sagemaker-controller stop it for each update, and start it again.
        desired_state=DesiredState(
            started="InService",
            start="StartNotebookInstance",
            stop="StopNotebookInstance",
            # "Status (Stopping) not in ([Stopped, Failed])": aws/amazon-sagemaker-examples#1094
            not_running=("Failed",),
            # "Status (Failed) not in ([InService])": hashicorp/terraform-provider-aws#16767
            stops_from=("InService",),
            stops_to_change=True,
        ),
        consequences=(
            Consequence(
                frozenset({Action.UPDATE, Action.ADOPT}),
                Impact.INTERRUPTS,
                "a running instance is stopped for the change and started again: what runs in its kernels ends",
                members=_UPDATED,
            ),
            # API reference, DeleteNotebookInstance: "Amazon SageMaker AI removes the ML compute instance, and deletes
            # the ML storage volume and the network interface associated with the notebook instance."
            Consequence(ENDS, Impact.LOSES, "all files on its ML storage volume are deleted"),
        ),
    ),
    display=Display(columns=(DisplayColumn("InstanceType"), DisplayColumn("Url"))),
)
