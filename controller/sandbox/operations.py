"""The operations of the sandbox, by name, and ``tagging:GetResources``."""

from collections.abc import Callable
from functools import partial

from controller.sandbox.cloudwatch import describe_alarms
from controller.sandbox.ecr import batch_get_image
from controller.sandbox.iam import get_role
from controller.sandbox.kind import Handler, SandboxKind, Verb
from controller.sandbox.kinds import KINDS, exists
from controller.sandbox.kinds.scaling_target import list_target_tags, tag_target, untag_target
from controller.sandbox.lifecycle import create, delete, describe, stop, update
from controller.sandbox.listing import list_kind, page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.s3 import head_object, list_objects
from controller.sandbox.search import search, suggestions
from controller.sandbox.service_error import ServiceError
from controller.sandbox.service_quotas import get_service_quota, list_service_quotas
from controller.sandbox.tags import add_tags, as_list, delete_tags, list_tags

DEFAULT_PAGE = 50
ALONE = ("TagFilters", "ResourceTypeFilters", "PaginationToken", "ResourcesPerPage", "TagsPerPage")


def get_resources(request: OperationRequest) -> Json:
    """Return the resources that have tags, or had some."""
    params = request.params
    if "ResourceARNList" in params and any(member in params for member in ALONE):
        raise ServiceError(
            "InvalidParameterException",
            "ResourceARNList cannot be specified together with filters or pagination.",
        )
    desired = params.get("ResourceARNList")
    rows = [
        row
        for row in _tagged_rows(request)
        if _passes(row, params) and (desired is None or row.arn in desired)
    ]
    shown, token = page(
        rows,
        key=lambda row: row.arn,
        size=params.get("ResourcesPerPage", DEFAULT_PAGE),
        token=params.get("PaginationToken") or None,
        question={name: params[name] for name in ALONE[:2] if name in params},
        code="PaginationTokenExpiredException",
    )
    mappings = [{"ResourceARN": row.arn, "Tags": as_list(row.tags)} for row in shown]
    return {"ResourceTagMappingList": mappings, "PaginationToken": token or ""}


def _tagged_rows(request: OperationRequest) -> list[Row]:
    kinds = list(request.state.kinds)
    return [
        row
        for kind in kinds
        for row in request.state.listed_rows(kind, request.now)
        if row.tags is not None and exists(row)
    ]


def _passes(row: Row, request: Json) -> bool:
    return _of_type(row, request.get("ResourceTypeFilters", ())) and all(
        _carries(row, tag_filter) for tag_filter in request.get("TagFilters", ())
    )


def _carries(row: Row, tag_filter: Json) -> bool:
    tags = row.tags or {}
    values = tag_filter.get("Values", ())
    return tag_filter.get("Key") in tags and (not values or tags[tag_filter["Key"]] in values)


def _of_type(row: Row, types: list[str]) -> bool:
    service, path = row.arn.split(":", 5)[2], row.arn.split(":", 5)[5].partition("/")[0]
    return not types or service in types or f"{service}:{path}" in types


VERBS: dict[Verb, Callable[[SandboxKind, OperationRequest], Json]] = {
    Verb.CREATE: create,
    Verb.DESCRIBE: describe,
    Verb.DELETE: delete,
    Verb.LIST: lambda kind, request: list_kind(kind, kind.listing, request),
}


def _operations_of(kind: SandboxKind) -> dict[str, Handler]:
    made: dict[str, Handler] = {
        **{name: partial(does, kind) for verb, does in VERBS.items() if (name := kind.operation(verb))},
        **{name: partial(list_kind, kind, listing) for name, listing in kind.views.items()},
        **kind.reads,
        **kind.acts,
    }
    if kind.stop is not None:
        made[f"Stop{kind.name}"] = partial(stop, kind, kind.stop)
    changes = dict(kind.changes) | ({f"Update{kind.name}": kind.change} if kind.change else {})
    return made | {name: partial(update, kind, change) for name, change in changes.items()}


def _caller(request: OperationRequest) -> Json:
    return {
        "Account": request.account.account,
        "Arn": request.account.caller,
        "UserId": "AIDASANDBOXSANDBOXSB",
    }


def _handlers(service: str) -> dict[str, Handler]:
    """The operations of a service's kinds."""
    return {
        name: handler
        for kind in KINDS
        if kind.service == service
        for name, handler in _operations_of(kind).items()
    }


KIND_OF: dict[str, SandboxKind] = {name: kind for kind in KINDS for name in _operations_of(kind)}
HANDLERS: dict[str, dict[str, Handler]] = {
    "sagemaker": {
        **_handlers("sagemaker"),
        "AddTags": add_tags,
        "ListTags": list_tags,
        "DeleteTags": delete_tags,
        "Search": search,
        "GetSearchSuggestions": suggestions,
    },
    "application-autoscaling": {
        **_handlers("application-autoscaling"),
        "TagResource": tag_target,
        "UntagResource": untag_target,
        "ListTagsForResource": list_target_tags,
    },
    "resourcegroupstaggingapi": {"GetResources": get_resources},
    "sts": {"GetCallerIdentity": _caller},
    "cloudwatch": {"DescribeAlarms": describe_alarms},
    "iam": {"GetRole": get_role},
    "ecr": {"BatchGetImage": batch_get_image},
    "service-quotas": {"ListServiceQuotas": list_service_quotas, "GetServiceQuota": get_service_quota},
    "s3": {"HeadObject": head_object, "ListObjectsV2": list_objects},
}
