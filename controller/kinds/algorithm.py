"""Algorithm: a training image and its parameters; other kinds name it, so it keeps its name."""

from types import MappingProxyType

from controller.kinds.defaults import ServiceValue
from controller.kinds.job_rules import channel_source, stopping_condition_rules, training_resources, transform
from controller.kinds.kind import Compare, Kind, Write
from controller.kinds.rule import Excludes, If, Unique

_PROFILE = "ValidationSpecification.ValidationProfiles[].TrainingJobDefinition"
_TRAINING = "TrainingSpecification"
_RULES = (
    *training_resources(f"{_PROFILE}.ResourceConfig"),
    *stopping_condition_rules(f"{_PROFILE}.StoppingCondition"),
    *channel_source(f"{_PROFILE}.InputDataConfig[].DataSource"),
    *transform("ValidationSpecification.ValidationProfiles[].TransformJobDefinition"),
    Unique(
        (f"{_TRAINING}.SupportedHyperParameters",),
        "Name",
        source="API reference, HyperParameterSpecification",
    ),
    Excludes(
        "DefaultValue",
        (If("IsRequired", (True,)),),
        within=f"{_TRAINING}.SupportedHyperParameters[]",
        source="API reference, HyperParameterSpecification: DefaultValue",
    ),
)

ALGORITHM = Kind(
    name="Algorithm",
    compare=Compare(
        # Describe leaves these out of a validation profile though its shape has them (Terraform provider,
        # resource aws_sagemaker_algorithm).
        unreadable=(
            f"{_PROFILE}.ResourceConfig.KeepAlivePeriodInSeconds",
            f"{_PROFILE}.StoppingCondition.MaxPendingTimeInSeconds",
            f"{_PROFILE}.StoppingCondition.MaxWaitTimeInSeconds",
            f"{_PROFILE}.InputDataConfig[].ShuffleConfig",
            f"{_PROFILE}.InputDataConfig[].InputMode",
            f"{_PROFILE}.OutputDataConfig.CompressionType",
        ),
        unordered=(
            "TrainingSpecification.SupportedTrainingInstanceTypes",
            "InferenceSpecification.SupportedTransformInstanceTypes",
            "InferenceSpecification.SupportedRealtimeInferenceInstanceTypes",
            "InferenceSpecification.SupportedContentTypes",
            "InferenceSpecification.SupportedResponseMIMETypes",
        ),
        keyed=MappingProxyType(
            {
                "TrainingSpecification.SupportedHyperParameters": "Name",
                "TrainingSpecification.MetricDefinitions": "Name",
                "TrainingSpecification.TrainingChannels": "Name",
                "ValidationSpecification.ValidationProfiles": "ProfileName",
            }
        ),
        # ACK and the Terraform provider treat the digests as computed; an omitted flag is false.
        defaults=MappingProxyType(
            {
                "CertifyForMarketplace": False,
                "TrainingSpecification.TrainingImageDigest": ServiceValue.MADE,
                "TrainingSpecification.SupportsDistributedTraining": False,
                "TrainingSpecification.TrainingChannels[].IsRequired": False,
                "TrainingSpecification.SupportedHyperParameters[].IsTunable": False,
                "TrainingSpecification.SupportedHyperParameters[].IsRequired": False,
                "InferenceSpecification.Containers[].ImageDigest": ServiceValue.MADE,
                "InferenceSpecification.Containers[].IsCheckpoint": False,
            }
        ),
    ),
    write=Write(
        rules=_RULES,
    ),
)
