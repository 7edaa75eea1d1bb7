"""Search and GetSearchSuggestions: records of each resource type, through an index that may lag."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from controller.sandbox.kinds.experiment import MEMBERSHIP
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.search_filters import known_property, test_of
from controller.sandbox.search_properties import Type, keys_of, names_of
from controller.sandbox.service_error import ServiceError, invalid
from controller.sandbox.tags import as_list

Found = tuple[Row, Json]
Records = Callable[[OperationRequest, list[Row]], Iterator[Found]]
# Search returns these maps of a trial component even if empty: `ExperimentAnalytics` of the SageMaker SDK for Python
# calls `items()` on them, with a list as its default.
EMPTY: Json = {"Parameters": {}, "InputArtifacts": {}, "OutputArtifacts": {}, "Metrics": []}
JOBS = ("TrainingJob", "ProcessingJob", "TransformJob")


def _with_tags(row: Row) -> Json:
    return row.body if row.tags is None else row.body | {"Tags": as_list(row.tags)}


def _each(_: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    yield from ((row, _with_tags(row)) for row in rows)


def _trials(request: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    held = _memberships_by(request, "TrialArn")
    for row in rows:
        members = [request.state.find(one.body["TrialComponentArn"], request.now) for one in held[row.arn]]
        summaries = [one.body | {"TrialComponentSource": one.body.get("Source")} for one in members if one]
        yield row, _with_tags(row) | {"TrialComponentSummaries": [_without_none(one) for one in summaries]}


def _components(request: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    held = _memberships_by(request, "TrialComponentArn")
    for row in rows:
        trials = [request.state.find(one.body["TrialArn"], request.now) for one in held[row.arn]]
        parents = [
            {name: one.body[name] for name in ("TrialName", "ExperimentName")} for one in trials if one
        ]
        yield row, EMPTY | _with_tags(row) | {"Parents": parents} | _source_detail(request, row)


def _source_detail(request: OperationRequest, row: Row) -> Json:
    source = row.body.get("Source")
    if source is None:
        return {}
    job = request.state.find(source["SourceArn"], request.now)
    fields = {job.kind: _with_tags(job)} if job is not None and job.kind in JOBS else {}
    return {"SourceDetail": {"SourceArn": source["SourceArn"]} | fields}


def _executions(_: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    for row in rows:
        yield row, row.body | {"PipelineParameters": row.keep["parameters"]}


def _versions(request: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    for row in rows:
        for version in row.keep["versions"].values():
            arn = version.get("LastExecutionPipelineExecutionArn")
            ran = request.state.find(arn, request.now) if arn else None
            last = {f"LastExecuted{key}": ran.body[key] for key in RAN} if ran else {}
            yield row, version | {"CreatedBy": row.body["CreatedBy"]} | last


RAN = ("PipelineExecutionArn", "PipelineExecutionDisplayName", "PipelineExecutionStatus")


def _features(_: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    shared = ("FeatureGroupArn", "FeatureGroupName", "CreationTime", "LastModifiedTime")
    for row in rows:
        group = {name: row.body[name] for name in shared if name in row.body}
        yield from ((row, group | feature) for feature in row.body["FeatureDefinitions"])


def _cards(_: OperationRequest, rows: list[Row]) -> Iterator[Found]:
    """Model cards, with the parts of their content about the model (shape ModelCard of the service model)."""
    for row in rows:
        content = json.loads(row.body["Content"])
        properties = {
            member: str(content[section][key])
            for member, section, key in (
                ("ModelId", "model_overview", "model_id"),
                ("RiskRating", "intended_uses", "risk_rating"),
                ("ModelPackageGroupName", "model_package_details", "model_package_group_name"),
            )
            if key in content.get(section, {})
        }
        yield row, _with_tags(row) | properties


def _memberships_by(request: OperationRequest, member: str) -> dict[str, list[Row]]:
    """All memberships by one of their ends."""
    found: dict[str, list[Row]] = defaultdict(list)
    for one in request.rows_of(MEMBERSHIP):
        found[one.body[member]].append(one)
    return found


def _without_none(body: Json) -> Json:
    return {key: value for key, value in body.items() if value is not None}


@dataclass(frozen=True)
class Searchable:
    """A resource type of Search."""

    kind: str  # the kind of its rows
    shape: str  # the shape whose members are its properties
    member: str  # of SearchRecord
    records: Records = _each
    within: str | None = None  # the member of the record that contains the properties


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
    "HyperParameterTuningJob": Searchable(
        "HyperParameterTuningJob", "HyperParameterTuningJobSearchEntity", "HyperParameterTuningJob"
    ),
    "ModelCard": Searchable("ModelCard", "ModelCard", "ModelCard", _cards),
}


DEFAULT_SORT = "LastModifiedTime"
DEFAULT_PAGE = 10  # not documented; a small one makes clients read several pages
PAGING = ("NextToken", "MaxResults")


def search(request: OperationRequest) -> Json:
    """One page of the records that satisfy the expression."""
    params, requested = request.params, _requested_resource(request)
    expression = params.get("SearchExpression")
    test = None if expression is None else test_of(requested.shape, expression)
    found = [] if params.get("CrossAccountFilterOption") == "CrossAccount" else _records(request, requested)
    hits = [(sort_key, one) for sort_key, one in found if test is None or test(one)]
    shown, token = page(
        [
            ((*_sort_value(requested.shape, params.get("SortBy"), one), *sort_key), one)
            for sort_key, one in hits
        ],
        key=lambda hit: hit[0],
        size=params.get("MaxResults", DEFAULT_PAGE),
        token=params.get("NextToken"),
        question={name: value for name, value in params.items() if name not in PAGING},
        backwards=params.get("SortOrder", "Descending") == "Descending",
    )
    return {
        "Results": [_record_member(requested, one) for _, one in shown],
        "NextToken": token,
        "TotalHits": {"Value": len(hits), "Relation": "EqualTo"},
    }


def suggestions(request: OperationRequest) -> Json:
    """Names of properties that begin with the hint."""
    requested = _requested_resource(request)
    query = request.params.get("SuggestionQuery", {}).get("PropertyNameQuery", {})
    hint = query.get("PropertyNameHint", "").lower()
    keys = {name for _, record in _records(request, requested) for name in keys_of(requested.shape, record)}
    names = sorted({*names_of(requested.shape), *keys})
    matching = [{"PropertyName": name} for name in names if name.lower().startswith(hint)]
    return {"PropertyNameSuggestions": matching}


def _requested_resource(request: OperationRequest) -> Searchable:
    resource = request.params["Resource"]
    if resource not in SEARCHABLE:
        raise ServiceError("SandboxNotImplemented", f"The sandbox has no {resource} to search.")
    return SEARCHABLE[resource]


def _records(request: OperationRequest, requested: Searchable) -> list[tuple[tuple[int, int], Json]]:
    """All records of a type, each with its position: the age of its resource, and its number in there."""
    held, found = Counter[int](), []
    for row, record in requested.records(request, request.state.searched_rows(requested.kind, request.now)):
        found.append(((row.serial, held[row.serial]), record))
        held[row.serial] += 1
    return found


def _record_member(requested: Searchable, record: Json) -> Json:
    return {requested.member: record if requested.within is None else {requested.within: record}}


def _sort_value(shape: str, by: str | None, record: Json) -> tuple[bool, Any]:
    """Return the sort key of a record; those without a value come first."""
    if by is None:
        return True, record.get(DEFAULT_SORT, record["CreationTime"])
    found = known_property(shape, by)
    if found.type is Type.GROUP:
        raise invalid(f"Results cannot be sorted by {found.type.value} property {by}.")
    values = found.values(record)
    if not values:
        return False, ""
    return True, str(values[0]) if found.type is Type.MIXED else values[0]
