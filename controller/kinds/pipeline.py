"""Pipeline: a JSON document in a string, created once per token."""

from controller.kinds.kind import Kind

PIPELINE = Kind(
    name="Pipeline",
    plural="Pipelines",
    documents=("PipelineDefinition",),
    exactly_one_of=(("PipelineDefinition", "PipelineDefinitionS3Location"),),
)
