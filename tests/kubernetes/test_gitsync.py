"""A GitSync from push to AWS: a real API server, a real git server, the operator as a process with its own rights."""

import re

from controller.runtime.metrics import AWS_EVENTS, METRICS, Process
from tests.gitops.stage import group
from tests.journeys.documents import pipeline, serving
from tests.kubernetes.documents import group as group_object
from tests.kubernetes.git_server import GitSyncStage
from tests.kubernetes.operator_process import wait_until


def test_a_push_is_applied_and_reported(gitsync_stage: GitSyncStage) -> None:
    """``kubectl wait --for=condition=Ready`` ends with the pushed revision applied; the next push is applied too."""
    first = gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    status = gitsync_stage.ready()
    assert status["lastApplied"]["revision"] == status["head"] == first
    assert gitsync_stage.stage.changes() == ["CreateModelPackageGroup"]
    second = gitsync_stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    status = gitsync_stage.ready(revision=second)
    assert status["resources"] == 2
    assert [each["revision"] for each in status["history"]] == [second, first]


def test_an_invalid_push_keeps_the_last_good_revision(gitsync_stage: GitSyncStage) -> None:
    """An error is reported with repository, commit, file and line; what was applied stays, and so does its record."""
    good = gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(prune=True)
    gitsync_stage.ready()
    bad = gitsync_stage.push({"deploy/a.yaml": group("fraud").replace("spec: {}", "spec: {nonsense: 1}")})
    wait_until(lambda: gitsync_stage.reason() == "SourceRefused")
    status = gitsync_stage.status()
    assert f"@{bad[:12]}:deploy/a.yaml:4:" in gitsync_stage.stage.condition("GitSync", "prod")["message"]
    assert gitsync_stage.stage.condition("GitSync", "prod", "Stalled")["status"] == "True"
    assert (status["head"], status["lastApplied"]["revision"]) == (bad, good)
    assert gitsync_stage.stage.changes() == ["CreateModelPackageGroup"]
    mended = gitsync_stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("mended")})
    assert "refused" not in gitsync_stage.ready(revision=mended)


def test_conditions_follow_kstatus(gitsync_stage: GitSyncStage) -> None:
    """Row 56: while AWS works Reconciling is True, at the end Ready; each has the generation it was observed for."""
    gitsync_stage.push({"deploy/a.yaml": "---\n".join(serving())})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    wait_until(lambda: gitsync_stage.reason() == "InTransition")
    moving = {each["type"]: each["status"] for each in gitsync_stage.status()["conditions"]}
    assert moving["Reconciling"] == "True"
    assert (moving["Ready"], moving["Stalled"]) == ("False", "False")
    assert gitsync_stage.status()["lastAttempted"]["revision"] == gitsync_stage.status()["head"]
    status = gitsync_stage.ready()
    assert {each["type"]: each["status"] for each in status["conditions"]} == {
        "Ready": "True", "Synced": "True", "Reconciling": "False", "Stalled": "False",
    }  # fmt: skip
    assert {each["observedGeneration"] for each in status["conditions"]} == {1}
    assert (status["observedGeneration"], status.get("problems")) == (1, None)


def test_a_failing_resource_is_reported(gitsync_stage: GitSyncStage) -> None:
    """A resource that can't be changed as desired is named with the reason; the sync is not Ready."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    gitsync_stage.ready()
    gitsync_stage.push({"deploy/a.yaml": group("fraud", "another")})
    wait_until(lambda: gitsync_stage.reason() == "Failed")
    problem = gitsync_stage.status()["problems"][0]
    assert (problem["resource"], problem["why"]) == (
        "ModelPackageGroup/fraud",
        "Immutable",
    )
    assert gitsync_stage.stage.condition("GitSync", "prod", "Stalled")["status"] == "True"


def test_a_suspended_sync_changes_nothing(gitsync_stage: GitSyncStage) -> None:
    """Row 51: a suspended sync makes no call; its commit is applied once it is resumed."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(suspend=True)
    wait_until(lambda: gitsync_stage.reason() == "Suspended")
    assert gitsync_stage.stage.sagemaker_calls() == []
    gitsync_stage.stage.patch("gitsync", "prod", {"spec": {"suspend": False}})
    gitsync_stage.ready()
    assert gitsync_stage.stage.changes() == ["CreateModelPackageGroup"]


