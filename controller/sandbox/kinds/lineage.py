"""Entities of lineage, Action, Context and Artifact, and the associations between them."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.sandbox.kind import ListDefaults, SandboxKind, Verb
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid


def missing_entity(kind: str) -> Phrase:
    """Return the refusal for an entity that does not exist."""
    return Phrase("ResourceNotFound", f"{kind} '{{arn}}' does not exist.")


def exists(kind: str) -> Phrase:
    """Return the refusal for a name that is taken; observed of pipelines."""
    return Phrase(
        "ValidationException",
        f"{kind} names must be unique within an AWS account and region. "
        f"{kind} with name ({{name}}) already exists.",
    )


def busy(kind: str) -> Phrase:
    """Return the refusal for an entity that another request changes at the same time."""
    return Phrase("ConflictException", f"{kind} '{{arn}}' is being changed by another request.")


def newest_ten(
    key: str,
    *,
    row_filter: Callable[[OperationRequest, Row], bool] | None = None,
    filtered: frozenset[str] = frozenset(),
) -> ListDefaults:
    """Return the default order of these Lists."""
    return ListDefaults(key=key, order="Descending", page=10, row_filter=row_filter, filtered=filtered)


def creator_members(request: OperationRequest) -> Json:
    """Return the members with the creator of an entity."""
    return {"CreatedBy": request.creator, "LastModifiedBy": request.creator}


def display_name(request: OperationRequest, name: str) -> Json:
    """Return the display name of an entity, which defaults to the name."""
    default = request.params[name] if request.knobs.display_name_defaults else None
    shown = request.params.get("DisplayName", default)
    return {} if shown is None else {"DisplayName": shown}


def in_lineage(request: OperationRequest) -> Json:
    """Return the creator of an entity, and its lineage group; AWS has a default group with this name."""
    group = request.account.arn("lineage-group/sagemaker-default-lineage-group")
    return creator_members(request) | {"LineageGroupArn": group}


@dataclass(frozen=True)
class Merging:
    """A map to which an Update adds, key by key, and the member that lists the keys to remove."""

    member: str
    removed: str
    most: int


PROPERTIES = Merging("Properties", "PropertiesToRemove", 30)


def update_entity(
    request: OperationRequest, row: Row, *, maps: tuple[Merging, ...], name: str, merges: bool
) -> Row:
    """Return the entity after an Update."""
    removals = {one.removed for one in maps}
    sent = {key: value for key, value in request.params.items() if key != name and key not in removals}
    merged = {one.member: _merge_map(request.params, row.body, one, merges=merges) for one in maps}
    body = row.body | sent | {"LastModifiedBy": request.creator} | merged
    # The documentation of UpdateExperiment: an empty description removes it; assumed for all kinds.
    return replace(
        row, body={k: v for k, v in body.items() if v is not None and (k, v) != ("Description", "")}
    )


def _merge_map(params: Json, body: Json, one: Merging, *, merges: bool) -> Mapping[str, object] | None:
    held = body.get(one.member, {})
    if one.member in params:
        held = (held if merges else {}) | params[one.member]
    held = {key: value for key, value in held.items() if key not in params.get(one.removed, ())}
    if len(held) > one.most:
        raise invalid(f"{one.member} can have at most {one.most} entries, but would have {len(held)}.")
    return held or None


def associations(request: OperationRequest, row: Row) -> list[Row]:
    """All associations with this entity at either end."""
    ends = ("SourceArn", "DestinationArn")
    return [one for one in request.rows_of("Association") if row.arn in {one.body[end] for end in ends}]


def not_associated(request: OperationRequest, row: Row) -> None:
    """Refuse to delete an entity that has associations, if the knob is set."""
    if request.knobs.associations_guard and associations(request, row):
        raise invalid(f"{row.kind} '{row.arn}' has 1 or more associations and cannot be deleted.")


def find_entity(request: OperationRequest, arn: str, kind: str) -> Row:
    """Return the entity that a request refers to."""
    row = request.find(arn)
    if row is None or row.kind != kind:
        raise missing_entity(kind).refusal(arn=arn, name="")
    return row


def in_use_error(row: Row, to: str) -> ServiceError:
    """Return AWS's refusal for a trial component in use, which is used for similar entities too."""
    return invalid(f"{row.kind} {row.name} is linked to 1 or more {to} and cannot be deleted.")


def _change(request: OperationRequest, row: Row) -> Row:
    merges = request.knobs.lineage_merges
    return update_entity(request, row, maps=(PROPERTIES,), name="ActionName", merges=merges)


ACTION = SandboxKind(
    name="Action",
    path="action",
    missing=missing_entity("Action"),
    exists=exists("Action"),
    busy=busy("Action"),
    listing=newest_ten("ActionSummaries"),
    by_arn=True,
    initial=in_lineage,
    change=_change,
    delete_guards=(not_associated,),
    along=associations,
)


def _context_change(request: OperationRequest, row: Row) -> Row:
    merges = request.knobs.lineage_merges
    return update_entity(request, row, maps=(PROPERTIES,), name="ContextName", merges=merges)


