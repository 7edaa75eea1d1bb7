"""PipelineExecution: one run of a pipeline, identified by the ARN that the start returns."""

from types import MappingProxyType

from controller.core.phase import Action, Phase
from controller.kinds.columns import AssignedIdentity, Generations, JobRun, Link, Verbs
from controller.kinds.defaults import ServiceValue
from controller.kinds.display import Detail, DisplayColumn, ReadCondition
from controller.kinds.effects import Consequence, Impact
from controller.kinds.kind import Compare, Display, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Unique

PIPELINE_EXECUTION = Kind(
    name="PipelineExecution",
    identity=KindIdentity(
        verbs=Verbs(create="StartPipelineExecution"),
        links=(Link("PipelineName", "Pipeline"),),
        found_by=AssignedIdentity(when="PipelineName", generations=Generations(hashed=False)),
        arns=("pipeline/{PipelineName}/execution/*",),
    ),
    compare=Compare(
        keyed=MappingProxyType({"PipelineParameters": "Name"}),
        # The service names a run without a name, and runs the newest version (API reference, StartPipelineExecution).
        defaults=MappingProxyType(
            {"PipelineExecutionDisplayName": ServiceValue.MADE, "PipelineVersionId": ServiceValue.MADE}
        ),
    ),
    write=Write(
        added=MappingProxyType({"DesiredState": {"type": "string", "enum": ["Running", "Stopped"]}}),
        cleared=MappingProxyType(
            {"PipelineExecutionDescription": ""}
        ),  # the shape's least length is 0 (effect unverified)
        rules=(
            Choice(
                ("PipelineVersionId", "PipelineVersionAlias"),
                least=0,
                source="API reference, StartPipelineExecution",
            ),
            Unique(("PipelineParameters",), "Name", source="API reference, Parameter: Name"),
        ),
    ),
    lifecycle=Lifecycle(
        status_phases=MappingProxyType(
            {
                "Executing": Phase.CHANGING,
                "Succeeded": Phase.READY,
                # of the enumeration of 1.44; nothing runs any more, and some steps have failed
                "CompletedWithFailures": Phase.FAILED,
            }
        ),
        consequences=(
            Consequence(
                frozenset({Action.STOP}), Impact.INTERRUPTS, "the steps at work are stopped where they are"
            ),
        ),
        runs=JobRun(stop="StopPipelineExecution", state="DesiredState", resume="RetryPipelineExecution"),
    ),
    display=Display(
        columns=(DisplayColumn("PipelineExecutionDisplayName"),),
        details=(
            Detail(
                "steps",
                "ListPipelineExecutionSteps",
                "PipelineExecutionSteps",
                columns=("StepName", "StepStatus", "FailureReason"),
                span=("StartTime", "EndTime"),
                when=ReadCondition.IN_TRANSITION,
                given=MappingProxyType({"SortOrder": "Ascending"}),
            ),
            Detail(
                "parameters",
                "ListPipelineParametersForExecution",
                "PipelineParameters",
                columns=("Name", "Value"),
                when=ReadCondition.VERBOSE,
            ),
            Detail("definition", "DescribePipelineDefinitionForExecution", "PipelineDefinition"),
        ),
    ),
)
