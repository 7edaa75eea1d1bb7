"""List of any kind: filters, orders, and pages that stay consistent while resources are created and deleted."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError

Item = TypeVar("Item")


def page(
    items: Sequence[Item],
    *,
    key: Callable[[Item], Any],
    size: int,
    token: str | None,
    question: object,
    backwards: bool = False,
    code: str = "ValidationException",
) -> tuple[list[Item], str | None]:
    """One page of `items` in the order of `key`, and the token of the next one.

    `question` are the parameters of the request; a token is only valid with the same parameters.
    """
    ordered = sorted(items, key=key, reverse=backwards)
    mark = hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]
    if token is not None:
        last = _last_key(token, mark, code)
        ordered = [item for item in ordered if (key(item) < last if backwards else key(item) > last)]
    shown = ordered[:size]
    if len(ordered) <= size:
        return shown, None
    plain = json.dumps([mark, key(shown[-1])])
    return shown, base64.urlsafe_b64encode(plain.encode()).decode()


def _last_key(token: str, mark: str, code: str) -> Any:
    try:
        question, last = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (binascii.Error, ValueError, TypeError):
        raise ServiceError(code, "Invalid pagination token because it cannot be read.") from None
    if question != mark:
        raise ServiceError(code, "Invalid pagination token because it belongs to another request.")
    return tuple(last) if isinstance(last, list) else last


Filter = Callable[[SandboxKind, Row, Any], bool]


def _instant(row: Row, member: str | None) -> float:
    return float(row.body.get(member or "", row.created))


# SageMaker's documentation does not state whether the bounds are included; they are excluded here.
FILTERS: dict[str, Filter] = {
    "NameContains": lambda _, row, value: value.lower() in row.name.lower(),
    "PipelineNamePrefix": lambda _, row, value: row.name.startswith(value),
    "StatusEquals": lambda kind, row, value: (
        kind.life is not None and row.body.get(kind.life.status) == value
    ),
    "CreationTimeAfter": lambda _, row, value: row.created > value,
    "CreationTimeBefore": lambda _, row, value: row.created < value,
    "ModifiedTimeAfter": lambda kind, row, value: _instant(row, kind.modified) > value,
    "ModifiedTimeBefore": lambda kind, row, value: _instant(row, kind.modified) < value,
    "CreatedAfter": lambda _, row, value: row.created > value,
    "CreatedBefore": lambda _, row, value: row.created < value,
    "LastModifiedTimeAfter": lambda kind, row, value: _instant(row, kind.modified) > value,
    "LastModifiedTimeBefore": lambda kind, row, value: _instant(row, kind.modified) < value,
    "SourceUri": lambda _, row, value: row.body["Source"]["SourceUri"] == value,
    "ActionType": lambda _, row, value: row.body["ActionType"] == value,
    "ArtifactType": lambda _, row, value: row.body["ArtifactType"] == value,
    "ContextType": lambda _, row, value: row.body["ContextType"] == value,
}
ORDERS: dict[str, Callable[[SandboxKind, Row], Any]] = {
    "Name": lambda _, row: row.name,
    "CreationTime": lambda _, row: row.created,
    "CREATION_TIME": lambda _, row: row.created,
    "NAME": lambda _, row: row.name,
    "CreateDate": lambda _, row: row.created,
    "Status": lambda kind, row: row.body.get(kind.life.status, "") if kind.life else "",
    "LastModifiedTime": lambda kind, row: _instant(row, kind.modified),
    "LAST_MODIFIED_TIME": lambda kind, row: _instant(row, kind.modified),
    "IMAGE_NAME": lambda _, row: row.name,
    "VERSION": lambda _, row: row.body["Version"],
}
MEMBER_FILTERS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda held, value: held == value,
    "Contains": lambda held, value: value.lower() in held.lower(),
}
PAGING = ("NextToken", "MaxResults")
NO_FILTERS = frozenset({*PAGING, "SortBy", "SortOrder"})


def list_kind(kind: SandboxKind, listing: ListDefaults, request: OperationRequest) -> Json:
    """One page of the resources that pass all filters."""
    for guard in listing.guards:
        guard(request)
    params = request.params
    filters = [
        (_filter(kind, listing, name), value)
        for name, value in params.items()
        if name not in NO_FILTERS and name not in listing.filtered
    ]
    rows = [
        row
        for row in request.state.listed_rows(kind.name, request.now)
        if all(keeps(kind, row, value) for keeps, value in filters)
        and (listing.row_filter is None or listing.row_filter(request, row))
    ]
    order = _order(params.get("SortBy", listing.sort))
    shown, token = page(
        rows,
        key=lambda row: (order(kind, row), row.serial),
        size=params.get("MaxResults", listing.page),
        token=params.get("NextToken"),
        question=[kind.name, {name: value for name, value in params.items() if name not in PAGING}],
        backwards=params.get("SortOrder", listing.order).capitalize() == "Descending",
    )
    items = [row.body | listing.item(row) if listing.item else row.body for row in shown]
    return {listing.key: items, "NextToken": token}


def _filter(kind: SandboxKind, listing: ListDefaults, name: str) -> Filter:
    """Return the filter of that name: `<Member>Equals` and `<Member>Contains` compare the member.

    An ignored filter would list too much, so an unknown one is refused, like an unknown operation.
    """
    if name in FILTERS:
        return FILTERS[name]
    for ending, passes in MEMBER_FILTERS.items():
        if name.endswith(ending):
            member = name.removesuffix(ending)
            return lambda _, row, value: passes(_text_in(row, member), value)
    raise ServiceError(
        "SandboxNotImplemented", f"The sandbox has no filter {name} of {listing.key or kind.plural}."
    )


def _order(name: str) -> Callable[[SandboxKind, Row], Any]:
    return ORDERS.get(name) or (lambda _, row: _text_in(row, name))


def _text_in(row: Row, member: str) -> str:
    """Return the string in a member; in some kinds it is inside a structure."""
    value = row.body.get(member, "")
    return str(value.get("Status", "") if isinstance(value, dict) else value)
