"""The four kinds of job definitions of a monitoring schedule. Immutable, so a change is a new generation."""

from collections.abc import Iterator
from types import MappingProxyType

from controller.kinds.columns import Generations, Link
from controller.kinds.defaults import Default
from controller.kinds.kind import Compare, Kind, KindIdentity, Lifecycle, Write
from controller.kinds.rule import Choice, Rule

SORTS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
INPUTS = ("EndpointInput", "BatchTransformInput")


def input_rules(within: str, *, labeled: bool = False) -> Iterator[Rule]:
    """The rules of a monitored input; ``labeled`` predictions are compared with ground truth."""
    yield Choice(
        INPUTS, within=within, source="SageMaker SDK, ModelMonitor: an endpoint or a batch transform"
    )
    if not labeled:
        return
    for each in INPUTS:
        yield Choice(
            ("InferenceAttribute", "ProbabilityAttribute"),
            most=2,
            within=f"{within}.{each}",
            source="what the service says where InferenceAttribute is missing (sagemaker-python-sdk#3959)",
        )


def input_defaults(within: str) -> dict[str, Default]:
    """The defaults of an input: seen by the drift checks of cdk-real-drift, computed in Terraform."""
    return {
        f"{within}.{each}.{member}": value
        for each in INPUTS
        for member, value in (("S3InputMode", "File"), ("S3DataDistributionType", "FullyReplicated"))
    }


# Sources as for the inputs. The hour was seen for data quality, and the upload mode for none of the four.
MAX_RUNTIME = 3600
UPLOAD_MODE = "EndOfJob"


def _row(sort: str, *, labeled: bool = False) -> Kind:
    inputs, outputs = f"{sort}JobInput", f"{sort}JobOutputConfig"
    return Kind(
        name=f"{sort}JobDefinition",
        identity=KindIdentity(
            links=(
                Link(f"{inputs}.EndpointInput.EndpointName", "Endpoint"),
                Link(f"{sort}BaselineConfig.BaseliningJobName", "ProcessingJob"),
            ),
        ),
        compare=Compare(
            unordered=("NetworkConfig.VpcConfig.SecurityGroupIds", "NetworkConfig.VpcConfig.Subnets"),
            defaults=MappingProxyType(
                {
                    **input_defaults(inputs),
                    f"{outputs}.MonitoringOutputs[].S3Output.S3UploadMode": UPLOAD_MODE,
                    "StoppingCondition.MaxRuntimeInSeconds": MAX_RUNTIME,
                }
            ),
        ),
        write=Write(rules=tuple(input_rules(inputs, labeled=labeled))),
        lifecycle=Lifecycle(generations=Generations()),
    )


DATA_QUALITY_JOB_DEFINITION = _row("DataQuality")
MODEL_QUALITY_JOB_DEFINITION = _row("ModelQuality", labeled=True)
MODEL_BIAS_JOB_DEFINITION = _row("ModelBias")
MODEL_EXPLAINABILITY_JOB_DEFINITION = _row("ModelExplainability")
