"""Answers that come in pages, read to their end or to as many as are wanted."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.cloud import Call, Cloud, malformed
from controller.schema.listing import Listing


def pages_of(
    cloud: Cloud, operation: str, page_member: str, params: Mapping[str, Any]
) -> Iterator[list[Any]]:
    """The pages of a read that continues by ``NextToken``.

    Raises:
        CloudError: AWS refused a page, or answered something else; what was read so far is not the whole.

    """
    request = dict(params)
    while True:
        answer = cloud.call(Call(operation, request))
        page = answer.get(page_member)
        if not isinstance(page, list):  # an answer without its list is no empty list
            raise malformed(operation, f"it has no {page_member}")
        yield page
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def elements(
    cloud: Cloud, of: Listing, narrowed: Mapping[str, Any], limit: int | None = None
) -> tuple[Any, ...]:
    """The elements of a List, all pages or the first ``limit`` of them.

    Raises:
        CloudError: AWS refused a page.

    """
    size = {"MaxResults": min(of.most, limit or of.most)} if of.most else {}
    found: list[Any] = []
    for page in pages_of(cloud, of.operation, of.page_member, {**size, **narrowed}):
        found += page
        if limit is not None and len(found) >= limit:
            return tuple(found[:limit])
    return tuple(found)
