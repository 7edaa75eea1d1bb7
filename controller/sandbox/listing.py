"""List of any kind: the filters, orders and pages that its input shape offers."""

from collections.abc import Callable
from typing import Any

from controller.sandbox.ask import Ask
from controller.sandbox.kind import Kind
from controller.sandbox.pages import page
from controller.sandbox.row import Row
from controller.sandbox.rules import Json

Filter = Callable[[Kind, Row, Any], bool]


def _instant(row: Row, member: str | None) -> float:
    return float(row.body.get(member or "", row.created))


# SageMaker's documentation does not say whether the bounds are included; we leave them out.
FILTERS: dict[str, Filter] = {
    "NameContains": lambda _, row, value: value.lower() in row.name.lower(),
    "PipelineNamePrefix": lambda _, row, value: row.name.startswith(value),
    "StatusEquals": lambda kind, row, value: (
        kind.life is not None and row.body.get(kind.life.status) == value
    ),
    "CreationTimeAfter": lambda _, row, value: row.created > value,
    "CreationTimeBefore": lambda _, row, value: row.created < value,
    "CreatedAfter": lambda _, row, value: row.created > value,
    "CreatedBefore": lambda _, row, value: row.created < value,
    "LastModifiedTimeAfter": lambda kind, row, value: _instant(row, kind.modified) > value,
    "LastModifiedTimeBefore": lambda kind, row, value: _instant(row, kind.modified) < value,
    "SourceUri": lambda _, row, value: row.body["Source"]["SourceUri"] == value,
    "ActionType": lambda _, row, value: row.body["ActionType"] == value,
    "ArtifactType": lambda _, row, value: row.body["ArtifactType"] == value,
    "ContextType": lambda _, row, value: row.body["ContextType"] == value,
}
ORDERS: dict[str, Callable[[Kind, Row], Any]] = {
    "Name": lambda _, row: row.name,
    "CreationTime": lambda _, row: row.created,
    "CreateDate": lambda _, row: row.created,
    "Status": lambda kind, row: row.body.get(kind.life.status, "") if kind.life else "",
    "LastModifiedTime": lambda kind, row: _instant(row, kind.modified),
}
PAGING = ("NextToken", "MaxResults")


def list_kind(kind: Kind, ask: Ask) -> Json:
    """One page of the resources that pass all filters."""
    asked, listing = ask.params, kind.listing
    filters = [(FILTERS[name], value) for name, value in asked.items() if name in FILTERS]
    rows = [
        row
        for row in ask.world.listed(kind.name, ask.now)
        if all(keeps(kind, row, value) for keeps, value in filters)
        and (listing.sieve is None or listing.sieve(ask, row))
    ]
    order = ORDERS[asked.get("SortBy", listing.sort)]
    shown, token = page(
        rows,
        key=lambda row: (order(kind, row), row.serial),
        size=asked.get("MaxResults", listing.page),
        token=asked.get("NextToken"),
        question=[kind.name, {name: value for name, value in asked.items() if name not in PAGING}],
        backwards=asked.get("SortOrder", listing.order) == "Descending",
    )
    return {listing.key: [row.body for row in shown], "NextToken": token}
