"""An object beside throttled ones, and an AWS that does not respond: ``python -m tests.benchmarks.fairness [MODELS]``.

Prints a line for each; fails where a goal is missed: 2 s of delay, 5 s to the first status, the grace at the end.
"""

import signal
import sys
import tempfile
import time
from pathlib import Path

from controller.sandbox import InjectedFault, Knobs, Sandbox, WallClock
from tests.benchmarks.stacks import models
from tests.kubernetes.documents import group
from tests.kubernetes.operator_process import ALL_KINDS, OperatorStage, operator_stage_on, wait_until
from tests.kubernetes.rig.definitions import establish
from tests.kubernetes.rig.kubectl import Kubectl, as_list
from tests.kubernetes.rig.programs import programs
from tests.kubernetes.rig.server import run_server
from tests.kubernetes.test_fairness import SilentSandbox

_LATENCY, _ROUNDS, _OBJECTS = 0.1, 5, 60
_DELAY, _FIRST, _GRACE = 2.0, 5.0, 25.0
_USUAL = {"poll": "15s", "longest-pause": "300s", "lease": "15s", "grace": f"{_GRACE:.0f}s", "workers": "12"}


def measure_throttled(kubectl: Kubectl, folder: Path, count: int) -> bool:
    """Measure how much later an object of another namespace is Ready while a number of Models are throttled."""
    account = Sandbox(clock=WallClock(), knobs=Knobs(pace=200, latency=_LATENCY))
    other = kubectl.fresh()
    with operator_stage_on(account, kubectl, folder) as stage:
        stage.start(other.namespace, kinds=ALL_KINDS, **_USUAL)
        stage.apply(group(name="before"))
        stage.ready()
        alone = max(_seconds_to_ready(other, f"alone-{number}") for number in range(_ROUNDS))
        account.inject(InjectedFault.THROTTLE, operation="CreateModel", times=None)
        kubectl.must("create", "-f", "-", given=as_list(models(count)))
        first = _seconds_to_ready(other, "first")  # while all of them have their first pass
        wait_until(lambda: stage.pass_count() > count, 600)
        tried = stage.call_count("CreateModel")
        took = [_seconds_to_ready(other, f"beside-{number}") for number in range(_ROUNDS)]
        more = stage.call_count("CreateModel") - tried
        health = stage.page("healthz").strip()
    beside = max(first, *took)
    print(
        f"beside {count} throttled Models: {beside:.1f} s ({first:.1f} s while they began), alone {alone:.1f} s; "
        f"{tried} CreateModel until all had a turn, {more} after that; healthz {health}",
        flush=True,
    )
    return beside - alone <= _DELAY and health == "ok"


def _seconds_to_ready(kubectl: Kubectl, name: str) -> float:
    began = time.monotonic()
    kubectl.must("create", "-f", "-", given=as_list([group(name=name)]))
    kubectl.must("wait", "--for=condition=Ready", f"modelpackagegroup/{name}", "--timeout=600s")
    return time.monotonic() - began


def measure_silent(kubectl: Kubectl, folder: Path) -> bool:
    """Measure the first status of new objects, and the end of the process, while AWS responds to no call."""
    account = SilentSandbox()
    with operator_stage_on(account, kubectl, folder) as stage:
        stage.start(kinds=ALL_KINDS, **_USUAL)
        stage.apply(group(name="before"))
        stage.ready()
        account.is_silent.set()
        stage.apply(*(group(name=f"g{number}") for number in range(_OBJECTS)))
        began = time.monotonic()
        wait_until(lambda: _all_reported(stage), 600)
        first, began = time.monotonic() - began, time.monotonic()
        stage.running[0].send_signal(signal.SIGTERM)
        stage.running[0].wait(600)
        end = time.monotonic() - began
        held = kubectl.must("get", "lease", "sagemaker-gitops", "-o", "jsonpath={.spec.holderIdentity}")
        account.over.set()
    print(
        f"silent AWS: {_OBJECTS} objects have a status after {first:.1f} s; SIGTERM takes {end:.1f} s",
        flush=True,
    )
    print(f"  the Lease is {'held still' if held else 'given back'}", flush=True)
    return first <= _FIRST and end <= _GRACE and not held


def _all_reported(stage: OperatorStage) -> bool:
    found = stage.kubectl.items("modelpackagegroup")
    return all(each.get("status", {}).get("conditions") for each in found)


def main(count: int) -> int:
    """Measure both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        run_server(programs(print), Path(folder) / "server") as access,
    ):
        everywhere = Kubectl(access)
        establish(everywhere)
        for name in ("throttled", "silent"):
            (Path(folder) / name).mkdir()
        good = measure_throttled(everywhere.fresh(), Path(folder) / "throttled", count)
        good &= measure_silent(everywhere.fresh(), Path(folder) / "silent")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
