"""A cluster of a history: what the operator's API client reads and writes, and the events of its watch.

It stands where ``Api`` sends its requests: the operator's controllers, cache, patcher, Lease and finalizer are the real
ones. tests/kubernetes has them with a real API server, which takes some milliseconds for each request. Sources of the
answers: kubernetes.io, API concepts (resource versions, deletion with finalizers) and RFC 6902.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from controller.operator.kube.access import Access
from controller.operator.kube.api import Api, Json, Patch
from controller.operator.kube.request import ApiError, ApiPath

_OF_USERS = ("spec", "policy")  # a change of these counts as a new generation
# One for all: loading the system's authorities takes as long as ten passes.
_NOWHERE = Access("http://127.0.0.1:1")
_LIST = 2  # segments below "namespaces": the namespace and the plural
Event = tuple[str, Json, bool]  # the path, the object, and whether it was deleted


@dataclass
class Cluster:
    """The objects of one API server, by path; ``wall`` gives seconds since 1970 in text (RFC 3339)."""

    wall: Callable[[], str]
    objects: dict[str, Json] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    version: int = 0
    writes: int = 0

    def store(self, path: str, value: Json) -> Json:
        """Store a new state of an object, or remove it if no finalizer is left."""
        self.version += 1
        self.writes += 1
        made = {**value, "metadata": {**value["metadata"], "resourceVersion": str(self.version)}}
        metadata = made["metadata"]
        gone = "deletionTimestamp" in metadata and not metadata.get("finalizers")
        if gone:
            self.objects.pop(path, None)
        else:
            self.objects[path] = made
        self.events.append((path, made, gone))
        return made

    def create(self, path: str, value: Mapping[str, Any]) -> Json:
        """Make an object.

        Raises:
            ApiError: there is one of its name.

        """
        if path in self.objects:
            raise ApiError(HTTPStatus.CONFLICT, "it already exists")
        own = {"uid": f"uid-{self.version + 1}", "generation": 1, "creationTimestamp": self.wall()}
        return self.store(path, {**value, "metadata": {**value["metadata"], **own}})

    def change(self, path: str, **parts: Any) -> None:
        """Change parts of an object as a user does."""
        held = self.objects[path]
        if all(held.get(name) == value for name, value in parts.items()):
            return
        made = {name: value for name, value in {**held, **parts}.items() if value is not None}
        counted = any(held.get(name) != made.get(name) for name in _OF_USERS)
        generation = held["metadata"]["generation"] + int(counted)
        self.store(path, {**made, "metadata": {**made["metadata"], "generation": generation}})

    def delete(self, path: str) -> None:
        """Request the deletion of an object."""
        held = self.objects[path]
        if "deletionTimestamp" not in held["metadata"]:
            stamp = {"deletionTimestamp": self.wall(), "generation": held["metadata"]["generation"] + 1}
            self.store(path, {**held, "metadata": {**held["metadata"], **stamp}})

    def get_object(self, path: str) -> Json:
        """An object.

        Raises:
            ApiError: there is none.

        """
        if path not in self.objects:
            raise ApiError(HTTPStatus.NOT_FOUND, "not found")
        return self.objects[path]

    def list_objects(self, path: str) -> list[Json]:
        """The objects of a list."""
        return [value for key, value in self.objects.items() if key.rpartition("/")[0] == path]


@dataclass
class ClusterLink:
    """A replica's connection to its API server: interrupted while ``cut``; so many responses of writes are ``lost``."""

    cut: bool = False
    lost: int = 0


class ClusterClient(Api):
    """An API client with a cluster that responds."""

    def __init__(self, cluster: Cluster, link: ClusterLink) -> None:
        super().__init__(_NOWHERE, connections=1)
        self._cluster, self._link = cluster, link

    def get(self, path: ApiPath, accept: str = "", query: Mapping[str, str] | None = None) -> Json:
        """An object, or a list if the path is of one."""
        self._reach()
        below = (
            path.segments[path.segments.index("namespaces") + 1 :] if "namespaces" in path.segments else ()
        )
        if len(below) <= 1:  # a namespace, or a definition: they exist, and stay
            return {"metadata": {"name": path.segments[-1], "uid": str(path)}}
        if len(below) == _LIST:
            return {"metadata": {}, "items": self._cluster.list_objects(str(path))}
        return self._cluster.get_object(str(path))

    def create(self, path: ApiPath, body: Mapping[str, Any]) -> Json:
        """Make an object."""
        self._reach()
        return self._answered(self._cluster.create(f"{path}/{body['metadata']['name']}", _as_sent(body)))

    def replace(self, path: ApiPath, body: Mapping[str, Any]) -> Json:
        """Replace an object."""
        self._reach()
        held = self._cluster.get_object(str(path))
        if body["metadata"].get("resourceVersion") != held["metadata"]["resourceVersion"]:
            raise ApiError(HTTPStatus.CONFLICT, "the object has been modified")
        return self._answered(
            self._cluster.store(str(path), {**held, **_as_sent(body), "metadata": held["metadata"]})
        )

    def delete(self, path: ApiPath) -> Json:
        """Delete an object."""
        self._reach()
        held = self._cluster.get_object(str(path))
        self._cluster.delete(str(path))
        return self._answered(held)

    def patch(self, path: ApiPath, how: Patch, body: Any) -> Json:
        """Apply a status, or a JSON patch of finalizers."""
        self._reach()
        if how is Patch.JSON:
            return self._answered(self._steered(str(path), body))
        assert (how, path.segments[-1]) == (Patch.APPLY, "status"), f"the cluster answers no {how} of {path}"
        name = str(path).removesuffix("/status")
        held = self._cluster.get_object(name)
        for member in ("uid", "resourceVersion"):
            if body["metadata"].get(member, held["metadata"][member]) != held["metadata"][member]:
                raise ApiError(HTTPStatus.CONFLICT, f"the {member} is another")
        status = _as_sent(body["status"])
        if held.get("status") == status:
            return held
        return self._answered(self._cluster.store(name, {**held, "status": status}))

    def _steered(self, path: str, body: list[Json]) -> Json:
        held = self._cluster.get_object(path)
        finalizers = list(held["metadata"].get("finalizers", ()))
        for each in body:
            if each["op"] == "test" and held["metadata"]["resourceVersion"] != each["value"]:
                raise ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "the test failed", tested=True)
            if each["op"] == "add":
                value = each["value"]
                finalizers += value if isinstance(value, list) else [value]
            if each["op"] == "remove":
                finalizers.pop(int(each["path"].rpartition("/")[2]))
        return self._cluster.store(path, {**held, "metadata": {**held["metadata"], "finalizers": finalizers}})

    def _reach(self) -> None:
        if self._link.cut:
            raise ApiError(0, "the API server can't be reached: it is cut off")

    def _answered(self, value: Json) -> Json:
        if self._link.lost:
            self._link.lost -= 1
            raise ApiError(0, "the API server can't be reached: the answer is lost")
        return value


def _as_sent(body: Any) -> Any:
    """A body as the server parses it: JSON, in which a tuple is a list."""
    return json.loads(json.dumps(body))
