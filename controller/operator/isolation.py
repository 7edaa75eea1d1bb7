"""One piece of work for each of many objects, of which none can stop it for the others."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from controller.core.cloud import CloudError
from controller.operator.kube.request import ApiError

_log = logging.getLogger("sagectl.isolation")
T = TypeVar("T")
R = TypeVar("R")


def isolated(
    objects: Iterable[T], work: Callable[[T], R], job: str, name: Callable[[T], object]
) -> Iterator[tuple[T, R]]:
    """Each object with what the work gives for it; one on which it breaks is logged by its name and left out.

    Args:
        objects: what the work is for.
        work: called with each.
        job: what the log calls the work.
        name: what the log calls an object.

    Raises:
        ApiError: the API server refused, which is no fault of the object.
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


def named(value: Mapping[str, Any]) -> str:
    """An object of the API server by namespace and name, as far as it has them."""
    metadata = value.get("metadata")
    fields = metadata if isinstance(metadata, Mapping) else {}
    return f"{fields.get('namespace', '')}/{fields.get('name', '')}"
