"""The path of a request to the API server, and the error of one that is refused or can't be made."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import final
from urllib.parse import quote

from controller.core.ref import is_subdomain, quote_untrusted


class ApiError(Exception):
    """A request was refused, or could not be made."""

    def __init__(self, status: int, message: str, *, tested: bool = False) -> None:
        super().__init__(f"{status}: {message}" if status else message)
        self.status = status
        self.message = message
        self._tested = tested  # a JSON patch whose test fails is answered with 422

    @property
    def is_not_found(self) -> bool:
        """Whether the object does not exist."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else wrote before: a version or a precondition no longer matches."""
        return self.status == HTTPStatus.CONFLICT or (
            self._tested and self.status == HTTPStatus.UNPROCESSABLE_ENTITY
        )


@final
@dataclass(frozen=True)
class ApiPath:
    """A path of the API server, whose segments are lower-case DNS subdomains (RFC 1123).

    All groups, versions, plurals, namespaces and names of objects that the operator addresses have that form
    (kubernetes.io, "Object Names and IDs"). Encoding alone is not sufficient: the server decodes a path before it
    splits it, so that ``..%2Fother`` becomes two segments, and clients remove ``..`` before they send. client-go
    refuses the same in ``rest.Request`` (apimachinery, ``IsValidPathSegmentName``).

    Raises:
        ApiError: a segment is anything else; nothing is sent.

    """

    segments: tuple[str, ...]

    def __post_init__(self) -> None:
        for each in self.segments:
            if not is_subdomain(each):
                raise ApiError(HTTPStatus.BAD_REQUEST, f"{quote_untrusted(each)} is no name of an object")

    def __truediv__(self, segment: str) -> "ApiPath":
        """The path with one segment more."""
        return ApiPath((*self.segments, segment))

    def __str__(self) -> str:
        """The path as it is sent."""
        return "".join(f"/{quote(each, safe='')}" for each in self.segments)
