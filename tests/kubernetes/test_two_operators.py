import signal
import time
from typing import Any

from tests.kubernetes.documents import SERVING, group, model, pipeline
from tests.kubernetes.operator_process import OperatorStage, wait_until


def test_of_two_replicas_one_writes(stage: OperatorStage) -> None:
    """Row 68: two operators together create one of each; when the leader is killed, the other takes over."""
    first, second = stage.start(), stage.start()
    stage.apply(*SERVING)
    stage.ready()
    assert stage.refused() == []
    assert sorted(stage.changes()) == ["CreateEndpoint", "CreateEndpointConfig", "CreateModel"]
    turns = [len([line for line in stage.lines(each) if line["msg"] == "reconciled"]) for each in (0, 1)]
    assert min(turns) == 0
    (first if turns[0] else second).kill()
    stage.apply(group())
    stage.ready()


def test_a_suspended_former_leader_changes_nothing(stage: OperatorStage) -> None:
    """Row 68: a process that was suspended until another took over makes no changing call when it resumes."""
    first = stage.start()
    stage.apply(group())
    stage.ready()
    first.send_signal(signal.SIGSTOP)
    stage.start()
    wait_until(lambda: any(line["msg"] == "leading" for line in stage.lines(1)))
    first.send_signal(signal.SIGCONT)
    stage.apply(pipeline("one"), pipeline("two", name="other"))
    stage.ready()
    assert stage.changes().count("CreatePipeline") == 2
    assert passes_before_leading_again(stage.lines(0), "Pipeline") == []


def passes_before_leading_again(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The passes over objects of a kind until a process is elected again, as when the other one is too slow."""
    elections = [number for number, line in enumerate(lines) if line["msg"] == "leading"]
    until_then = lines[: elections[1]] if len(elections) > 1 else lines
    return [line for line in until_then if line["msg"] == "reconciled" and line["kind"] == kind]


def test_killed_before_the_call_the_inventory_has_the_creation(stage: OperatorStage) -> None:
    """Row 39: a creation is in the object's status before AWS is called, and so is the finalizer."""
    stage.slow(2.0)
    first = stage.start()
    stage.apply(model())
    wait_until(lambda: stage.get("Model", "fraud").get("status", {}).get("memory"))
    noted = stage.get("Model", "fraud")
    assert stage.changes() == []
    assert noted["metadata"]["finalizers"] == ["sagemaker.gitops.dev/finalizer"]
    assert noted["status"]["memory"]["entry"]["attempt"]
    first.kill()
    first.wait()
    stage.slow(0)
    time.sleep(2.5)  # the call of the killed one may still be answered
    stage.start()
    stage.ready()
    assert len(stage.sandbox.resources()) == 1
