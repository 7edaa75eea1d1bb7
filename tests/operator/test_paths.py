from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.core.secret import SecretError
from controller.inventory.model import InventoryError
from controller.operator.cached_object import item
from controller.operator.constants import list_paths_of, objects, path_of, secret_path
from controller.operator.default_set import own_set
from controller.operator.events import EventRecorder
from controller.operator.gitsync.inventory_store import SyncInventoryStore
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api, ApiError, Patch, uids
from controller.operator.kube.request import ApiPath
from controller.operator.leader_election import Lease
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.secrets import NamespaceSecrets, own_key
from controller.operator.signature import Signer
from tests.operator.wire import RecordingServer, serve_wire

HOSTILE = (
    "", ".", "..", "../../victim/secrets/db", "../../../../../version", "..%2f..%2fvictim%2fsecrets%2fdb",
    "%2e%2e/%2e%2e/victim/secrets/db", "%2e%2e%2fvictim", "%252e%252e%252fvictim", "..\\..\\victim", "a/b", "a//b",
    "/a", "a/", "a?watch=true", "?limit=1", "a#b", "a%00b", "a\0b", "a\nb", "a\r\nHost: other", "a b", "A", "ä",
    "\uff0e\uff0e", "a;b", "a@b", "a:b", "-a", "a-", "a..b", ".a", "a.", "a" * 254, "%", "%zz", "@evil.example", "http://evil/",
)  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(HOSTILE), st.text("./%2eEfF\\a-?#&;: \n", max_size=12), st.text(max_size=12)
)
SYNC = Ref("GitSync", "prod", "team")


@pytest.fixture(scope="module")
def server() -> Iterator[RecordingServer]:
    """Record the requests."""
    with serve_wire() as made:
        yield made


@pytest.fixture(scope="module")
def api(server: RecordingServer) -> Api:
    """A client of that server."""
    return Api(Access(server.url), connections=1)


def object_patcher(api: Api, ref: Ref) -> ObjectPatcher:
    metadata = {"name": ref.name, "namespace": ref.namespace, "uid": "1", "resourceVersion": "1"}
    return ObjectPatcher(item(ref, {"metadata": metadata}, None), api, lambda _ref, _value: None)


def inventory_store(api: Api, ref: Ref, parts: tuple[str, ...] = ()) -> SyncInventoryStore:
    made = SyncInventoryStore(api, ref, "1", "set", "key", Signer("key"), lambda: True)
    made._head = {"parts": list(parts), "metadata": {"resourceVersion": "1"}}
    return made


# Each function that builds a path, with a name from users.
PLACES: dict[str, Callable[[Api, str], Any]] = {
    "a name of a Secret": lambda api, name: api.get(secret_path("team", name)),
    "a namespace of a Secret": lambda api, name: api.get(secret_path(name, "db")),
    "a name of an object": lambda api, name: api.get(path_of(Ref("Model", name, "team"))),
    "a namespace of an object": lambda api, name: api.get(path_of(Ref("Model", "one", name))),
    "a namespace that is listed": lambda api, name: list(uids(api, list_paths_of("Model", [name])[0])),
    "a plural": lambda api, name: api.get(objects("v1", "team", name)),
    "a child": lambda api, name: api.get(objects("v1", "team", "secrets") / "db" / name),
    "secretKeyRef": lambda api, name: NamespaceSecrets(api, "team")({"secretKeyRef": {"name": name, "key": "k"}}),
    "keys of a Secret": lambda api, name: NamespaceSecrets(api, "team").keys(name),
    "the operator's key": lambda api, name: own_key(api, "home", name, "default"),
    "the cluster's own set": lambda api, name: own_set(api, name, "key"),
    "a lease": lambda api, name: Lease(api, "home", name, "me")._try(0),
    "an object's namespace as it is written": lambda api, name: (
        object_patcher(api, Ref("Model", "one", name)).add_finalizer()
    ),
    "an object's name as it is written": lambda api, name: (
        object_patcher(api, Ref("Model", name, "team")).write_status({"a": 1})
    ),
    "a part of what is remembered": lambda api, name: inventory_store(api, SYNC)._part(name),
    "a part that is let go": lambda api, name: inventory_store(api, SYNC)._delete_object(name),
    "a head of what is remembered": lambda api, name: inventory_store(api, Ref("GitSync", name, "team")).count(),
}  # fmt: skip


@pytest.mark.parametrize("location", PLACES)
def test_no_function_sends_an_invalid_name(location: str, server: RecordingServer, api: Api) -> None:
    """Whatever builds a path from a user's name sends nothing if no object can have that name."""
    server.targets.clear()
    for name in HOSTILE:
        with pytest.raises((ApiError, InventoryError, SecretError)):
            PLACES[location](api, name)
        assert not server.targets, name


@given(NAMES, st.sampled_from(sorted(PLACES)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_sent_path_is_the_built_path(server: RecordingServer, api: Api, name: str, location: str) -> None:
    """The request has the one path with the given segments, or is not sent."""
    server.targets.clear()
    try:
        PLACES[location](api, name)
    except (ApiError, InventoryError, SecretError):
        pass
    except (KeyError, TypeError, ValueError):  # an empty object is no part, and no Lease
        assert server.targets
    for _, target in server.targets:
        segments = unquote(target.partition("?")[0]).split("/")
        assert not {"", ".", ".."} & set(segments[1:])
        assert any(name in f"{one}/{other}" for one, other in pairwise(segments))


@pytest.mark.parametrize("text", ["/api/v1/namespaces/a/secrets/b", "/version", ""])
@pytest.mark.parametrize("verb", ["get", "create", "replace", "patch", "delete"])
def test_the_client_accepts_no_text_as_a_path(
    verb: str, text: str, server: RecordingServer, api: Api
) -> None:
    """A client method refuses a text, whatever it contains, so that no request bypasses the path's checks."""
    server.targets.clear()
    more: tuple[Any, ...] = {"create": ({},), "replace": ({},), "patch": (Patch.MERGE, {})}.get(verb, ())
    with pytest.raises(TypeError):
        getattr(api, verb)(text, *more)
    assert not server.targets


@pytest.mark.parametrize("segment", HOSTILE)
def test_the_last_check_reads_the_final_path(segment: str, server: RecordingServer, api: Api) -> None:
    """A path that bypassed its own check is refused before it is sent, if it can be read as another one."""
    forged = ApiPath(("api", "v1", "namespaces", "team", "secrets", "db"))
    object.__setattr__(forged, "segments", (*forged.segments[:-1], segment))
    server.targets.clear()
    with suppress(ApiError):
        api.get(forged)
    for _, target in server.targets:
        assert unquote(target) == f"/api/v1/namespaces/team/secrets/{segment}"
        assert not {"/", "\\", "%", "?", "#"} & set(segment)
        assert segment not in {"", ".", ".."}


def test_events_of_an_impossible_namespace_are_lost_and_the_next_is_posted(
    server: RecordingServer, api: Api
) -> None:
    """An event that can't be addressed is not sent anywhere else, and does not end the thread that posts."""
    server.targets.clear()
    recorder = EventRecorder(api, "tests")
    for namespace in ("../../other", "team"):
        recorder.record(
            object_patcher(api, Ref("Model", "one", namespace)).item, Reason.READY, "message", "now"
        )
    recorder.start()
    recorder.stop()
    assert server.targets == [("POST", "/api/v1/namespaces/team/events?fieldManager=sagemaker-gitops")]
