"""Search in the account, with suggestions for mistyped property names."""

from collections.abc import Mapping
from typing import Any

from controller.core.cloud import Cloud, CloudError
from controller.core.did_you_mean import did_you_mean
from controller.engine.lookup import pages_of
from controller.schema.search import Searched
from controller.schema.shape import required_operation

_PAGE = 100
_HINT = 3  # letters: the first ones of a mistyped name are mostly right


def search(
    cloud: Cloud, of: Searched, request: Mapping[str, Any], limit: int | None = None
) -> tuple[Mapping[str, Any], ...]:
    """The matching records: all pages, or the first ``limit``.

    Raises:
        CloudError: AWS refused a page.

    """
    found: list[Mapping[str, Any]] = []
    size = min(_PAGE, limit or _PAGE)
    for page in pages_of(cloud, required_operation("Search"), "Results", {**request, "MaxResults": size}):
        found += [each.get(of.member, {}) for each in page]
        if limit is not None and len(found) >= limit:
            break
    return tuple(found[:limit])


def guess_property(cloud: Cloud, of: Searched, name: str) -> str:
    """A guess at a mistyped property, from the service's suggestions; empty if there is none."""
    head, dot, last = name.rpartition(".")
    for hint in dict.fromkeys((name, head + dot + last[:_HINT])):
        near = did_you_mean(name, _suggestions(cloud, of, hint))
        if near:
            return near
    return did_you_mean(name, of.record.members) if of.record else ""


def _suggestions(cloud: Cloud, of: Searched, hint: str) -> list[str]:
    query = {"PropertyNameQuery": {"PropertyNameHint": hint[:100]}}
    try:
        answer = cloud.call(
            required_operation("GetSearchSuggestions").call(
                {"Resource": of.resource, "SuggestionQuery": query}
            )
        )
    except CloudError:  # a failed guess must not fail the command
        return []
    return [str(each["PropertyName"]) for each in answer.get("PropertyNameSuggestions", [])]
