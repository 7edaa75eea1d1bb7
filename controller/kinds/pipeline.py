"""Pipeline: a JSON document in a string, created once per token."""

from types import MappingProxyType

from controller.kinds.filled import Same
from controller.kinds.kind import Gate, Kind
from controller.kinds.telling import Detail

PIPELINE = Kind(
    name="Pipeline",
    plural="Pipelines",
    gates=(Gate("ListPipelineExecutions", by="PipelineName", states=frozenset({"Executing", "Stopping"})),),
    documents=("PipelineDefinition",),
    details=(
        Detail(
            "executions",
            "ListPipelineExecutions",
            "PipelineExecutionSummaries",
            columns=("PipelineExecutionArn", "PipelineExecutionStatus", "PipelineExecutionDisplayName"),
        ),
        Detail(
            "versions",
            "ListPipelineVersions",
            "PipelineVersionSummaries",
            columns=("PipelineVersionId", "PipelineVersionDisplayName", "PipelineVersionDescription"),
        ),
    ),
    exactly_one_of=(("PipelineDefinition", "PipelineDefinitionS3Location"),),
    # The display name is the name where none was given (seen, not documented).
    defaults=MappingProxyType({"PipelineDisplayName": Same("PipelineName")}),
)
