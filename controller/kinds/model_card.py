"""ModelCard: what a model is for, as JSON; each change of it is a new version of the card."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.columns import JsonDocument
from controller.kinds.display import DisplayColumn
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, Lifecycle, Write

MODEL_CARD = Kind(
    name="ModelCard",
    compare=Compare(
        # API reference, CreateModelCard: "Content must be in model card JSON schema and provided as a string".
        documents=MappingProxyType({"Content": JsonDocument()}),
    ),
    write=Write(
        # API reference, UpdateModelCard: "You cannot update both model card content and model card status in a single
        # call".
        one_change_per_update=True,
    ),
    lifecycle=Lifecycle(
        # ModelCardStatus is an approval, which people set; only a deletion has states (DescribeModelCard).
        status="ModelCardProcessingStatus",
        status_phases=MappingProxyType(
            {
                "DeletePending": Phase.DELETING,
                "DeleteInProgress": Phase.DELETING,
                "ContentDeleted": Phase.DELETING,
                "ExportJobsDeleted": Phase.DELETING,
                # the Terraform provider's aws_sagemaker_model_card takes it for gone
                "DeleteCompleted": Phase.ABSENT,
            }
        ),
        consequences=(
            # the words ContentDeleted and ExportJobsDeleted of ModelCardProcessingStatus
            Consequence(
                ENDS,
                Impact.LOSES,
                "all versions of the card and the records of its exports are deleted; exported files stay in S3",
            ),
        ),
    ),
    display=Display(columns=(DisplayColumn("ModelCardStatus"), DisplayColumn("ModelCardVersion"))),
)
