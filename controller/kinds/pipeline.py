"""Pipeline: a JSON document in a string, created once per token."""

from controller.kinds.kind import Detail, Kind

PIPELINE = Kind(
    name="Pipeline",
    plural="Pipelines",
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
)
