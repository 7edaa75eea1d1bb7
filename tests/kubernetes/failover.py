"""Two operators: the leader is cut off from the API server while AWS throttles it."""

import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from controller.sandbox import Answer, InjectedFault, Knobs, Sandbox, WallClock
from tests.kubernetes.documents import group, pipeline
from tests.kubernetes.operator_process import READS, OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.kubectl import Kubectl
from tests.kubernetes.wire import relay_to

PIPELINES, GROUPS = 12, 6
_THROTTLED = ("UpdatePipeline", "DeleteModelPackageGroup", "CreateModelPackageGroup")
_KEY = re.compile(r"Credential=([^/]+)/")
_LONGEST_CUT = 2.0  # seconds after the first throttling at which the leader is disconnected
_LONGEST_THROTTLE = 8.0  # seconds after that for which AWS continues to throttle
_TIMEOUT = 180.0
_TRIES = 5
_AFTER = 3.0  # seconds of observation once the other replica has made the changes


@dataclass(frozen=True)
class ReceivedRequest:
    """A request as AWS received it: its time, access key and operation."""

    at: float
    key: str
    operation: str


class RecordingSandbox(Sandbox):
    """An account that records the requests it receives."""

    def __init__(self) -> None:
        super().__init__(clock=WallClock(), knobs=Knobs(pace=200))
        self.received: list[ReceivedRequest] = []
        self._noting = threading.Lock()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Record it, and respond as usual."""
        fields = {name.lower(): value for name, value in headers.items()}
        key = _KEY.search(fields.get("authorization", ""))
        operation = fields.get("x-amz-target", "").partition(".")[2]
        with self._noting:
            self.received.append(ReceivedRequest(time.time(), key[1] if key else "", operation))
        return super().answer(method, path, headers, body)

    def changes(self, key: str, since: float = 0.0) -> list[ReceivedRequest]:
        """The changing requests signed with that key."""
        with self._noting:
            noted = list(self.received)
        mutating = [each for each in noted if each.operation and not each.operation.startswith(READS)]
        return [each for each in mutating if each.key == key and each.at >= since]


class UnsettledError(Exception):
    """The Lease changed its holder too early: on such a busy machine the trial proves nothing."""


@dataclass(frozen=True)
class FailoverResult:
    """The result of one trial.

    Attributes:
        late: changing calls of the replica that was cut off, received after the other's lease began.
        before: its changing calls received before that, throttled ones included.
        margin: seconds between its last one and the other's lease.

    """

    late: tuple[ReceivedRequest, ...]
    before: int
    margin: float


def repeat_trial(kubectl: Kubectl, folder: Path, seed: int) -> FailoverResult:
    """Make a trial, in a namespace of its own; another one if the machine was too busy for it.

    Raises:
        UnsettledError: it always was.
        AssertionError: the other replica did not take over, or did not do what was to be done.

    """
    for _ in range(_TRIES):
        try:
            return run_trial(kubectl.fresh(), folder, seed)
        except UnsettledError:
            continue
    raise UnsettledError


def run_trial(kubectl: Kubectl, folder: Path, seed: int) -> FailoverResult:
    """Disconnect the leader at a moment that the seed decides, and observe its further calls.

    Raises:
        UnsettledError: the Lease passed on before that.
        AssertionError: the other replica did not take over, or did not do what was to be done.

    """
    chance = random.Random(seed)
    with (
        operator_stage_on(RecordingSandbox(), kubectl, folder) as stage,
        relay_to(kubectl.access, folder) as (wire, kubeconfig),
    ):
        stage.start(kubeconfig=kubeconfig)
        stage.apply(*(pipeline("old", name=f"p{n}") for n in range(PIPELINES)))
        stage.apply(*(group(name=f"g{n}") for n in range(GROUPS)))
        stage.ready()
        stage.start()
        wait_until(lambda: any(line["msg"] == "serving" for line in stage.lines(1)))
        for operation in _THROTTLED:
            stage.sandbox.inject(InjectedFault.THROTTLE, operation=operation, times=None)
        began = time.time()
        _change_object(stage)
        wait_until(
            lambda: (
                len(_counting_sandbox(stage).changes(_access_key(0), began)) > len(_THROTTLED)
                or _has_moved(stage)
            )
        )
        time.sleep(chance.uniform(0, _LONGEST_CUT))
        if _has_moved(stage):
            raise UnsettledError
        wire.cut()
        threading.Timer(chance.uniform(0, _LONGEST_THROTTLE), stage.sandbox.clear_faults).start()
        led = _leading_since(stage)
        wait_until(lambda: _is_done(stage), _TIMEOUT)
        time.sleep(_AFTER)
        return _evaluate(_counting_sandbox(stage), began, led)


def _change_object(stage: OperatorStage) -> None:
    stage.apply(*(pipeline("new", name=f"p{n}") for n in range(PIPELINES)))
    stage.apply(*(group(name=f"h{n}") for n in range(GROUPS)))
    names = [f"g{n}" for n in range(GROUPS)]
    stage.kubectl.must("delete", "modelpackagegroup", *names, "--wait=false")


def _leading_since(stage: OperatorStage) -> float:
    """The time since which the other replica has the lease, as it wrote shortly before the server accepted it."""
    wait_until(lambda: _has_moved(stage))
    return datetime.fromisoformat(_read_lease(stage)[1]).timestamp()


def _has_moved(stage: OperatorStage) -> bool:
    return _read_lease(stage)[0] != "0"


def _read_lease(stage: OperatorStage) -> tuple[str, str]:
    """The number of transitions of the Lease, and the time since which it is held."""
    message = "{.spec.leaseTransitions}|{.spec.acquireTime}"
    found = stage.kubectl.must("get", "lease", "sagemaker-gitops", "-o", f"jsonpath={message}")
    transitions, _, acquired = found.partition("|")
    return transitions, acquired


def _is_done(stage: OperatorStage) -> bool:
    """Whether AWS has the requested resources."""
    client = stage.client()
    groups = client.list_model_package_groups()["ModelPackageGroupSummaryList"]
    there = {each["ModelPackageGroupName"] for each in groups}
    if there != {f"h{n}" for n in range(GROUPS)}:
        return False
    return all(
        client.describe_pipeline(PipelineName=f"p{n}")["PipelineDescription"] == "new"
        for n in range(PIPELINES)
    )


def _evaluate(account: RecordingSandbox, began: float, led: float) -> FailoverResult:
    made = account.changes(_access_key(0), began)
    before = [each for each in made if each.at < led]
    return FailoverResult(tuple(each for each in made if each.at >= led), len(before), led - before[-1].at)


def _counting_sandbox(stage: OperatorStage) -> RecordingSandbox:
    assert isinstance(stage.sandbox, RecordingSandbox)
    return stage.sandbox


def _access_key(number: int) -> str:
    """The access key of an operator; ``OperatorStage`` gives each its own."""
    return f"operator-{number}"
