"""What hostile tenants try: a table. A row is what one of them writes into a namespace of its own.

To add an attempt, add a row to ``ATTEMPTS``. All rows are written at once to one API server, whose definitions let
everything through, as those of an earlier version did; ``test_hostile.py`` says what must not come of any of them.
A row aims at objects that carry its own number, so that a request which should not have been made names its row.
"""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from controller.crds.catalog import MEMORY, SYNC
from controller.manifests.envelope import API_VERSION
from tests.kubernetes.documents import group, pipeline, workforce
from tests.kubernetes.syncs import gitsync_object

Json = dict[str, Any]
NOWHERE = "https://127.0.0.1:1/ml.git"


@dataclass(frozen=True)
class Tenancy:
    """The namespaces of a row and its target.

    ``own`` is the namespace of the tenant who writes, ``other`` that of one who does nothing, with a Secret
    ``target`` and a ``SyncMemory`` ``target`` for this row alone; ``home`` is the operator's. ``name`` is of the row.
    """

    own: str
    other: str
    home: str
    name: str
    target: str


@dataclass(frozen=True)
class HostileAttempt:
    """One attempt.

    ``write`` gives the objects, the one that is looked at first. ``fails``: it must come to say in its status that
    it is not well. ``status`` is written as the status of the first, as a tenant with the right to do so could.
    """

    what: str
    write: Callable[[Tenancy], list[Json]]
    fails: bool = True
    status: Callable[[Tenancy], Any] = field(default=lambda _: None)


# Invalid names: each leads to a target outside of the namespace, or would redirect a request.
NAMES: dict[str, Callable[[Tenancy], Any]] = {
    "dot segments": lambda at: f"../../{at.other}/secrets/{at.target}",
    "dot segments to the operator's key": lambda at: (
        f"../../{at.home}/secrets/sagemaker-gitops-key?{at.target}"
    ),
    "dot segments out of the API": lambda at: f"../../../../../version?{at.target}",
    "encoded dot segments": lambda at: f"%2e%2e/%2e%2e/{at.other}/secrets/{at.target}",
    "encoded slashes": lambda at: f"..%2f..%2f{at.other}%2fsecrets%2f{at.target}",
    "twice encoded": lambda at: f"%252e%252e%252f%252e%252e%252f{at.other}%252fsecrets%252f{at.target}",
    "backslashes": lambda at: f"..\\..\\{at.other}\\secrets\\{at.target}",
    "a query": lambda at: f"{at.target}?fieldManager=other&watch=true",
    "a fragment": lambda at: f"{at.target}#",
    "an absolute path": lambda at: f"/api/v1/namespaces/{at.other}/secrets/{at.target}",
    "another host": lambda at: f"@{at.other}.example.com/{at.target}",
    "a header": lambda at: f"{at.target} HTTP/1.1\r\nHost: {at.other}\r\n\r\nGET /",
    "a megabyte": lambda at: at.target + "/.." * 300_000,
    "no text": lambda at: {"name": at.target},
}


