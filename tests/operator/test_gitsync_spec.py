"""The requests of a GitSync with names that the API server should have refused."""

from typing import Any

import pytest

from controller.core.ref import Ref
from controller.crds.catalog import SYNC
from controller.gitops.notifications import AllowedHosts
from controller.manifests.document import IgnoredTags
from controller.operator.cached_object import item
from controller.operator.context import OperatorSettings
from controller.operator.gitsync.spec import ParsedSync, read_sync, why_forbidden
from controller.operator.grants import Grant
from controller.operator.kube.access import Access
from controller.operator.kube.api import Api
from controller.operator.secrets import NamespaceSecrets
from tests.kubernetes.syncs import gitsync_object

URL = "https://git.example.com/ml.git"
ELSEWHERE = {"secretRef": {"name": "../../victim/secrets/db"}}
REPORT = {"host": "gitea", "api": "https://git.example.com/api/v1", "repository": "a/b", **ELSEWHERE}


@pytest.mark.parametrize(
    ("sync", "location"),
    [
        (gitsync_object(URL, source=ELSEWHERE), "spec.source.secretRef.name"),
        (gitsync_object(URL, source={"verify": ELSEWHERE}), "spec.source.verify.secretRef.name"),
        (gitsync_object(URL, report=REPORT), "spec.report.secretRef.name"),
        (gitsync_object(URL, message={"url": URL, **ELSEWHERE}), "spec.message.secretRef.name"),
        (gitsync_object(URL, secrets=["good", ELSEWHERE["secretRef"]["name"]]), "spec.secrets[1]"),
    ],
)
def test_an_invalid_secret_name_is_reported_with_its_path(sync: dict[str, Any], location: str) -> None:
    """The sync is known but not run, and reports which fields have no valid name of a Secret; no request is sent."""
    sync["metadata"] |= {"uid": "1", "resourceVersion": "1", "namespace": "ml"}
    nowhere = NamespaceSecrets(Api(Access("http://127.0.0.1:1"), connections=1), "ml")
    sync_item = item(Ref(SYNC.kind, "prod", "ml"), sync, None)
    found = read_sync(sync_item, nowhere, OperatorSettings(), AllowedHosts(), Grant(), cluster="default")
    assert found.sync is not None
    assert found.problem == f"{location}: '../../victim/secrets/db' is no name of a Secret"


@pytest.mark.parametrize("cluster", ["default", "cluster-1"])
def test_a_sync_can_not_own_the_operators_set(cluster: str) -> None:
    """Whatever a namespace was granted, a sync that owned that set would own the resources of other objects."""
    sync = gitsync_object(URL, set=cluster)
    sync["metadata"] |= {"uid": "1", "resourceVersion": "1", "namespace": "ml"}
    found = item(Ref(SYNC.kind, "prod", "ml"), sync, None)
    message = why_forbidden(found, Grant(), cluster, cluster)
    assert message == f"spec.set {cluster} is the set of the operator's own objects"


def test_tags_of_a_sync_are_those_of_its_spec() -> None:
    """Default and ignored tags of the spec apply to the sync; one that the service would refuse stops it."""
    nowhere = NamespaceSecrets(Api(Access("http://127.0.0.1:1"), connections=1), "ml")

    def read_with_tags(tags: dict[str, str]) -> ParsedSync:
        sync = gitsync_object(URL, defaultTags=tags, ignoreTags={"keys": ["cost"], "keyPrefixes": ["auto:"]})
        sync["metadata"] |= {"uid": "1", "resourceVersion": "1", "namespace": "ml"}
        found = item(Ref(SYNC.kind, "prod", "ml"), sync, None)
        return read_sync(found, nowhere, OperatorSettings(), AllowedHosts(), Grant(), cluster="default")

    good = read_with_tags({"env": "prod"}).sync
    assert good is not None
    assert (good.default_tags, good.ignored_tags) == (
        {"env": "prod"},
        IgnoredTags(frozenset({"cost"}), ("auto:",)),
    )
    assert "keys that start with 'aws:' belong to AWS" in read_with_tags({"aws:x": "y"}).problem


@pytest.mark.parametrize(
    ("events", "given", "drift"), [(False, "", 600), (True, "", 3600), (True, "5m", 300)]
)
def test_a_gitsync_that_names_no_interval_looks_once_an_hour_where_events_are_received(
    events: bool, given: str, drift: float
) -> None:
    """An interval of the spec applies with events as without."""
    sync = gitsync_object(URL)
    sync["spec"] |= {"driftInterval": given}
    if not given:
        del sync["spec"]["driftInterval"]
    sync["metadata"] |= {"uid": "1", "resourceVersion": "1", "namespace": "ml"}
    nowhere = NamespaceSecrets(Api(Access("http://127.0.0.1:1"), connections=1), "ml")
    rules = OperatorSettings(events=events)
    found = read_sync(
        item(Ref(SYNC.kind, "prod", "ml"), sync, None),
        nowhere,
        rules,
        AllowedHosts(),
        Grant(),
        cluster="default",
    )
    assert found.sync is not None
    assert found.sync.timing.drift == drift
