"""`tagging:GetResources`: who carries which tag, across kinds."""

from controller.sandbox.kinds import lives
from controller.sandbox.pagination import page
from controller.sandbox.request import Ask
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Refusal
from controller.sandbox.tags import as_list

DEFAULT_PAGE = 50
ALONE = ("TagFilters", "ResourceTypeFilters", "PaginationToken", "ResourcesPerPage", "TagsPerPage")


def get_resources(ask: Ask) -> Json:
    """Return the resources that are tagged, or were once."""
    params = ask.params
    if "ResourceARNList" in params and any(member in params for member in ALONE):
        raise Refusal(
            "InvalidParameterException",
            "ResourceARNList cannot be specified together with filters or pagination.",
        )
    wanted = params.get("ResourceARNList")
    rows = [row for row in _seen(ask) if _passes(row, params) and (wanted is None or row.arn in wanted)]
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


def _seen(ask: Ask) -> list[Row]:
    kinds = list(ask.world.kinds)
    return [
        row
        for kind in kinds
        for row in ask.world.listed(kind, ask.now)
        if row.tags is not None and lives(row)
    ]


def _passes(row: Row, request: Json) -> bool:
    return _of_type(row, request.get("ResourceTypeFilters", ())) and all(
        _carries(row, want) for want in request.get("TagFilters", ())
    )


def _carries(row: Row, want: Json) -> bool:
    tags = row.tags or {}
    values = want.get("Values", ())
    return want.get("Key") in tags and (not values or tags[want["Key"]] in values)


def _of_type(row: Row, types: list[str]) -> bool:
    path = row.arn.split(":", 5)[5].partition("/")[0]
    return not types or "sagemaker" in types or f"sagemaker:{path}" in types
