"""AIWorkloadConfig: the workload of a benchmark, in a document of the service's own schema. It has no Update."""

from types import MappingProxyType

from controller.kinds.kind import Compare, Kind, Write
from controller.kinds.rule import Choice, Form, Unique

_CHANNELS = "DatasetConfig.InputDataConfig"

AI_WORKLOAD_CONFIG = Kind(
    name="AIWorkloadConfig",
    # CloudFormation's schema: channels keep their order.
    compare=Compare(keyed=MappingProxyType({_CHANNELS: "ChannelName"})),
    write=Write(
        rules=(
            # DeleteAIWorkloadConfig looks for the name in lower case, so that another is never deleted.
            Form(
                "AIWorkloadConfigName",
                "[a-z0-9](-*[a-z0-9]){0,62}",
                "be in lower case",
                source="CloudFormation, AWS::SageMaker::AIWorkloadConfig: the pattern of its name",
            ),
            Choice(
                ("InputDataConfig",), within="DatasetConfig", source="API reference, AIDatasetConfig: a union"
            ),
            Choice(
                ("Inline",),
                within="AIWorkloadConfigs.WorkloadSpec",
                source="API reference, WorkloadSpec: a union",
            ),
            Unique((_CHANNELS,), "ChannelName", source="API reference, AIWorkloadInputDataConfig"),
        ),
    ),
)
