"""``sagectl operator --drain``: remove the finalizer of all objects before an uninstall. AWS is not touched."""

import time
from collections.abc import Callable, Iterable, Sequence

from controller.core.ref import Ref
from controller.operator.cached_object import Item, item
from controller.operator.constants import list_paths_of, path_of
from controller.operator.isolation import map_isolated, object_name
from controller.operator.kube.api import Api, ApiError, Json
from controller.operator.kube.request import ApiPath
from controller.operator.leader_election import Lease
from controller.operator.object_patcher import ObjectPatcher

_TRIES = 5


class OperatorRunningError(Exception):
    """An operator is running; it would add the removed finalizers again."""


def drain(
    api: Api, lease: Lease, namespaces: Sequence[str], kinds: Iterable[str], report: Callable[[str], None]
) -> int:
    """Remove our finalizer from every object of these kinds; returns the number of objects.

    Raises:
        OperatorRunningError: an operator holds the lease and does not release it.
        ApiError: the server refused.

    """
    _acquire_lease(lease)
    held = [ref for kind in sorted(kinds) for ref in _objects_with_finalizer(api, kind, namespaces)]
    for ref in held:
        _let_go(api, ref)
        report(f"{ref} is released")
    return len(held)


def _acquire_lease(lease: Lease) -> None:
    end = time.monotonic() + 2 * lease.duration
    lease.renew()
    while not lease.holds():
        if time.monotonic() > end:
            raise OperatorRunningError("an operator holds the Lease; scale it to no replicas first")
        time.sleep(lease.duration / 10)
        lease.renew()


def _objects_with_finalizer(api: Api, kind: str, namespaces: Sequence[str]) -> list[Ref]:
    listed = [value for path in list_paths_of(kind, namespaces) for value in _list_all(api, path)]
    found = map_isolated(listed, lambda value: _item(kind, value), "drain", object_name)
    return [each.ref for _, each in found if each.has_finalizer]


def _list_all(api: Api, path: ApiPath) -> list[Json]:
    try:
        return list(api.get(path).get("items", ()))
    except ApiError as error:
        if error.is_not_found:  # the definition is deleted, and all of its objects with it
            return []
        raise


def _item(kind: str, value: Json) -> Item:
    metadata = value["metadata"]
    return item(Ref(kind, metadata["name"], metadata["namespace"]), value, None)


def _let_go(api: Api, ref: Ref) -> None:
    for left in reversed(range(_TRIES)):
        try:
            found = _item(ref.kind, api.get(path_of(ref)))
            ObjectPatcher(found, api, lambda where, value: _item(where.kind, value)).let_go()
        except ApiError as error:
            if error.is_not_found:
                return
            if not (error.is_conflict and left):
                raise
        else:
            return
