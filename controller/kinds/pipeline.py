"""Pipeline: a JSON document in a string, created once per token."""

from types import MappingProxyType

from controller.kinds.columns import DeleteBlocker, JsonDocument, StringListUpdate
from controller.kinds.defaults import SameAs
from controller.kinds.display import Detail
from controller.kinds.kind import Compare, Display, Kind, Lifecycle, Write
from controller.kinds.pipeline_definition import mistakes
from controller.kinds.rule import Choice

PIPELINE = Kind(
    name="Pipeline",
    compare=Compare(
        documents=MappingProxyType({"PipelineDefinition": JsonDocument(rule=mistakes)}),
        unordered=("PipelineVersionAliases",),
        # The display name is the name where none was given (seen, not documented).
        defaults=MappingProxyType({"PipelineDisplayName": SameAs("PipelineName")}),
    ),
    write=Write(
        # The description's least length is 0 (effect unverified); the display name is the name where none was given. No
        # value of ParallelismConfiguration means none: its least is 1.
        cleared=MappingProxyType({"PipelineDescription": "", "PipelineDisplayName": SameAs("PipelineName")}),
        # botocore's documentation of UpdatePipeline: it takes aliases only where it changes the definition, and an
        # alias leaves the version that has it by UpdatePipelineVersion, which changes those of a version that is there.
        # Describe shows the newest version's aliases, and not its number.
        side_updates=MappingProxyType(
            {
                "PipelineVersionAliases": StringListUpdate(
                    "UpdatePipelineVersion",
                    within="PipelineVersionAliasOperations",
                    lists="ListPipelineVersions",
                    elements="PipelineVersionSummaries",
                    number="PipelineVersionId",
                    renewing=("PipelineDefinition", "PipelineDefinitionS3Location"),
                )
            }
        ),
        rules=(
            Choice(
                ("PipelineDefinition", "PipelineDefinitionS3Location"),
                source="what the service says of both and neither",
            ),
        ),
    ),
    lifecycle=Lifecycle(
        delete_blockers=(
            DeleteBlocker(
                "ListPipelineExecutions",
                by="PipelineName",
                states=frozenset({"Executing", "Stopping"}),
                refused=True,  # API reference, DeletePipeline: only if there are no running instances
            ),
        ),
    ),
    display=Display(
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
    ),
)
