"""Pipeline: a JSON document in a string, created once per token."""

from controller.kinds.kind import Gate, Kind

PIPELINE = Kind(
    name="Pipeline",
    plural="Pipelines",
    gates=(Gate("ListPipelineExecutions", by="PipelineName", states=frozenset({"Executing", "Stopping"})),),
    documents=("PipelineDefinition",),
    exactly_one_of=(("PipelineDefinition", "PipelineDefinitionS3Location"),),
)
