"""The files of the features: the tree with all kinds, changes of it, and a long run."""

from collections.abc import Mapping

from tests.journeys.documents import ROLE
from tests.journeys.stage import document_text
from tests.journeys.tree import ENDS, TREE

_STEP = "{Name: wait, Type: Training, Arguments: {}}"
_PIPELINE = document_text(
    "Pipeline", "long", f"roleArn: {ROLE}\npipelineDefinition: {{Version: '2020-12-01', Steps: [{_STEP}]}}"
)
TREE_FILES: Mapping[str, str] = {
    **{f"ml/{kind}.yaml": text for kind, text in TREE.items()},
    "ml/long.yaml": _PIPELINE,
    **{f"ml/Association{number}.yaml": text for number, text in enumerate(ENDS)},
}


def _with_line(kind: str, line: str) -> tuple[str, str]:
    return f"ml/{kind}.yaml", f"{TREE[kind]}  {line}\n"


def _with_replacement(kind: str, before: str, after: str) -> tuple[str, str]:
    return f"ml/{kind}.yaml", TREE[kind].replace(before, after)


CHANGES: Mapping[str, str] = dict(
    (
        _with_line("Action", "description: approved by the board"),
        _with_replacement("Artifact", "rows: '10'", "rows: '20'"),
        _with_line("Context", "description: who leaves"),
        _with_replacement("EndpointConfig", "ml.m5.large", "ml.m5.xlarge"),
        _with_line("ModelPackage", "customerMetadataProperties: {owner: risk}"),
        _with_line("Pipeline", "pipelineDescription: trains every night"),
        _with_replacement("PipelineExecution", "every night", "each night"),
        _with_line("Workforce", "ipAddressType: dualstack"),
        _with_replacement("Workteam", "reviewers of payments", "reviewers"),
    )
)
_EXECUTION = document_text("PipelineExecution", "long", "pipelineName: long")
LONG: Mapping[str, str] = {"long.yaml": _EXECUTION}
STOPPED: Mapping[str, str] = {"long.yaml": f"{_EXECUTION}  desiredState: Stopped\n"}
