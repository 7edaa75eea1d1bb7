"""Rules of the parts that training, processing and transform jobs share with an algorithm's validation profiles."""

from collections.abc import Iterator

from controller.kinds.rule import Choice, Excludes, If, InRange, Product, Rule, SumLimit, Uniform

_PREFERENCES = "API reference, ResourceConfig: InstancePreferences"
SPLITS = ("Line", "RecordIO", "TFRecord")


def training_resources(within: str) -> Iterator[Rule]:
    """Rules of a ``ResourceConfig``."""
    types = ("InstanceType", "InstanceGroups", "InstancePreferences")
    yield Choice(types, least=0, within=within, source=_PREFERENCES)
    yield Uniform(
        "InstancePreferences", "InstanceCount", within=within, source="API reference, InstancePreference"
    )
    planned = (If("InstancePreferences[].TrainingPlanArns"),)
    yield Excludes("TrainingPlanArn", planned, within=within, source="API reference, InstancePreference")
    preferred = (If("InstancePreferences"),)
    yield Excludes("InstancePlacementConfig", preferred, within=within, source=_PREFERENCES)


def stopping_condition_rules(within: str) -> Iterator[Rule]:
    """Rules of a ``StoppingCondition``."""
    source = "API reference, StoppingCondition: MaxWaitTimeInSeconds"
    yield SumLimit(("MaxRuntimeInSeconds",), "MaxWaitTimeInSeconds", within=within, source=source)


def channel_source(within: str) -> Iterator[Rule]:
    """Rules of the ``DataSource`` of a training channel."""
    sources = ("S3DataSource", "FileSystemDataSource", "DatasetSource")
    yield Choice(sources, within=within, source="API reference, DataSource")


def transform(within: str = "") -> Iterator[Rule]:
    """Rules of a transform job, or of its definition in a validation profile."""
    payload = "API reference, CreateTransformJob: MaxPayloadInMB"
    yield InRange("MaxPayloadInMB", 0, 100, within=within, source=payload)
    yield Product(("MaxConcurrentTransforms", "MaxPayloadInMB"), 100, within=within, source=payload)
    whole = (If("BatchStrategy", ("MultiRecord",)), If("TransformInput.SplitType", SPLITS, holds=False))
    # Which parts the service checks is not known.
    batch = "API reference, CreateTransformJob: BatchStrategy"
    yield Excludes("BatchStrategy", whole, within=within, source=batch, doubtful=True)
