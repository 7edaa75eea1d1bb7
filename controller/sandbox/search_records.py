"""What Search finds: the records of each resource type, in their own shapes."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from controller.sandbox.kinds.trial import MEMBERSHIP
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.tags import as_list

Found = tuple[Row, Json]
Records = Callable[[Ask, list[Row]], Iterator[Found]]
# Search shows these of a trial component without any, too: `ExperimentAnalytics` of the SageMaker SDK for Python
# calls `items()` of the maps, with a list as its default.
EMPTY: Json = {"Parameters": {}, "InputArtifacts": {}, "OutputArtifacts": {}, "Metrics": []}
JOBS = ("TrainingJob", "ProcessingJob", "TransformJob")


def _plain(row: Row) -> Json:
    return row.body if row.tags is None else row.body | {"Tags": as_list(row.tags)}


def _each(_: Ask, rows: list[Row]) -> Iterator[Found]:
    yield from ((row, _plain(row)) for row in rows)


def _trials(ask: Ask, rows: list[Row]) -> Iterator[Found]:
    held = _by(ask, "TrialArn")
    for row in rows:
        members = [ask.world.find(one.body["TrialComponentArn"], ask.now) for one in held[row.arn]]
        summaries = [one.body | {"TrialComponentSource": one.body.get("Source")} for one in members if one]
        yield row, _plain(row) | {"TrialComponentSummaries": [_without_none(one) for one in summaries]}


def _components(ask: Ask, rows: list[Row]) -> Iterator[Found]:
    held = _by(ask, "TrialComponentArn")
    for row in rows:
        trials = [ask.world.find(one.body["TrialArn"], ask.now) for one in held[row.arn]]
        parents = [
            {name: one.body[name] for name in ("TrialName", "ExperimentName")} for one in trials if one
        ]
        yield row, EMPTY | _plain(row) | {"Parents": parents} | _source_detail(ask, row)


def _source_detail(ask: Ask, row: Row) -> Json:
    source = row.body.get("Source")
    if source is None:
        return {}
    job = ask.world.find(source["SourceArn"], ask.now)
    fields = {job.kind: _plain(job)} if job is not None and job.kind in JOBS else {}
    return {"SourceDetail": {"SourceArn": source["SourceArn"]} | fields}


def _executions(_: Ask, rows: list[Row]) -> Iterator[Found]:
    for row in rows:
        yield row, row.body | {"PipelineParameters": row.keep["parameters"]}


def _versions(ask: Ask, rows: list[Row]) -> Iterator[Found]:
    for row in rows:
        for version in row.keep["versions"].values():
            arn = version.get("LastExecutionPipelineExecutionArn")
            ran = ask.world.find(arn, ask.now) if arn else None
            last = {f"LastExecuted{key}": ran.body[key] for key in RAN} if ran else {}
            yield row, version | {"CreatedBy": row.body["CreatedBy"]} | last


RAN = ("PipelineExecutionArn", "PipelineExecutionDisplayName", "PipelineExecutionStatus")


def _features(_: Ask, rows: list[Row]) -> Iterator[Found]:
    shared = ("FeatureGroupArn", "FeatureGroupName", "CreationTime", "LastModifiedTime")
    for row in rows:
        group = {name: row.body[name] for name in shared if name in row.body}
        yield from ((row, group | feature) for feature in row.body["FeatureDefinitions"])


def _by(ask: Ask, member: str) -> dict[str, list[Row]]:
    """All memberships by one of their ends."""
    found: dict[str, list[Row]] = defaultdict(list)
    for one in ask.others(MEMBERSHIP):
        found[one.body[member]].append(one)
    return found


def _without_none(body: Json) -> Json:
    return {key: value for key, value in body.items() if value is not None}


@dataclass(frozen=True)
class Searchable:
    """A resource type of Search."""

    kind: str  # whose rows it is made of
    shape: str  # whose members are its properties
    member: str  # of SearchRecord
    records: Records = _each
    within: str | None = None  # the member of the record that holds the properties


SEARCHABLE = {
    "TrainingJob": Searchable("TrainingJob", "TrainingJob", "TrainingJob"),
    "Experiment": Searchable("Experiment", "Experiment", "Experiment"),
    "ExperimentTrial": Searchable("Trial", "Trial", "Trial", _trials),
    "ExperimentTrialComponent": Searchable("TrialComponent", "TrialComponent", "TrialComponent", _components),
    "Endpoint": Searchable("Endpoint", "Endpoint", "Endpoint"),
    "Model": Searchable("Model", "Model", "Model", within="Model"),
    "ModelPackage": Searchable("ModelPackage", "ModelPackage", "ModelPackage"),
    "ModelPackageGroup": Searchable("ModelPackageGroup", "ModelPackageGroup", "ModelPackageGroup"),
    "Pipeline": Searchable("Pipeline", "Pipeline", "Pipeline"),
    "PipelineExecution": Searchable(
        "PipelineExecution", "PipelineExecution", "PipelineExecution", _executions
    ),
    "PipelineVersion": Searchable("Pipeline", "PipelineVersion", "PipelineVersion", _versions),
    "FeatureGroup": Searchable("FeatureGroup", "FeatureGroup", "FeatureGroup"),
    "FeatureMetadata": Searchable("FeatureGroup", "FeatureMetadata", "FeatureMetadata", _features),
    "Project": Searchable("Project", "Project", "Project"),
}
