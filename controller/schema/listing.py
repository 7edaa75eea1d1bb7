"""The parameters of a List operation: its filters, its pages, and the members of their elements."""

from dataclasses import dataclass
from typing import Any

from controller.kinds.display import OtherList
from controller.schema.contract import Contract
from controller.schema.shape import Operation, Shape, answer_member, page_member, required_operation, shape

_PAGING = frozenset({"NextToken", "MaxResults"})
_SCALARS = frozenset({"string", "timestamp", "integer", "long", "float", "double", "boolean"})


@dataclass(frozen=True)
class Filter:
    """A member of a List's input that narrows or orders the answer."""

    member: str
    shape: Shape
    required: bool


@dataclass(frozen=True)
class Listing:
    """One List operation. ``most`` is its largest page; 0 if it has no pages."""

    operation: str
    page_member: str
    element: Shape
    filters: tuple[Filter, ...]
    most: int

    def filter(self, member: str) -> Filter | None:
        """The filter of that member."""
        return next((each for each in self.filters if each.member == member), None)


def listing_of(read: Operation, page: str = "") -> Listing:
    """The ``Listing`` of a List operation; the page is the first list of its answer unless it is named."""
    member_shape, page = shape(read.input), page or page_member(read)
    size = member_shape.members.get("MaxResults", "")
    return Listing(
        operation=read.name,
        page_member=page,
        element=shape(shape(answer_member(read, page)).element),
        filters=tuple(
            Filter(member, shape(of), member in member_shape.required)
            for member, of in member_shape.members.items()
            if member not in _PAGING and shape(of).type in _SCALARS
        ),
        most=int(shape(size).maximum or 0) if size else 0,
    )


def listing(contract: Contract) -> Listing | None:
    """The List of a kind, where the service has it."""
    return listing_of(contract.lists) if contract.lists else None


_NEWEST = ("LastModifiedTime", "CreationTime", "CreateDate")  # the orders of a List, best first


def newest_first(of: Listing) -> dict[str, Any]:
    """The parameters of a List's first page in the order of the last change or creation, if it supports one."""
    size = {"MaxResults": of.most} if of.most else {}
    by, order = of.filter("SortBy"), of.filter("SortOrder")
    orders = {word.replace("_", "").casefold(): word for word in by.shape.enum} if by else {}
    first = next((orders[each.casefold()] for each in _NEWEST if each.casefold() in orders), None)
    downwards = [word for word in order.shape.enum if word.casefold() == "descending"] if order else []
    return {
        **size,
        **({"SortBy": first} if first else {}),
        **({"SortOrder": downwards[0]} if downwards else {}),
    }


def other_listing(other: OtherList) -> Listing:
    """A further List of a kind."""
    return listing_of(required_operation(other.operation))
