"""Search and GetSearchSuggestions: the account seen through an index that may lag behind."""

from collections import Counter
from typing import Any

from controller.sandbox.pagination import page
from controller.sandbox.request import Ask
from controller.sandbox.rules import Json
from controller.sandbox.search_filters import known_property, test_of
from controller.sandbox.search_properties import Type, keys_of, names_of
from controller.sandbox.search_records import SEARCHABLE, Searchable
from controller.sandbox.service_error import Refusal, invalid

DEFAULT_SORT = "LastModifiedTime"
DEFAULT_PAGE = 10  # not documented; a small one makes clients turn pages
PAGING = ("NextToken", "MaxResults")


def search(ask: Ask) -> Json:
    """One page of the records that satisfy the expression."""
    params, sought = ask.params, _sought(ask)
    expression = params.get("SearchExpression")
    test = None if expression is None else test_of(sought.shape, expression)
    found = [] if params.get("CrossAccountFilterOption") == "CrossAccount" else _records(ask, sought)
    hits = [(sort_key, one) for sort_key, one in found if test is None or test(one)]
    shown, token = page(
        [((*_sort_value(sought.shape, params.get("SortBy"), one), *sort_key), one) for sort_key, one in hits],
        key=lambda hit: hit[0],
        size=params.get("MaxResults", DEFAULT_PAGE),
        token=params.get("NextToken"),
        question={name: value for name, value in params.items() if name not in PAGING},
        backwards=params.get("SortOrder", "Descending") == "Descending",
    )
    return {
        "Results": [_wrapped(sought, one) for _, one in shown],
        "NextToken": token,
        "TotalHits": {"Value": len(hits), "Relation": "EqualTo"},
    }


def suggestions(ask: Ask) -> Json:
    """Names of properties that begin with the hint."""
    sought = _sought(ask)
    query = ask.params.get("SuggestionQuery", {}).get("PropertyNameQuery", {})
    hint = query.get("PropertyNameHint", "").lower()
    keys = {name for _, record in _records(ask, sought) for name in keys_of(sought.shape, record)}
    names = sorted({*names_of(sought.shape), *keys})
    matching = [{"PropertyName": name} for name in names if name.lower().startswith(hint)]
    return {"PropertyNameSuggestions": matching}


def _sought(ask: Ask) -> Searchable:
    resource = ask.params["Resource"]
    if resource not in SEARCHABLE:
        raise Refusal("SandboxNotImplemented", f"The sandbox has no {resource} to search.")
    return SEARCHABLE[resource]


def _records(ask: Ask, sought: Searchable) -> list[tuple[tuple[int, int], Json]]:
    """All records of a type, each with its place: the age of its resource, and its number in there."""
    held, found = Counter[int](), []
    for row, record in sought.records(ask, ask.world.searched(sought.kind, ask.now)):
        found.append(((row.serial, held[row.serial]), record))
        held[row.serial] += 1
    return found


def _wrapped(sought: Searchable, record: Json) -> Json:
    return {sought.member: record if sought.within is None else {sought.within: record}}


def _sort_value(shape: str, by: str | None, record: Json) -> tuple[bool, Any]:
    """Return what a record is sorted by; those without a value come first."""
    if by is None:
        return True, record.get(DEFAULT_SORT, record["CreationTime"])
    found = known_property(shape, by)
    if found.type is Type.GROUP:
        raise invalid(f"Results cannot be sorted by {found.type.value} property {by}.")
    values = found.values(record)
    if not values:
        return False, ""
    return True, str(values[0]) if found.type is Type.MIXED else values[0]
