"""Changes that the tenants file forbids are not made, in whatever way a user requests them, on a real API server."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from controller.sandbox import Knobs
from tests.gitops import stage as syncs
from tests.kubernetes.administrator import ATTEMPTS, Attempt, RestrictedNamespace, tenants_file
from tests.kubernetes.documents import group
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.test_gitsync_notifications import write_secret
from tests.source.git.authority import issue_certificate
from tests.source.git.forge import serve_forge
from tests.source.git.repository import Repository


@pytest.fixture(scope="module")
def restricted_namespace(
    cluster_kubectl: Kubectl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RestrictedNamespace]:
    """One namespace, one operator and one repository for all attempts."""
    root, kubectl = tmp_path_factory.mktemp("forge"), cluster_kubectl.fresh()
    with (
        operator_stage(kubectl, tmp_path_factory.mktemp("ruled"), Knobs(pace=200)) as stage,
        serve_forge(root, issue_certificate()) as forge,
    ):
        gitsync_stage = GitSyncStage(stage, forge, Repository(root / "fleet.git"))
        gitsync_stage.prepare()
        write_secret(gitsync_stage, "forge", token="token-canary")
        write_secret(gitsync_stage, "signing", secret="signing-canary")
        file = stage.folder / "tenants.yaml"
        file.write_text(tenants_file(kubectl.namespace, forge.url()), encoding="utf-8")
        stage.start(kinds=ALL_KINDS, tenants=str(file))
        yield RestrictedNamespace(gitsync_stage)


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=list(ATTEMPTS))
def test_an_attempt_is_refused_by_its_rule(
    restricted_namespace: RestrictedNamespace, attempt: Attempt
) -> None:
    """The object names the rule and the file that refuse it; AWS was not changed, nor after another poll."""
    stage = restricted_namespace.followed.stage
    attempt.before(restricted_namespace)
    before = _count_changes(stage, attempt)
    attempt.tries(restricted_namespace)
    wait_until(lambda: attempt.rule in stage.condition(*attempt.on).get("message", ""))
    assert stage.reason(*attempt.on) == attempt.reason
    stage.annotate(*attempt.on, reconcile_at="again")
    if attempt.on[0] != "GitSync":
        wait_until(lambda: stage.get(*attempt.on)["status"].get("lastHandledReconcileAt") == "again")
    assert stage.reason(*attempt.on) == attempt.reason
    if attempt.rule.startswith("allow."):
        assert "tenants.yaml:" in stage.condition(*attempt.on)["message"]
    assert _count_changes(stage, attempt) == before


def _count_changes(stage: OperatorStage, attempt: Attempt) -> Counter[str]:
    """The changes in AWS, also attempted ones.

    Where a resource of the name was made a moment ago, the List of names may be older (decision 74): then its creation
    is tried and refused.
    """
    made = Counter(stage.changes())
    return made - Counter(stage.refused()) if attempt.rule == "allow.adopt" else made


def test_an_allowed_request_is_executed(restricted_namespace: RestrictedNamespace) -> None:
    """A granted set and its repository are used; a retained resource outlives its object."""
    stage = restricted_namespace.followed.stage
    restricted_namespace.push(granted=syncs.group("granted"))
    restricted_namespace.sync("granted", set="granted.fleet")
    restricted_namespace.followed.ready("granted")
    restricted_namespace.ready(group(policy={"deletion": "Retain"}, name="let-go"))
    stage.kubectl.must("delete", "modelpackagegroup.sagemaker.gitops.dev", "let-go", "--timeout=30s")
    assert "DeleteModelPackageGroup" not in stage.changes()


def test_a_sync_waits_for_approval_where_its_namespace_does(gitsync_stage: GitSyncStage) -> None:
    """``mode: Plan`` of the tenants file applies to GitSyncs as to objects, whatever ``spec.mode`` is."""
    stage = gitsync_stage.stage
    file = stage.folder / "tenants.yaml"
    file.write_text(json.dumps({"namespaces": {stage.kubectl.namespace: {"mode": "Plan"}}}), encoding="utf-8")
    gitsync_stage.push({"deploy/a.yaml": syncs.group("fraud")})
    gitsync_stage.prepare()
    stage.start(kinds=ALL_KINDS, tenants=str(file))
    gitsync_stage.follow(mode="Apply")
    wait_until(lambda: gitsync_stage.reason() == "Planned")
    gitsync_stage.request_poll()
    assert stage.changes() == []
    stage.annotate("gitsync", "prod", approve=gitsync_stage.status()["fingerprint"])
    gitsync_stage.ready()
