"""HubContentReference: a model of SageMaker's public hub in a private hub; only its minimum version can change."""

from types import MappingProxyType
from typing import Any

from controller.core.phase import Phase
from controller.kinds.columns import Body, Link, Verbs
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write

_PUBLIC = "SageMakerPublicHubContentArn"
_PARTS = 4  # hub-content/HUB/Model/NAME, as Create takes it


def _public_model(body: Body) -> Any:
    """Describe shows the public model's ARN with a version (Terraform, aws_sagemaker_hub_content_reference)."""
    arn = body.get(_PUBLIC)
    return "/".join(arn.split("/")[:_PARTS]) if isinstance(arn, str) else None


HUB_CONTENT_REFERENCE = Kind(
    name="HubContentReference",
    identity=KindIdentity(
        # There is no Describe or List of references alone: they are hub content of the type ModelReference.
        verbs=Verbs(describe="DescribeHubContent", list="ListHubContents"),
        fixed=MappingProxyType({"HubContentType": "ModelReference"}),
        key=("HubName", "HubContentName"),
        name_member="HubContentName",
        # Answers add a version, which ListTags and AddTags do not take (Terraform, as above).
        arn_member="HubContentArn",
        arns=("hub-content/{HubName}/ModelReference/{HubContentName}",),
        links=(Link("HubName", "Hub"),),
    ),
    compare=Compare(
        reads=MappingProxyType(
            {_PUBLIC: _public_model, "MinVersion": lambda body: body.get("ReferenceMinVersion")}
        ),
    ),
    # Terraform recreates the reference to remove it: UpdateHubContentReference can't.
    write=Write(kept=("MinVersion",)),
    lifecycle=Lifecycle(
        status="HubContentStatus",
        # The enumeration HubContentStatus.
        status_phases=MappingProxyType(
            {
                "Importing": Phase.CHANGING,
                "PendingImport": Phase.CHANGING,
                "PendingDelete": Phase.DELETING,
                "Available": Phase.READY,
                "ImportFailed": Phase.FAILED,
            }
        ),
    ),
    display=Display(
        columns=(DisplayColumn("HubName"), DisplayColumn("HubContentVersion"), DisplayColumn("SupportStatus"))
    ),
)