def test_a_plan_waits_for_its_approval(gitsync_stage: GitSyncStage) -> None:
    """Row 54: the plan is in the status; an annotation with its fingerprint applies it, another one does not."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow(mode="Plan")
    wait_until(lambda: gitsync_stage.reason() == "Planned")
    status = gitsync_stage.status()
    assert "CreateModelPackageGroup" in status["plan"]["text"]
    gitsync_stage.stage.annotate("gitsync", "prod", approve="0" * 64)
    gitsync_stage.request_poll()
    assert gitsync_stage.stage.changes() == []
    gitsync_stage.stage.annotate("gitsync", "prod", approve=status["fingerprint"])
    status = gitsync_stage.ready()
    assert gitsync_stage.stage.changes() == ["CreateModelPackageGroup"]
    assert "plan" not in status


def test_drift_is_a_condition_and_a_measure_where_it_is_only_planned(gitsync_stage: GitSyncStage) -> None:
    """Row 45: in mode Plan drift makes no call; Drifted shows it until it is approved; all metrics have values."""
    gitsync_stage.push({"deploy/a.yaml": pipeline("ours", "pipelineDescription: ours")})
    gitsync_stage.prepare()
    stage = gitsync_stage.stage
    stage.start()
    gitsync_stage.follow()
    revision = gitsync_stage.ready()["head"]
    name = f"{stage.kubectl.namespace}/prod"
    info = f'sagectl_sync_info{{ready="true",revision="{revision}",suspended="false",sync="{name}"}} 1.0'
    assert info in stage.page("metrics")
    assert not stage.condition("GitSync", "prod", "Drifted")
    stage.patch("gitsync", "prod", {"spec": {"mode": "Plan"}})
    stage.client().update_pipeline(PipelineName="train", PipelineDescription="theirs")
    wait_until(lambda: stage.condition("GitSync", "prod", "Drifted").get("status") == "True")
    condition = stage.condition("GitSync", "prod", "Drifted")
    assert condition["message"] == "1 not as applied: Pipeline/train: /PipelineDescription"
    assert stage.changes() == ["CreatePipeline", "UpdatePipeline"]
    wait_until(lambda: f'sagectl_drifted_resources{{sync="{name}"}} 1.0' in stage.page("metrics"))
    stage.apply(group_object())
    wait_until(lambda: stage.condition("ModelPackageGroup", "fraud").get("status") == "True")
    announced = set(re.findall(r"^# TYPE (\S+)", stage.page("metrics"), re.MULTILINE))
    assert announced == {row.name for row in METRICS if row.by & Process.OPERATOR and row is not AWS_EVENTS}
    stage.annotate("gitsync", "prod", approve=gitsync_stage.status()["fingerprint"])
    wait_until(lambda: stage.condition("GitSync", "prod", "Drifted").get("status") == "False")
    assert "drifted" not in gitsync_stage.status()
    stage.kubectl.must("delete", "gitsync", "prod", "--timeout=60s")
    wait_until(lambda: name not in stage.page("metrics"))


def test_a_rollback_holds_until_a_newer_commit(gitsync_stage: GitSyncStage) -> None:
    """Row 52: the annotation returns to a commit, which is kept until the branch has a new one."""
    first = gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    gitsync_stage.ready(revision=first)
    second = gitsync_stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("second")})
    gitsync_stage.ready(revision=second)
    gitsync_stage.stage.annotate("gitsync", "prod", rollback=first)
    status = gitsync_stage.ready(revision=first)
    assert status["rollback"] == {"revision": first, "head": second}
    gitsync_stage.request_poll()
    assert gitsync_stage.status()["lastApplied"]["revision"] == first
    third = gitsync_stage.push({"deploy/a.yaml": group("fraud"), "deploy/c.yaml": group("third")})
    assert gitsync_stage.ready(revision=third)["releasedRollback"] == f"{first}@{second}"


def test_a_replaced_secret_is_used_without_a_change_of_the_sync(gitsync_stage: GitSyncStage) -> None:
    """A replaced login in the Secret is used at the next poll; a wrong one is reported, and shown nowhere."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.forge.user, gitsync_stage.forge.password = "bot", "old-password-canary"
    gitsync_stage.prepare(username="bot", password="wrong-password-canary")
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    wait_until(lambda: gitsync_stage.reason() == "SourceSettings")
    gitsync_stage.login(username="bot", password="old-password-canary")
    gitsync_stage.ready()
    gitsync_stage.forge.password = "new-password-canary"
    gitsync_stage.login(username="bot", password="new-password-canary")
    later = gitsync_stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("later")})
    gitsync_stage.ready(revision=later)
    everything = gitsync_stage.stage.kubectl.must("get", "gitsync,events,syncmemories", "-o", "yaml")
    assert "canary" not in everything + gitsync_stage.stage.log().read_text("utf-8")


def test_transitions_are_events_and_another_poll_adds_none(gitsync_stage: GitSyncStage) -> None:
    """Row 60: ``kubectl get events`` shows once when a sync became Ready."""
    gitsync_stage.push({"deploy/a.yaml": group("fraud")})
    gitsync_stage.prepare()
    gitsync_stage.stage.start()
    gitsync_stage.follow()
    gitsync_stage.ready()
    gitsync_stage.request_poll()
    gitsync_stage.request_poll()
    lines = [each["reason"] for each in gitsync_stage.stage.kubectl.items("events")]
    assert lines.count("Ready") == 1
    columns = gitsync_stage.stage.kubectl.must("get", "gsync")
    assert columns.split()[:4] == ["NAME", "READY", "REASON", "REVISION"]