def _workforce_of(at: Tenancy, name: Any, key: Any = "client") -> list[Json]:
    made = workforce()
    secret = {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
    spec = {**made["spec"], "workforceName": at.name}
    spec["oidcConfig"] = {**spec["oidcConfig"], "clientSecret": secret}
    return [{**made, "metadata": {"name": at.name}, "spec": spec}]


def _sync_of(at: Tenancy, **spec: Any) -> list[Json]:
    return [gitsync_object(NOWHERE, at.name, **spec)]


def _secret_ref(name: Any) -> Json:
    return {"secretRef": {"name": name}}


# Fields of objects that contain the name of another one.
FIELDS: dict[str, Callable[[Tenancy, Any], list[Json]]] = {
    "secretKeyRef.name": _workforce_of,
    "source.secretRef": lambda at, name: _sync_of(at, source=_secret_ref(name)),
    "source.verify": lambda at, name: _sync_of(at, source={"verify": _secret_ref(name)}),
    "report.secretRef": lambda at, name: _sync_of(
        at, report={"host": "gitea", "api": NOWHERE, "repository": "a/b", **_secret_ref(name)}
    ),
    "message.secretRef": lambda at, name: _sync_of(at, message={"url": NOWHERE, **_secret_ref(name)}),
    "secrets[]": lambda at, name: _sync_of(at, secrets=[name]),
}


def _inventory_head(at: Tenancy, parts: Any, **more: Any) -> Json:
    """An inventory of the row's GitSync, written by a tenant."""
    document = {
        "format": 1,
        "set": f"{at.own}.{at.name}",
        "account": "1" * 12,
        "region": "us-east-1",
        "resources": 1,
    }
    metadata = {"name": at.name}
    return {
        "apiVersion": MEMORY.api_version,
        "kind": MEMORY.kind,
        "metadata": metadata,
        **document,
        "parts": parts,
        **more,
    }


@cache
def compression_bomb(size: int = 100_000_000) -> str:
    """A text of a few hundred kilobytes that is decompressed to a hundred megabytes."""
    return base64.b64encode(zlib.compress(b"[" + b"[]," * (size // 3) + b"[]]", 9)).decode()


def _inventory_part(at: Tenancy, data: str) -> Json:
    name = f"{at.name}-{'0' * 16}"
    return {"apiVersion": MEMORY.api_version, "kind": MEMORY.kind, "metadata": {"name": name}, "data": data}


ENDLESS = "stands for two thousand levels of nesting"


def text_of(made: Json) -> str:
    """An object as it is sent; Python's own JSON writes no more than a thousand levels.

    Its parser takes 995 in 3.11, 1,497 in 3.12 and 9,998 in 3.13. The API server takes 10,000; its work for the fields
    that somebody manages grows with the square.
    """
    levels = 2_000
    return json.dumps(made).replace(json.dumps(ENDLESS), '{"a":' * levels + "1" + "}" * levels)


def _nested_lists(depth: int) -> Json:
    value: Json = {"end": 1}
    for _ in range(depth):
        value = {"a": value}
    return value


def _object(at: Tenancy, kind: str = "Pipeline", **members: Any) -> list[Json]:
    return [{"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": at.name}, **members}]


def _pipeline(at: Tenancy, **spec: Any) -> list[Json]:
    made = pipeline(name=at.name)
    return [{**made, "spec": {**made["spec"], **spec}}]


def _memo(at: Tenancy, **entry: Any) -> Json:
    return {
        "format": 2,
        "account": "123456789012",
        "region": "us-east-1",
        "entry": {"name": at.name, **entry},
    }


def _name_attempt(where: str, what: str) -> HostileAttempt:
    return HostileAttempt(f"{where}: {what}", lambda at: FIELDS[where](at, NAMES[what](at)))


# Lists of parts in a head that the tenant wrote for its own GitSync.
PARTS: dict[str, Callable[[Tenancy], Any]] = {
    "dot segments": lambda at: [f"../../../{at.other}/syncmemories/{at.target}"],
    "encoded dot segments": lambda at: [f"..%2f..%2f..%2f{at.other}%2fsyncmemories%2f{at.target}"],
    "a Secret": lambda at: [f"../../../../../../api/v1/namespaces/{at.other}/secrets/{at.target}"],
    "another head of the namespace": lambda _: ["keep"],
    "what looks like a part": lambda _: [f"keep-{'0' * 16}"],
    "texts": lambda at: f"../{at.target}",
    "no texts": lambda _: [{}, None, 5],
}


def _part_attempt(what: str) -> HostileAttempt:
    return HostileAttempt(
        f"parts: {what}", lambda at: [*_sync_of(at), _inventory_head(at, PARTS[what](at))], fails=False
    )


_NAMED = tuple(_name_attempt(where, what) for where in FIELDS for what in NAMES)
_FORGED = tuple(map(_part_attempt, PARTS))
_HUGE = (
    HostileAttempt(
        "a bomb in a part",
        lambda at: [
            *_sync_of(at),
            _inventory_head(at, [f"{at.name}-{'0' * 16}"]),
            _inventory_part(at, compression_bomb()),
        ],
    ),
    HostileAttempt(
        "a bomb in a status",
        _pipeline,
        status=lambda at: {"memory": {**_memo(at), "applied": f"zlib:{compression_bomb()}"}},
    ),
    HostileAttempt("a spec without end", lambda at: _pipeline(at, pipelineDefinition=_nested_lists(900))),
    HostileAttempt("a spec that no parser takes", lambda at: _pipeline(at, pipelineDefinition=ENDLESS)),
    HostileAttempt("a sync that no parser takes", lambda at: _sync_of(at, values={"a": ENDLESS})),
    HostileAttempt("a text without end", lambda at: _pipeline(at, pipelineDefinition="[" * 500_000)),
    HostileAttempt("values without end", lambda at: _sync_of(at, values=_nested_lists(900))),
)
_NONSENSE = (
    HostileAttempt("a spec that is a text", lambda at: _object(at, spec="../../x")),
    HostileAttempt("a spec that is a list", lambda at: _object(at, spec=[1, None])),
    HostileAttempt("no spec", _object),
    HostileAttempt("a policy that is a number", lambda at: _object(at, spec={}, policy=5)),
    HostileAttempt("a sync whose spec is a text", lambda at: _object(at, SYNC.kind, spec="x")),
    HostileAttempt("a sync whose source is a list", lambda at: _object(at, SYNC.kind, spec={"source": [1]})),
    HostileAttempt("a sync with a set that is a mapping", lambda at: _sync_of(at, set={"a": []})),
    HostileAttempt("a sync with needs that are a mapping", lambda at: _sync_of(at, dependsOn={"a": 1})),
    HostileAttempt("a status that is a text", _pipeline, fails=False, status=lambda _: "x"),
    HostileAttempt("a memory that is a text", _pipeline, status=lambda _: {"memory": "x"}),
    HostileAttempt("a memory that is a list", _pipeline, status=lambda _: {"memory": [1]}),
    HostileAttempt(
        "conditions that are none",
        _pipeline,
        fails=False,
        status=lambda _: {"conditions": [5, None, {"type": []}]},
    ),
    HostileAttempt("a kind of another group's link", lambda at: _pipeline(at, roleArn={"a": at.target})),
)
_ACROSS = (
    HostileAttempt(
        "an output of another namespace",
        lambda at: [group(f"${{Pipeline/{at.other}/{at.target}.arn}}", name=at.name)],
    ),
    HostileAttempt("annotations that are paths", lambda at: [
        group("../..", name=at.name, reconcile_at="../../../version", approve="%2e%2e", release_at="/", rollback="..")
    ], fails=False),
    HostileAttempt("a namespace in the metadata's text", lambda at: _sync_of(
        at, source={"path": f"../../{at.other}"}, set=f"../../{at.other}"
    )),
    HostileAttempt("a repository with dot segments", lambda at: _sync_of(
        at, report={"host": "gitea", "api": NOWHERE, "repository": f"../{at.other}", **_secret_ref("keep")}
    )),
    HostileAttempt("a key that is a path", lambda at: _workforce_of(at, "keep", f"../{at.target}")),
    HostileAttempt("dependsOn another namespace", lambda at: _sync_of(
        at, dependsOn=[f"../{at.other}/{at.target}"]
    ), fails=False),
)  # fmt: skip

ATTEMPTS: tuple[HostileAttempt, ...] = (*_NAMED, *_FORGED, *_HUGE, *_NONSENSE, *_ACROSS)


def without_validation(definition: Json) -> Json:
    """A definition that accepts everything, like one written before a rule was added."""
    text = json.dumps(definition)
    made: Json = json.loads(text)
    for version in made["spec"]["versions"]:
        version["schema"] = {
            "openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        }
        version.pop("additionalPrinterColumns", None)
    return made
