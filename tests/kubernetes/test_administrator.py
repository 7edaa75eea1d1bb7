"""Changes that the tenants file forbids are not made, in whatever way a user requests them, on a real API server."""

import json
from collections import Counter
from collections.abc import Iterator

import pytest

from controller.sandbox import Knobs
from tests.gitops import stage as syncs
from tests.kubernetes.administrator import ATTEMPTS, Attempt, Ruled, tenants_file
from tests.kubernetes.documents import group
from tests.kubernetes.git_server import Followed
from tests.kubernetes.operator_process import ALL_KINDS, Operated, operator_stage, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.test_gitsync_notifications import write_secret
from tests.source.git.authority import issue_certificate
from tests.source.git.forge import serve_forge
from tests.source.git.repository import Repository


@pytest.fixture(scope="module")
def ruled(everywhere: Kubectl, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ruled]:
    """One namespace, one operator and one repository for all attempts."""
    root, kubectl = tmp_path_factory.mktemp("forge"), everywhere.fresh()
    with (
        operator_stage(kubectl, tmp_path_factory.mktemp("ruled"), Knobs(pace=200)) as stage,
        serve_forge(root, issue_certificate()) as forge,
    ):
        followed = Followed(stage, forge, Repository(root / "fleet.git"))
        followed.prepare()
        write_secret(followed, "forge", token="token-canary")
        write_secret(followed, "signing", secret="signing-canary")
        file = stage.folder / "tenants.yaml"
        file.write_text(tenants_file(kubectl.namespace, forge.url()), encoding="utf-8")
        stage.start(kinds=ALL_KINDS, tenants=str(file))
        yield Ruled(followed)


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=list(ATTEMPTS))
def test_an_attempt_is_refused_by_its_rule(ruled: Ruled, attempt: Attempt) -> None:
    """The object names the rule and the file that refuse it; AWS was not changed, nor after another poll."""
    stage = ruled.followed.stage
    attempt.before(ruled)
    before = _count_changes(stage, attempt)
    attempt.tries(ruled)
    wait_until(lambda: attempt.rule in stage.condition(*attempt.on).get("message", ""))
    assert stage.reason(*attempt.on) == attempt.reason
    stage.annotate(*attempt.on, reconcile_at="again")
    if attempt.on[0] != "GitSync":
        wait_until(lambda: stage.get(*attempt.on)["status"].get("lastHandledReconcileAt") == "again")
    assert stage.reason(*attempt.on) == attempt.reason
    if attempt.rule.startswith("allow."):
        assert "tenants.yaml:" in stage.condition(*attempt.on)["message"]
    assert _count_changes(stage, attempt) == before


def _count_changes(stage: Operated, attempt: Attempt) -> Counter[str]:
    """The changes in AWS, also attempted ones.

    Where a resource of the name was made a moment ago, the List of names may be older (decision 74): then its creation
    is tried and refused.
    """
    made = Counter(stage.changes())
    return made - Counter(stage.refused()) if attempt.rule == "allow.adopt" else made


def test_an_allowed_request_is_executed(ruled: Ruled) -> None:
    """A granted set and its repository are used; a retained resource outlives its object."""
    stage = ruled.followed.stage
    ruled.push(granted=syncs.group("granted"))
    ruled.sync("granted", set="granted.fleet")
    ruled.followed.ready("granted")
    ruled.ready(group(policy={"deletion": "Retain"}, name="let-go"))
    stage.kubectl.must("delete", "modelpackagegroup.sagemaker.gitops.dev", "let-go", "--timeout=30s")
    assert "DeleteModelPackageGroup" not in stage.changes()


def test_a_sync_waits_for_approval_where_its_namespace_does(followed: Followed) -> None:
    """``mode: Plan`` of the tenants file applies to GitSyncs as to objects, whatever ``spec.mode`` is."""
    stage = followed.stage
    file = stage.folder / "tenants.yaml"
    file.write_text(json.dumps({"namespaces": {stage.kubectl.namespace: {"mode": "Plan"}}}), encoding="utf-8")
    followed.push({"deploy/a.yaml": syncs.group("fraud")})
    followed.prepare()
    stage.start(kinds=ALL_KINDS, tenants=str(file))
    followed.follow(mode="Apply")
    wait_until(lambda: followed.reason() == "Planned")
    followed.request_poll()
    assert stage.changes() == []
    stage.annotate("gitsync", "prod", approve=followed.status()["fingerprint"])
    followed.ready()
