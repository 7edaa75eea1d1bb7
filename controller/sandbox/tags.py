"""AddTags, ListTags and DeleteTags, and the rules of all lists of tags."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from controller.sandbox.listing import page
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError, invalid

MOST = 50
DEFAULT_PAGE = 100


def given_tags(sent: Iterable[Json] | Mapping[str, str] | None) -> dict[str, str]:
    """Return the tags of a request, from a list or a map, or refuse them."""
    tags: dict[str, str] = {}
    for tag in as_list(sent) if isinstance(sent, Mapping) else sent or ():
        key = tag["Key"]
        if key.lower().startswith("aws:"):
            raise invalid("aws: prefixed tag key names are not allowed for external use.")
        if key in tags:
            raise invalid(f"Duplicate tag keys found: {key}")
        tags[key] = tag["Value"]
    return tags


def as_list(tags: Mapping[str, str] | None) -> list[Json]:
    """Tags in the form of the API."""
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]


def add_tags(request: OperationRequest) -> Json:
    """Add or overwrite tags."""
    row = _find_tagged(request)
    tags = {**(row.tags or {}), **given_tags(request.params["Tags"])}
    if len(tags) > MOST:
        raise invalid(f"The number of tags exceeds the limit of {MOST} for resource {row.arn}.")
    request.commit(row, replace(row, tags=tags))
    return {"Tags": as_list(tags)}


def list_tags(request: OperationRequest) -> Json:
    """All tags of one resource, in pages."""
    tags = as_list(_find_tagged(request).tags)
    shown, token = page(
        tags,
        key=lambda tag: tag["Key"],
        size=request.params.get("MaxResults", DEFAULT_PAGE),
        token=request.params.get("NextToken"),
        question=request.params["ResourceArn"],
    )
    return {"Tags": shown, "NextToken": token}


def delete_tags(request: OperationRequest) -> Json:
    """Remove tags by key; unknown keys are no error."""
    row = _find_tagged(request)
    gone = set(request.params["TagKeys"])
    left = {key: value for key, value in (row.tags or {}).items() if key not in gone}
    request.commit(row, replace(row, tags=left if row.tags is not None else None))
    return {}


def _find_tagged(request: OperationRequest) -> Row:
    arn = request.params["ResourceArn"]
    row = request.state.find(arn, request.now)
    if row is None:
        raise ServiceError("ValidationException", f'Could not find resource "{arn}".')
    if row.keep.get("untagged"):
        raise invalid(f"Tags cannot be used with {arn}.")
    return row
