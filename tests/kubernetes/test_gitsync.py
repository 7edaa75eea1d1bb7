"""A GitSync from push to AWS: a real API server, a real git server, the operator as a process with its own rights."""

import re

from controller.runtime.metrics import AWS_EVENTS, METRICS, Process
from tests.gitops.stage import group
from tests.journeys.documents import pipeline, serving
from tests.kubernetes.documents import group as group_object
from tests.kubernetes.git_server import Followed
from tests.kubernetes.operator_process import wait_until


def test_a_push_is_applied_and_reported(followed: Followed) -> None:
    """``kubectl wait --for=condition=Ready`` ends with the pushed revision applied; the next push is applied too."""
    first = followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    status = followed.ready()
    assert status["lastApplied"]["revision"] == status["head"] == first
    assert followed.stage.changes() == ["CreateModelPackageGroup"]
    second = followed.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    status = followed.ready(revision=second)
    assert status["resources"] == 2
    assert [each["revision"] for each in status["history"]] == [second, first]


def test_an_invalid_push_keeps_the_last_good_revision(followed: Followed) -> None:
    """An error is reported with repository, commit, file and line; what was applied stays, and so does its record."""
    good = followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(prune=True)
    followed.ready()
    bad = followed.push({"deploy/a.yaml": group("fraud").replace("spec: {}", "spec: {nonsense: 1}")})
    wait_until(lambda: followed.reason() == "SourceRefused")
    status = followed.status()
    assert f"@{bad[:12]}:deploy/a.yaml:4:" in followed.stage.condition("GitSync", "prod")["message"]
    assert followed.stage.condition("GitSync", "prod", "Stalled")["status"] == "True"
    assert (status["head"], status["lastApplied"]["revision"]) == (bad, good)
    assert followed.stage.changes() == ["CreateModelPackageGroup"]
    mended = followed.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("mended")})
    assert "refused" not in followed.ready(revision=mended)


def test_conditions_follow_kstatus(followed: Followed) -> None:
    """Row 56: while AWS works Reconciling is True, at the end Ready; each has the generation it was observed for."""
    followed.push({"deploy/a.yaml": "---\n".join(serving())})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    wait_until(lambda: followed.reason() == "InTransition")
    moving = {each["type"]: each["status"] for each in followed.status()["conditions"]}
    assert moving["Reconciling"] == "True"
    assert (moving["Ready"], moving["Stalled"]) == ("False", "False")
    assert followed.status()["lastAttempted"]["revision"] == followed.status()["head"]
    status = followed.ready()
    assert {each["type"]: each["status"] for each in status["conditions"]} == {
        "Ready": "True", "Synced": "True", "Reconciling": "False", "Stalled": "False",
    }  # fmt: skip
    assert {each["observedGeneration"] for each in status["conditions"]} == {1}
    assert (status["observedGeneration"], status.get("problems")) == (1, None)


def test_a_failing_resource_is_reported(followed: Followed) -> None:
    """A resource that can't be changed as desired is named with the reason; the sync is not Ready."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    followed.ready()
    followed.push({"deploy/a.yaml": group("fraud", "another")})
    wait_until(lambda: followed.reason() == "Failed")
    problem = followed.status()["problems"][0]
    assert (problem["resource"], problem["why"]) == (
        "ModelPackageGroup/fraud",
        "Immutable",
    )
    assert followed.stage.condition("GitSync", "prod", "Stalled")["status"] == "True"


def test_a_suspended_sync_changes_nothing(followed: Followed) -> None:
    """Row 51: a push meanwhile is applied when it is resumed, and not before."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(suspend=True)
    wait_until(lambda: followed.reason() == "Suspended")
    assert followed.stage.sagemaker_calls() == []
    followed.stage.patch("gitsync", "prod", {"spec": {"suspend": False}})
    followed.ready()
    assert followed.stage.changes() == ["CreateModelPackageGroup"]


def test_a_plan_waits_for_its_approval(followed: Followed) -> None:
    """Row 54: the plan is in the status; an annotation with its fingerprint applies it, another one does not."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow(mode="Plan")
    wait_until(lambda: followed.reason() == "Planned")
    status = followed.status()
    assert "CreateModelPackageGroup" in status["plan"]["text"]
    followed.stage.annotate("gitsync", "prod", approve="0" * 64)
    followed.request_poll()
    assert followed.stage.changes() == []
    followed.stage.annotate("gitsync", "prod", approve=status["fingerprint"])
    status = followed.ready()
    assert followed.stage.changes() == ["CreateModelPackageGroup"]
    assert "plan" not in status


def test_drift_is_a_condition_and_a_measure_where_it_is_only_planned(followed: Followed) -> None:
    """Row 45: in mode Plan drift makes no call; Drifted shows it until it is approved; all metrics have values."""
    followed.push({"deploy/a.yaml": pipeline("ours", "pipelineDescription: ours")})
    followed.prepare()
    stage = followed.stage
    stage.start()
    followed.follow()
    revision = followed.ready()["head"]
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
    stage.annotate("gitsync", "prod", approve=followed.status()["fingerprint"])
    wait_until(lambda: stage.condition("GitSync", "prod", "Drifted").get("status") == "False")
    assert "drifted" not in followed.status()
    stage.kubectl.must("delete", "gitsync", "prod", "--timeout=60s")
    wait_until(lambda: name not in stage.page("metrics"))


def test_a_rollback_holds_until_a_newer_commit(followed: Followed) -> None:
    """Row 52: the annotation returns to a commit, which is kept until the branch has a new one."""
    first = followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    followed.ready(revision=first)
    second = followed.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("second")})
    followed.ready(revision=second)
    followed.stage.annotate("gitsync", "prod", rollback=first)
    status = followed.ready(revision=first)
    assert status["rollback"] == {"revision": first, "head": second}
    followed.request_poll()
    assert followed.status()["lastApplied"]["revision"] == first
    third = followed.push({"deploy/a.yaml": group("fraud"), "deploy/c.yaml": group("third")})
    assert followed.ready(revision=third)["releasedRollback"] == f"{first}@{second}"


def test_a_replaced_secret_is_used_without_a_change_of_the_sync(followed: Followed) -> None:
    """A replaced login in the Secret is used at the next poll; a wrong one is reported, and shown nowhere."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.forge.user, followed.forge.password = "bot", "old-password-canary"
    followed.prepare(username="bot", password="wrong-password-canary")
    followed.stage.start()
    followed.follow()
    wait_until(lambda: followed.reason() == "SourceSettings")
    followed.login(username="bot", password="old-password-canary")
    followed.ready()
    followed.forge.password = "new-password-canary"
    followed.login(username="bot", password="new-password-canary")
    later = followed.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("later")})
    followed.ready(revision=later)
    everything = followed.stage.kubectl.must("get", "gitsync,events,syncmemories", "-o", "yaml")
    assert "canary" not in everything + followed.stage.log().read_text("utf-8")


def test_transitions_are_events_and_another_poll_adds_none(followed: Followed) -> None:
    """Row 60: ``kubectl get events`` shows once when a sync became Ready."""
    followed.push({"deploy/a.yaml": group("fraud")})
    followed.prepare()
    followed.stage.start()
    followed.follow()
    followed.ready()
    followed.request_poll()
    followed.request_poll()
    lines = [each["reason"] for each in followed.stage.kubectl.items("events")]
    assert lines.count("Ready") == 1
    columns = followed.stage.kubectl.must("get", "gsync")
    assert columns.split()[:4] == ["NAME", "READY", "REASON", "REVISION"]
