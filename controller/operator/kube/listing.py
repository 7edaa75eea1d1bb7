"""Who is there, by what the API server lists: metadata alone, in pages."""

from collections.abc import Iterator
from urllib.parse import quote

from controller.operator.kube.api import METADATA_LIST, Api

_PAGE = 500


def uids(api: Api, place: str) -> Iterator[str]:
    """The uids of all objects in a place, such as ``/apis/GROUP/VERSION/PLURAL``.

    Raises:
        ApiError: the server refused.

    """
    after = ""
    while True:
        found = api.get(f"{place}?limit={_PAGE}{after}", METADATA_LIST)
        yield from (each["metadata"]["uid"] for each in found.get("items") or ())  # null where there is none
        token = found["metadata"].get("continue")
        if not token:
            return
        after = f"&continue={quote(token)}"
