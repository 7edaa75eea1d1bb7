"""FlowDefinition: which workers review which predictions (Amazon A2I). Immutable, and called by its ARN."""

from types import MappingProxyType

from controller.kinds.columns import JsonDocument, Link, TargetForm
from controller.kinds.effects import ENDS, Consequence, Impact
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import If, Requires

_REQUEST = "HumanLoopRequestSource"
_ACTIVATION = "HumanLoopActivationConfig"
_CONDITIONS = f"{_ACTIVATION}.HumanLoopActivationConditionsConfig.HumanLoopActivationConditions"
_SOURCE = "Terraform provider, aws_sagemaker_flow_definition: each is required with the other"

FLOW_DEFINITION = Kind(
    name="FlowDefinition",
    identity=KindIdentity(
        links=(
            Link("HumanLoopConfig.WorkteamArn", "Workteam", TargetForm.ARN),
            Link("HumanLoopConfig.HumanTaskUiArn", "HumanTaskUi", TargetForm.ARN),
        ),
    ),
    compare=Compare(
        # Terraform provider, aws_sagemaker_flow_definition: task_keywords is a set, the conditions are JSON.
        unordered=("HumanLoopConfig.TaskKeywords",),
        documents=MappingProxyType({_CONDITIONS: JsonDocument()}),
        # API reference, HumanLoopConfig: the default value is 3,600 seconds.
        defaults=MappingProxyType({"HumanLoopConfig.TaskTimeLimitInSeconds": 3600}),
    ),
    write=Write(
        rules=(
            Requires(_REQUEST, (If(_ACTIVATION),), source=_SOURCE),
            Requires(_ACTIVATION, (If(_REQUEST),), source=_SOURCE),
        ),
    ),
    # Applications call it by its ARN (StartHumanLoop), which no read shows. A changed definition therefore keeps its
    # name, and is replaced only if policy.replace allows it.
    lifecycle=Lifecycle(
        consequences=(
            Consequence(ENDS, Impact.INTERRUPTS, "applications can start no more human loops with its ARN"),
        ),
    ),
)
