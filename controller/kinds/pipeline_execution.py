"""PipelineExecution: one run of a pipeline, known by the ARN that its start brings."""

from types import MappingProxyType

from controller.core.phase import Phase
from controller.kinds.kind import FoundBy, Kind, Link, Runs, Succession, Verbs

PIPELINE_EXECUTION = Kind(
    name="PipelineExecution",
    plural="PipelineExecutions",
    verbs=Verbs(create="StartPipelineExecution"),
    added=MappingProxyType({"DesiredState": {"type": "string", "enum": ["Running", "Stopped"]}}),
    links=(Link("PipelineName", "Pipeline"),),
    keyed=MappingProxyType({"PipelineParameters": "Name"}),
    words=MappingProxyType({"Executing": Phase.CHANGING, "Succeeded": Phase.READY}),
    runs=Runs(stop="StopPipelineExecution", state="DesiredState", resume="RetryPipelineExecution"),
    found_by=FoundBy(when="PipelineName", succession=Succession(hashed=False)),
)
