"""ModelCardExportJob: writes a version of a model card to S3 as a PDF, once. It can't be changed or deleted."""

from types import MappingProxyType

from controller.kinds.columns import Generations, JobRun, Link
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import DisplayColumn
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle

MODEL_CARD_EXPORT_JOB = Kind(
    name="ModelCardExportJob",
    identity=KindIdentity(
        # The pattern of ModelCardExportJobArn. Describe takes the ARN alone, and List the card's name.
        key=("ModelCardName", "ModelCardExportJobName"),
        links=(Link("ModelCardName", "ModelCard"),),
        arns=("model-card/{ModelCardName}/export-job/{ModelCardExportJobName}",),
    ),
    # API reference, CreateModelCardExportJob: ModelCardVersion: the latest one where none is given.
    compare=Compare(defaults=MappingProxyType({"ModelCardVersion": ServiceValue.CHOSEN})),
    lifecycle=Lifecycle(runs=JobRun(), generations=Generations()),
    display=Display(columns=(DisplayColumn("ModelCardName"), DisplayColumn("ModelCardVersion"))),
)
