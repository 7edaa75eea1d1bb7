"""PipelineExecution: one run of a pipeline, known by the ARN that its start brings."""

from types import MappingProxyType

from controller.core.phase import Action, Phase
from controller.kinds.defaults import Filled
from controller.kinds.display import Detail, Show, When
from controller.kinds.effects import Consequence, Impact
from controller.kinds.kind import FoundBy, Kind, Link, Runs, Succession, Verbs
from controller.kinds.rule import Choice, Unique

PIPELINE_EXECUTION = Kind(
    name="PipelineExecution",
    plural="PipelineExecutions",
    verbs=Verbs(create="StartPipelineExecution"),
    added=MappingProxyType({"DesiredState": {"type": "string", "enum": ["Running", "Stopped"]}}),
    links=(Link("PipelineName", "Pipeline"),),
    cleared=MappingProxyType(
        {"PipelineExecutionDescription": ""}
    ),  # the shape's least length is 0 (effect unverified)
    keyed=MappingProxyType({"PipelineParameters": "Name"}),
    status_phases=MappingProxyType({"Executing": Phase.CHANGING, "Succeeded": Phase.READY}),
    consequences=(
        Consequence(
            frozenset({Action.STOP}), Impact.INTERRUPTS, "the steps at work are stopped where they are"
        ),
    ),
    columns=(Show("PipelineExecutionDisplayName"),),
    details=(
        Detail(
            "steps",
            "ListPipelineExecutionSteps",
            "PipelineExecutionSteps",
            columns=("StepName", "StepStatus", "FailureReason"),
            span=("StartTime", "EndTime"),
            when=When.AT_WORK,
            given=MappingProxyType({"SortOrder": "Ascending"}),
        ),
        Detail(
            "parameters",
            "ListPipelineParametersForExecution",
            "PipelineParameters",
            columns=("Name", "Value"),
            when=When.VERBOSE,
        ),
        Detail("definition", "DescribePipelineDefinitionForExecution", "PipelineDefinition"),
    ),
    rules=(
        Choice(
            ("PipelineVersionId", "PipelineVersionAlias"),
            least=0,
            source="API reference, StartPipelineExecution",
        ),
        Unique(("PipelineParameters",), "Name", source="API reference, Parameter: Name"),
    ),
    runs=Runs(stop="StopPipelineExecution", state="DesiredState", resume="RetryPipelineExecution"),
    found_by=FoundBy(when="PipelineName", succession=Succession(hashed=False)),
    # The service calls a run that has no name, and runs the newest version (API reference, StartPipelineExecution).
    defaults=MappingProxyType(
        {"PipelineExecutionDisplayName": Filled.MADE, "PipelineVersionId": Filled.MADE}
    ),
    arns=("pipeline/{PipelineName}/execution/*",),
)
