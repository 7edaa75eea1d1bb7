"""What the parts of training, processing and transform jobs demand, there and in an algorithm's profiles.

The rules are the API reference's. Where nobody has published the service's words, these are ours.
"""

from collections.abc import Sequence

from controller.sandbox.rules import Json
from controller.sandbox.service_error import invalid

SPLITS = ("Line", "RecordIO", "TFRecord")
PAYLOAD = 100
SOURCES = ("S3DataSource", "FileSystemDataSource", "DatasetSource")


def unique(elements: Sequence[Json], key: str) -> None:
    """Refuse two elements of one name."""
    names = [one[key] for one in elements if key in one]
    if len(set(names)) != len(names):
        raise invalid(f"Each {key} must be unique.")


def stopping(limits: Json) -> None:
    """Refuse to wait for less than the run may take."""
    longest, wait = limits.get("MaxRuntimeInSeconds"), limits.get("MaxWaitTimeInSeconds")
    if longest is not None and wait is not None and wait < longest:
        raise invalid(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to "
            "MaxRuntimeInSeconds"
        )


def preferences(listed: Sequence[Json]) -> None:
    """Refuse preferences of which some have a count."""
    if len({"InstanceCount" in one for one in listed}) > 1:
        raise invalid("Either all InstancePreferences must specify InstanceCount or none.")


def training_resources(config: Json) -> None:
    """Refuse more than one way to say which instances are wanted."""
    given = [m for m in ("InstanceType", "InstanceGroups", "InstancePreferences") if config.get(m)]
    if len(given) > 1:
        raise invalid(f"Only one of {', '.join(given)} can be specified in ResourceConfig.")
    preferred = config.get("InstancePreferences", [])
    preferences(preferred)
    if preferred and "InstancePlacementConfig" in config:
        raise invalid("InstancePlacementConfig cannot be specified with InstancePreferences.")
    if "TrainingPlanArn" in config and any(one.get("TrainingPlanArns") for one in preferred):
        raise invalid("TrainingPlanArn cannot be specified with TrainingPlanArns of InstancePreferences.")


def channels(listed: Sequence[Json]) -> None:
    """Refuse channels that do not have exactly one source."""
    for one in listed:
        if sum(source in one["DataSource"] for source in SOURCES) != 1:
            raise invalid(f"Exactly one data source must be specified for channel {one['ChannelName']}.")


def transform(job: Json, *, strict: bool) -> None:
    """Refuse payloads that are too large, and batches of what is not split if `strict`."""
    payload, at_once = job.get("MaxPayloadInMB", 0), job.get("MaxConcurrentTransforms", 1)
    if payload > PAYLOAD or payload * at_once > PAYLOAD:
        raise invalid(f"MaxConcurrentTransforms * MaxPayloadInMB cannot exceed {PAYLOAD} MB.")
    whole = job["TransformInput"].get("SplitType", "None") not in SPLITS
    if strict and whole and job.get("BatchStrategy") == "MultiRecord":
        raise invalid("BatchStrategy MultiRecord requires SplitType Line, RecordIO or TFRecord.")
