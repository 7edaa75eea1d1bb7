"""Pipeline and its versions."""

from collections.abc import Iterable
from dataclasses import replace

from controller.sandbox.kind import ListDefaults, SandboxKind, StateSequence
from controller.sandbox.kinds.pipeline_definition import check
from controller.sandbox.lifecycle import update
from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

MOST_ALIASES = 10  # from the model's documentation
ALIASES = "PipelineVersionAliases"
NAMES = ("PipelineVersionDisplayName", "PipelineVersionDescription")


def versions(row: Row) -> dict[str, Json]:
    """All versions of a pipeline, by number."""
    return dict(row.keep["versions"])


def new_version(request: OperationRequest, keep: Json, body: Json) -> Json:
    """Return the kept data of a pipeline whose definition may have changed."""
    held, number = dict(keep.get("versions", {})), body["PipelineVersionId"]
    aliases = request.params.get(ALIASES, [])
    if aliases and str(number) in held:
        raise invalid("Aliases can be assigned only when the pipeline definition changes.")
    _none_is_taken(aliases, held.values(), body["PipelineArn"])
    if str(number) not in held:
        held[str(number)] = {
            "PipelineArn": body["PipelineArn"],
            "PipelineVersionId": number,
            "CreationTime": request.now,
            "LastModifiedTime": request.now,
            "definition": body["PipelineDefinition"],
            **({ALIASES: aliases} if aliases else {}),
        }
    return keep | {"versions": held}


def requested_version(operation_request: OperationRequest, row: Row) -> Json:
    """Return the version that a request names by number or alias; the latest without either."""
    alias, held = operation_request.params.get("PipelineVersionAlias"), versions(row)
    if alias is not None and "PipelineVersionId" in operation_request.params:
        raise invalid("Only one of PipelineVersionId and PipelineVersionAlias can be specified.")
    if alias is not None:
        found = next((one for one in held.values() if alias in one.get(ALIASES, ())), None)
    else:
        found = held.get(
            str(operation_request.params.get("PipelineVersionId", row.body["PipelineVersionId"]))
        )
    if found is None:
        request = alias or operation_request.params["PipelineVersionId"]
        raise ServiceError("ResourceNotFound", f"Pipeline version '{row.arn}/{request}' does not exist.")
    return found


def describe_version(request: OperationRequest, row: Row) -> Json:
    """Describe a pipeline in the requested version."""
    version = requested_version(request, row)
    return row.body | version | {"PipelineDefinition": version["definition"]} | _times(row)


def _times(row: Row) -> Json:
    return {name: row.body[name] for name in ("CreationTime", "LastModifiedTime")}


def list_versions(kind: SandboxKind, request: OperationRequest) -> Json:
    """One page of the versions of a pipeline, newest first by default."""
    arn = kind.arn_in(request)
    row = request.state.described_row(arn, request.now)
    if row is None or row.kind != kind.name:
        raise kind.missing.refusal(arn=arn, name="")
    bounds = request.params.get("CreatedAfter", 0), request.params.get("CreatedBefore", float("inf"))
    shown, token = page(
        [one for one in versions(row).values() if bounds[0] < one["CreationTime"] < bounds[1]],
        key=lambda one: one["PipelineVersionId"],
        size=request.params.get("MaxResults", 100),
        token=request.params.get("NextToken"),
        question=[arn, *bounds, request.params.get("SortOrder")],
        backwards=request.params.get("SortOrder", "Descending") == "Descending",
    )
    return {"PipelineVersionSummaries": shown, "NextToken": token}


def update_version(kind: SandboxKind, request: OperationRequest) -> Json:
    """Set the name, the description or the aliases of a version."""
    update(kind, _update_version, request)
    return {key: request.params[key] for key in ("PipelineArn", "PipelineVersionId")}


def _update_version(request: OperationRequest, row: Row) -> Row:
    version = requested_version(request, row)
    changes = {name: request.params[name] for name in NAMES if name in request.params}
    changes |= {"LastModifiedTime": request.now, ALIASES: _aliases(request, row, version)}
    held = versions(row) | {str(version["PipelineVersionId"]): version | changes}
    return replace(row, keep=row.keep | {"versions": held})


def _aliases(request: OperationRequest, row: Row, version: Json) -> list[str]:
    alias_operations = request.params.get("PipelineVersionAliasOperations", {})
    added, removed = alias_operations.get("Add", []), alias_operations.get("Remove", [])
    if set(added) & set(removed):
        raise invalid("An alias can't appear in both lists.")
    _none_is_taken(added, (one for one in versions(row).values() if one is not version), row.arn)
    left = [alias for alias in dict.fromkeys([*version.get(ALIASES, ()), *added]) if alias not in removed]
    if len(left) > MOST_ALIASES:
        raise invalid(f"A pipeline version can have at most {MOST_ALIASES} aliases.")
    return left


