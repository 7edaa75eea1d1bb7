"""Throttling and slow responses of AWS in one namespace do not affect another."""

import signal
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from controller.sandbox import Answer, InjectedFault, Knobs, Sandbox, WallClock
from tests.benchmarks.stacks import models
from tests.kubernetes.documents import group
from tests.kubernetes.operator_process import OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.kubectl import Kubectl, as_list

MANY = 60
SOON, FIRST, GRACE = 8.0, 10.0, 8.0  # seconds; on two cores that many share


class SilentSandbox(Sandbox):
    """An account that accepts every request and, from some moment on, responds to none."""

    def __init__(self) -> None:
        super().__init__(clock=WallClock(), knobs=Knobs(pace=200))
        self.is_silent, self.over = threading.Event(), threading.Event()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Respond when the test is over."""
        if self.is_silent.is_set():
            self.over.wait()
        return super().answer(method, path, headers, body)


@pytest.fixture
def stage_of_silent_aws(kubectl: Kubectl, tmp_path: Path) -> Iterator[OperatorStage]:
    """An operator whose AWS is silent."""
    account = SilentSandbox()
    with operator_stage_on(account, kubectl, tmp_path) as stage:
        stage.apply(group(name="before"))
        stage.start(grace=f"{GRACE:.0f}s")
        stage.ready()
        account.is_silent.set()
        yield stage
        account.over.set()


def test_a_throttled_operation_of_one_namespace_delays_no_other(stage: OperatorStage) -> None:
    """Row 50: beside many throttled objects one of another namespace is Ready soon; they report the throttling."""
    other = stage.kubectl.fresh()
    running = stage.start(other.namespace)
    stage.apply(group(name="before"))
    stage.ready()
    stage.sandbox.inject(InjectedFault.THROTTLE, operation="CreateModel", times=None)
    stage.apply(*models(MANY))
    wait_until(lambda: stage.reason("Model", f"m{MANY - 1}") == "Throttled")
    tried = stage.call_count("CreateModel")
    began = time.monotonic()
    other.must("create", "-f", "-", given=as_list([group(name="good")]))
    other.must("wait", "--for=condition=Ready", "modelpackagegroup/good", "--timeout=30s")
    assert time.monotonic() - began < SOON
    assert stage.page("healthz") == "ok\n"
    assert stage.call_count("CreateModel") - tried <= MANY / 4
    assert "this one is queued" in stage.condition("Model", "m0")["message"]
    stage.sandbox.clear_faults()
    assert running.poll() is None


def test_an_object_has_a_status_though_aws_is_silent(stage_of_silent_aws: OperatorStage) -> None:
    """If AWS responds to no call, each object reports within seconds that it waits."""
    stage_of_silent_aws.apply(*(group(name=f"g{number}") for number in range(MANY)))
    began = time.monotonic()
    wait_until(
        lambda: all(
            each.get("status", {}).get("conditions")
            for each in stage_of_silent_aws.kubectl.found("ModelPackageGroup")
        )
    )
    assert time.monotonic() - began < FIRST
    assert stage_of_silent_aws.page("healthz") == "ok\n"


def test_an_operator_ends_within_its_grace_though_aws_is_silent(stage_of_silent_aws: OperatorStage) -> None:
    """SIGTERM ends it in time, and the Lease is free for the next one."""
    stage_of_silent_aws.apply(*(group(name=f"g{number}") for number in range(8)))
    wait_until(lambda: stage_of_silent_aws.reason("ModelPackageGroup", "g7"))
    began = time.monotonic()
    stage_of_silent_aws.running[0].send_signal(signal.SIGTERM)
    stage_of_silent_aws.running[0].wait(60)
    assert time.monotonic() - began < GRACE
    held = stage_of_silent_aws.kubectl.must(
        "get", "lease", "sagemaker-gitops", "-o", "jsonpath={.spec.holderIdentity}"
    )
    assert held == ""