CONTEXT = SandboxKind(
    name="Context",
    path="context",
    missing=missing_entity("Context"),
    exists=exists("Context"),
    busy=busy("Context"),
    listing=newest_ten("ContextSummaries"),
    by_arn=True,
    initial=in_lineage,
    change=_context_change,
    delete_guards=(not_associated,),
    along=associations,
)


def _identity(request: OperationRequest, source: Json) -> tuple[str, tuple[tuple[str, str], ...]]:
    types = source.get("SourceTypes", ()) if request.knobs.source_types_identify else ()
    return source["SourceUri"], tuple(sorted((one["SourceIdType"], one["Value"]) for one in types))


def _of_source(request: OperationRequest, source: Json) -> Row | None:
    desired = _identity(request, source)
    rows = request.rows_of("Artifact")
    return next((row for row in rows if _identity(request, row.body["Source"]) == desired), None)


def _new_source(request: OperationRequest) -> None:
    row = _of_source(request, request.params["Source"])
    if row is not None:
        uri = request.params["Source"]["SourceUri"]
        raise ARTIFACT.exists.refusal(arn=row.arn, name=uri)


def _identify(request: OperationRequest) -> tuple[str, str]:
    number = request.state.count("artifacts")
    name = hashlib.sha256(f"{request.account.arn('artifact')}/{number}".encode()).hexdigest()[:32]
    return request.account.arn(f"artifact/{name}"), name


def _address(request: OperationRequest) -> str:
    given = [member for member in ("ArtifactArn", "Source") if member in request.params]
    if len(given) != 1:
        raise invalid("Exactly one of ArtifactArn and Source must be specified.")
    if "ArtifactArn" in request.params:
        return str(request.params["ArtifactArn"])
    row = _of_source(request, request.params["Source"])
    if row is None:
        uri = request.params["Source"]["SourceUri"]
        raise ServiceError("ResourceNotFound", f"Artifact with source '{uri}' does not exist.")
    return row.arn


def _artifact_change(request: OperationRequest, row: Row) -> Row:
    merges = request.knobs.lineage_merges
    return update_entity(request, row, maps=(PROPERTIES,), name="ArtifactArn", merges=merges)


ARTIFACT = SandboxKind(
    name="Artifact",
    path="artifact",
    missing=missing_entity("Artifact"),
    exists=Phrase("ValidationException", "Artifact with source ({name}) already exists: {arn}"),
    busy=busy("Artifact"),
    listing=newest_ten("ArtifactSummaries"),
    guards=(_new_source,),
    identify=_identify,
    address=_address,
    initial=in_lineage,
    change=_artifact_change,
    delete_guards=(not_associated,),
    along=associations,
)


ENDS = {  # the model's pattern of the two ARNs permits no others
    "experiment": "Experiment",
    "experiment-trial-component": "TrialComponent",
    "artifact": "Artifact",
    "action": "Action",
    "context": "Context",
}
FILTERS = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")


def _pair(request: OperationRequest) -> str:
    """Return the sandbox's key of an association."""
    return f"{request.params['SourceArn']} -> {request.params['DestinationArn']}"


def _end(request: OperationRequest, member: str) -> Row:
    arn = request.params[member]
    return find_entity(request, arn, ENDS[arn.split(":", 5)[5].partition("/")[0]])


def _ends_exist(request: OperationRequest) -> None:
    _end(request, "SourceArn")
    _end(request, "DestinationArn")


def _describe_end(request: OperationRequest, end: str) -> Json:
    """Return name and type of an end of an association; the type of a trial component or experiment is its kind.

    No source documents the type for these two.
    """
    row = _end(request, f"{end}Arn")
    document: Json = {f"{end}Type": row.body.get(f"{row.kind}Type", row.kind)}
    name = row.body.get(f"{row.kind}Name")
    return document | ({} if name is None else {f"{end}Name": name})


def _initial(request: OperationRequest) -> Json:
    made: Json = (
        {"CreatedBy": request.creator}
        | _describe_end(request, "Source")
        | _describe_end(request, "Destination")
    )
    kind = request.params.get("AssociationType", request.knobs.default_association_type)
    return made | ({} if kind is None else {"AssociationType": kind})


def _matches_filters(request: OperationRequest, row: Row) -> bool:
    return all(row.body.get(name) == request.params[name] for name in FILTERS if name in request.params)


ASSOCIATION = SandboxKind(
    name="Association",
    path="association",
    missing=Phrase("ResourceNotFound", "Association '{arn}' does not exist."),
    exists=Phrase("ValidationException", "Association '{arn}' already exists."),
    busy=Phrase("ConflictException", "Association '{arn}' is being changed by another request."),
    listing=ListDefaults(
        key="AssociationSummaries",
        order="Descending",
        page=10,
        row_filter=_matches_filters,
        filtered=frozenset(FILTERS),
    ),
    modified=None,
    called={Verb.CREATE: "AddAssociation", Verb.DESCRIBE: None},
    guards=(_ends_exist,),
    identify=lambda request: (_pair(request), _pair(request)),
    address=_pair,
    initial=_initial,
    keep=lambda _: {"untagged": True},
)