def _none_is_taken(aliases: list[str], others: Iterable[Json], arn: str) -> None:
    taken = {alias for one in others for alias in one.get(ALIASES, ())}
    if both := sorted(taken & set(aliases)):
        raise ServiceError("ConflictException", f"Alias {both[0]} is assigned to another version of '{arn}'.")


RUNNING = frozenset({"Executing", "Stopping"})
INLINE, STORED = "PipelineDefinition", "PipelineDefinitionS3Location"


def _requested_definition(request: OperationRequest) -> str | None:
    """Return the definition in a request, in either form."""
    if STORED not in request.params:
        text: str | None = request.params.get(INLINE)
        return text
    location = request.params[STORED]
    if request.knobs.stored_definition is None:
        raise invalid(f"Unable to read s3://{location['Bucket']}/{location['ObjectKey']}.")
    return request.knobs.stored_definition


def _at_most_one_form(request: OperationRequest) -> None:
    if INLINE in request.params and STORED in request.params:
        raise invalid("Both Pipeline Definition and Pipeline Definition S3 Location shouldn't be present")


def _needs_a_definition(request: OperationRequest) -> None:
    if INLINE not in request.params and STORED not in request.params:
        raise invalid("Either Pipeline Definition or Pipeline Definition S3 location should be provided")


def _definition_is_valid(request: OperationRequest) -> None:
    text = _requested_definition(request)
    if text is not None:
        check(text)


def _nothing_runs(request: OperationRequest, row: Row) -> None:
    running = [one for one in _executions(request, row) if one.body["PipelineExecutionStatus"] in RUNNING]
    if running:
        raise ServiceError(
            "ConflictException",
            f"Pipeline '{row.arn}' has {len(running)} running execution(s) and cannot be deleted.",
        )


def _executions(request: OperationRequest, row: Row) -> list[Row]:
    return [one for one in request.rows_of("PipelineExecution") if one.keep["pipeline"] == row.arn]


def _update_is_valid(request: OperationRequest, _: Row) -> None:
    _at_most_one_form(request)
    _definition_is_valid(request)


def _initial(request: OperationRequest) -> Json:
    return {
        "PipelineDisplayName": request.params.get("PipelineDisplayName", request.params["PipelineName"]),
        "PipelineDefinition": _requested_definition(request),
        "PipelineVersionId": 1,
        "CreatedBy": request.creator,
        "LastModifiedBy": request.creator,
    }


def _change(request: OperationRequest, row: Row) -> Row:
    sent = {k: v for k, v in request.params.items() if k not in {STORED, ALIASES, "PipelineName"}}
    text = _requested_definition(request)
    if text is not None:
        sent["PipelineDefinition"] = text
    version = row.body["PipelineVersionId"]
    if text is not None and text != row.body["PipelineDefinition"]:
        version += 1  # only a change of the definition makes a version
    body = row.body | sent | {"PipelineVersionId": version, "LastModifiedBy": request.creator}
    return replace(row, body=body, keep=new_version(request, row.keep, body))


def _keep(request: OperationRequest) -> Json:
    arn = PIPELINE.arn(request.account, request.knobs, request.params["PipelineName"])
    return new_version(request, {}, _initial(request) | {"PipelineArn": arn})


def _address(request: OperationRequest) -> str:
    name = request.params.get("PipelineArn") or request.params["PipelineName"]
    return PIPELINE.arn(request.account, request.knobs, name)


def _managed_by(request: OperationRequest, _: Row) -> bool:
    """Whether a pipeline has the requested manager: no pipeline here is made by AWS itself."""
    return bool(request.params.get("ManagedBy", "CUSTOMER") == "CUSTOMER")


PIPELINE: SandboxKind = SandboxKind(
    name="Pipeline",
    path="pipeline",
    missing=Phrase("ResourceNotFound", "Pipeline '{arn}' does not exist."),
    exists=Phrase(
        "ValidationException",
        "Pipeline names must be unique within an AWS account and region. "
        "Pipeline with name ({name}) already exists.",
    ),
    busy=Phrase("ConflictException", "Pipeline '{arn}' is being deleted or has running executions."),
    listing=ListDefaults(
        key="PipelineSummaries", order="Descending", row_filter=_managed_by, filtered=frozenset({"ManagedBy"})
    ),
    life=StateSequence(
        status="PipelineStatus",
        stable="Active",
        deletion_seconds=lambda request: request.knobs.pipeline_deleting,
        busy=frozenset({"Deleting"}),
    ),
    by_arn=True,
    instructions=frozenset({STORED, ALIASES, "ClientRequestToken"}),
    token=lambda request: request.params.get("ClientRequestToken"),
    guards=(_at_most_one_form, _needs_a_definition, _definition_is_valid),
    update_guards=(_update_is_valid,),
    delete_guards=(_nothing_runs,),
    address=_address,
    initial=_initial,
    keep=_keep,
    shown=describe_version,
    along=_executions,
    change=_change,
    acts={"UpdatePipelineVersion": lambda request: update_version(PIPELINE, request)},
    reads={"ListPipelineVersions": lambda request: list_versions(PIPELINE, request)},
)
