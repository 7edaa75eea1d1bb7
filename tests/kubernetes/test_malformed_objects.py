"""Malformed objects, which an earlier definition may have admitted: none stops another, in any periodic job."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from controller.core.path import Path as Location
from controller.core.path import with_value
from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.gitops.metrics import SyncMetrics
from controller.inventory.model import InventoryError
from controller.operator.cache_sync import CacheSync, Relist
from controller.operator.cached_object import Item, item
from controller.operator.finalizer import finalize
from controller.operator.gitsync.controller import GitSyncController
from controller.operator.gitsync.namespace_syncs import Shared
from controller.operator.kube.api import ApiError
from controller.operator.object_bundle import compile_object, needs_it
from controller.operator.object_cache import ObjectCache
from controller.operator.object_inventory import entry_of
from controller.operator.object_patcher import ObjectPatcher
from controller.operator.periodic import Sweep
from controller.operator.resource_reconciler import converge
from controller.operator.secrets import Rotation
from controller.runtime.workqueue import Queue, ReconcileRequest
from controller.source.git.snapshot import Mirrors
from tests.kubernetes.documents import config, group, pipeline, workforce
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.single_passes import OperatorPasses, operator_passes
from tests.kubernetes.syncs import gitsync_object

Json = dict[str, Any]
DEEP: Any = 1
for _ in range(5_000):
    DEEP = [DEEP]
WRONG: tuple[Any, ...] = (
    None, 5, True, "x", "../..", [], [1, None, {}], {}, {"a": {"b": []}, "type": []}, "\0", DEEP,
)  # fmt: skip
_TURNS = 400  # of the objects; each is a request to the API server
_CONDITION = {
    "type": "Ready",
    "status": "True",
    "reason": "Ready",
    "message": "",
    "lastTransitionTime": "then",
}
_MEMORY = {
    "format": 2,
    "account": "123456789012",
    "region": "us-east-1",
    "entry": {
        "name": "train",
        "arn": "arn:aws:x",
        "old": [{"name": "a", "arn": "b"}],
        "tags": ["a"],
        "made": 1,
    },
    "applied": "{}",
}
_STATUS: Json = {
    "conditions": [_CONDITION],
    "observedGeneration": 1,
    "awsName": "x",
    "arn": "arn:aws:x",
    "outputs": {"a": 1},
    "memory": _MEMORY,
    "lastHandledReconcileAt": "now",
}
_SYNCED: Json = {
    "conditions": [_CONDITION],
    "observedGeneration": 1,
    "state": "Ready",
    "head": "a" * 40,
    "lastApplied": {"revision": "a" * 40, "fingerprint": "b", "at": "then"},
    "history": [
        {"revision": "a" * 40, "fingerprint": "b", "state": "Ready", "at": "then", "message": "", "count": 1}
    ],
    "rollback": {"revision": "a" * 40, "head": "b" * 40},
    "drifted": ["a"],
}
_POLICY = {"deletion": "Delete", "mode": "Apply", "ignore": ["/tags"], "protect": False}
_NAME, _URL = {"secretRef": {"name": "sign-in"}}, "https://127.0.0.1:1/ml.git"
BASES: tuple[Json, ...] = (
    {**pipeline(), "policy": _POLICY, "status": _STATUS},
    {**workforce(), "policy": _POLICY, "status": _STATUS},
    {**config(), "policy": _POLICY, "status": _STATUS},
    {
        **gitsync_object(
            _URL, source={**_NAME, "verify": _NAME, "path": "a", "include": ["*"]}, dependsOn=["a"], values={"a": 1},
            secrets=["sign-in"], message={"url": _URL, **_NAME}, set="a", prune=True, suspend=False, deletion="Delete",
            report={"host": "gitea", "api": _URL, "repository": "a/b", **_NAME},
        ),
        "status": _SYNCED,
    },
)  # fmt: skip
_METADATA = {
    "annotations": {"sagemaker.gitops.dev/reconcile-at": "a", "sagemaker.gitops.dev/rollback": "b"},
    "labels": {"a": "b"},
    "finalizers": ["sagemaker.gitops.dev/finalizer"],
    "generation": 1,
    "resourceVersion": "1",
    "creationTimestamp": "2026-01-31T12:00:00Z",
}


def _paths_in(value: Any, at: Location = ()) -> Iterator[Location]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*at, key)
        yield from _paths_in(each, (*at, key))


def malformed_objects(namespace: str) -> Iterator[tuple[Ref, Json]]:
    """Each object of our kinds with each wrong value at each of its paths, one path at a time."""
    for base in BASES:
        metadata = {"namespace": namespace, **_METADATA}
        whole = {**base, "metadata": {**metadata, "name": "none", "uid": "none"}}
        for path in _paths_in(whole):
            if path in {("metadata",), ("kind",)} or (
                path[0] == "metadata" and path[-1] in {"name", "uid", "namespace"}
            ):
                continue  # these identify an object: the API server accepts no others
            for number, wrong in enumerate(WRONG):
                made = with_value(whole, path, wrong)
                value = {**made, "metadata": dict(made["metadata"])}
                name = f"{base['kind']}-{'-'.join(map(str, path))}-{number}".lower().replace("/", "-")[-200:]
                value["metadata"] |= {"name": name, "uid": f"uid-{name}"}
                yield Ref(base["kind"], name, namespace), value


@dataclass
class MixedObjects:
    """Valid objects of a real API server among the malformed ones."""

    made: OperatorPasses
    registry: GitSyncController
    good: dict[str, Ref] = field(default_factory=dict)


@pytest.fixture
def mixed_objects(kubectl: Kubectl, tmp_path: Path) -> Iterator[MixedObjects]:
    """Pass a valid workforce, group and GitSync, and all malformed objects, to what receives objects."""
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "sign-in"},
        "stringData": {"client": "c"},
    }
    good = (workforce(), group(name="good"), gitsync_object(_URL, "good"))
    kubectl.apply(secret, *good)
    with operator_passes(kubectl) as made:
        registry = GitSyncController(
            Shared(
                made.context,
                ObjectCache(),
                Mirrors(tmp_path, lambda *_: None),
                "tests",
                Queue(),
                SyncMetrics(made.context.metrics.process),
            )
        )
        mixed_objects = MixedObjects(made, registry)
        for ref, value in malformed_objects(kubectl.namespace):
            handler = registry if ref.kind == SYNC.kind else made.context.intake
            handler.on_object(ref, value)
        for each in good:
            kind, name = each["kind"], each["metadata"]["name"]
            shown = json.loads(
                kubectl.must("get", f"{kind.lower()}.sagemaker.gitops.dev", name, "-o", "json")
            )
            mixed_objects.good[kind] = Ref(kind, name, kubectl.namespace)
            handler = registry if kind == SYNC.kind else made.context.intake
            handler.on_object(mixed_objects.good[kind], shown)
        _take_due_keys(made.context.intake.queue)
        yield mixed_objects


def _take_due_keys(queue: Queue[Ref]) -> set[Ref]:
    """All due keys, which are then finished."""
    found: set[Ref] = set()
    while (due := queue.get(0)) is not None:
        found.add(due.key)
        queue.done(due.key)
    return found


def test_no_periodic_job_stops_for_malformed_objects(mixed_objects: MixedObjects) -> None:
    """Secrets, resync, election, metrics, GitSyncs and both relists handle the valid objects."""
    context, good, where = (
        mixed_objects.made.context,
        mixed_objects.good,
        (mixed_objects.made.kubectl.namespace,),
    )
    rotation = Rotation(context, context.intake.queue)
    rotation.run_once()
    assert good["Workforce"] in _take_due_keys(context.intake.queue)
    assert (where[0], "sign-in") in rotation.seen
    context.intake.enqueue_all("elected")
    assert good["ModelPackageGroup"] in _take_due_keys(context.intake.queue)
    Sweep(context, context.intake.queue).run_once()
    assert b'kind="ModelPackageGroup"' in context.metrics.process.text()
    for each in _take_due_keys(mixed_objects.registry.shared.queue):
        mixed_objects.registry.reconcile(ReconcileRequest(each, 0.0))
    assert good[SYNC.kind].name in mixed_objects.registry.namespace_syncs[where[0]].fleet.followers
    cache_sync = CacheSync(context.api, context.store, where)
    assert cache_sync.call(), cache_sync.pending
    Relist(context.api, context.intake, where).run_once()
    Relist(context.api, mixed_objects.registry, where).run_once()
    left = {each.ref for store in (context.store, mixed_objects.registry.store) for each in store.all()}
    assert left == set(good.values())


def test_every_pass_over_a_malformed_object_ends(mixed_objects: MixedObjects) -> None:
    """A pass over such an object, or its deletion, ends with a verdict or a refusal; nothing is deleted."""
    context = mixed_objects.made.context
    foreign = [each for each in context.store.all() if each.ref not in mixed_objects.good.values()]
    for each in random.Random(7).sample(foreign, _TURNS):
        for take in (converge, finalize):
            with suppress(ApiError):
                take(ObjectPatcher(each, context.api, _item_parser(each)), context, "turn")
    assert not [each for each in mixed_objects.made.changes() if each.startswith("Delete")]


def _item_parser(of: Item) -> Callable[[Ref, Json], Item]:
    return lambda ref, value: item(ref, value, of)


def test_every_property_of_a_malformed_object_is_readable(kubectl: Kubectl) -> None:
    """Each property of such an object has its declared type; its inventory may only raise an inventory error."""
    for ref, value in malformed_objects("ml"):
        found = item(ref, value, None)
        for name in ("annotations", "labels"):
            assert all(isinstance(each, str) for pair in getattr(found, name).items() for each in pair)
        assert isinstance(found.generation, int)
        assert isinstance(found.condition("Ready"), dict)
        assert all(isinstance(each, str) for each in (found.uid, found.version, *found.annotation_requests))
        hash(
            (
                found.ready,
                found.is_settled,
                found.is_deleting,
                found.has_finalizer,
                bool(found.old_generations),
            )
        )
        if ref.kind == SYNC.kind:
            continue
        with suppress(InventoryError):
            entry_of(found)
        store = ObjectCache()
        store.put(ref, value)
        compile_object(found, store, across=False)
        needs_it(found, Ref("Model", "x", "ml"), store, across=False)
