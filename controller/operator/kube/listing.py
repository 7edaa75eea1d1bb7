"""Who is there, by what the API server lists: metadata alone, in pages."""

from collections.abc import Iterator

from controller.operator.kube.api import METADATA_LIST, Api
from controller.operator.kube.request import ApiPath

_PAGE = 500


def uids(api: Api, path: ApiPath) -> Iterator[str]:
    """The uids of all objects in a place, such as ``/apis/GROUP/VERSION/PLURAL``.

    Raises:
        ApiError: the server refused.

    """
    after: dict[str, str] = {}
    while True:
        found = api.get(path, METADATA_LIST, {"limit": str(_PAGE), **after})
        yield from (each["metadata"]["uid"] for each in found.get("items") or ())  # null where there is none
        token = found["metadata"].get("continue")
        if not token:
            return
        after = {"continue": str(token)}
