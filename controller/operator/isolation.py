"""Work on each of many objects, so that a failure of one does not affect the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from controller.core.cloud import CloudError
from controller.operator.kube.request import ApiError

_log = logging.getLogger("sagectl.isolation")
T = TypeVar("T")
R = TypeVar("R")


def map_isolated(
    objects: Iterable[T], work: Callable[[T], R], job: str, name: Callable[[T], object]
) -> Iterator[tuple[T, R]]:
    """Each object with the result of the work; one for which it fails is logged by its name and left out.

    Args:
        objects: the objects.
        work: called with each.
        job: the name of the work in the log.
        name: the name of an object in the log.

    Raises:
        ApiError: the API server refused, which is not the object's fault.
        CloudError: AWS refused, likewise.

    """
    for each in objects:
        try:
            found = work(each)
        except (ApiError, CloudError):
            raise
        except Exception:  # noqa: BLE001 - one object must not stop the others
            _log.exception("left out", extra={"fields": {"job": job, "object": str(name(each))}})
            continue
        yield each, found


def object_name(value: Mapping[str, Any]) -> str:
    """Namespace and name of an object, as far as it has them."""
    metadata = value.get("metadata")
    fields = metadata if isinstance(metadata, Mapping) else {}
    return f"{fields.get('namespace', '')}/{fields.get('name', '')}"
