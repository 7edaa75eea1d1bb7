"""Events of AWS for syncs and the operator: ``python -m tests.benchmarks.events [N]``.

How long after a change by hand its event has it undone, and what N objects in ten kinds cost at rest in an hour. Time
is that of a virtual clock; to it are added 100 ms for each call and the processor time. moto's SQS has the events.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

import boto3
from moto import mock_aws

from controller.aws import connect
from controller.aws_events.address import QueueAddress
from controller.aws_events.message import ResourceEvent
from controller.aws_events.queue import Deliver, EventQueue, OwnRequests
from controller.core.times import seconds
from controller.gitops.sync_file import DRIFT_WITH_EVENTS
from controller.operator.aws_events import object_enqueuer
from controller.sandbox import Knobs, Sandbox
from tests.aws_events.events import api_call
from tests.benchmarks.figures import record
from tests.benchmarks.quiet import documents_of_ten_kinds
from tests.benchmarks.stacks import ten_kinds
from tests.benchmarks.sync import stage_of_syncs
from tests.benchmarks.virtual_operator import VirtualOperator
from tests.gitops.stage import TIMING
from tests.sandbox.conftest import client_of

_LATENCY, _HOUR, _SOON = 0.1, 3600.0, 10.0
_REGION, _QUEUE = "us-east-1", "events"
_OTHER = "arn:aws:iam::123456789012:role/by-hand"


@dataclass(frozen=True)
class Figures:
    """The seconds from an event until its change is reverted, and the calls of an hour without changes."""

    corrected: float
    at_rest: Counter[str]

    def sweeps(self, count: int) -> float:
        """The calls of the hour divided by the number of pages of ten Lists and of the tags."""
        return self.at_rest.total() / (10 * ceil(count / 1000) + ceil(count / 100))


def _send_and_receive(deliver: Deliver, operation: str, **parameters: str) -> None:
    """Send the event of a change to a queue, receive and deliver it; moto would answer all other calls as well."""
    received: list[ResourceEvent] = []
    with mock_aws():
        client = boto3.client("sqs", region_name=_REGION)
        url = client.create_queue(QueueName=_QUEUE)["QueueUrl"]
        client.send_message(QueueUrl=url, MessageBody=json.dumps(api_call(operation, parameters)))
        cloud = connect(region=_REGION)
        queue = EventQueue(lambda: cloud, QueueAddress(_QUEUE), received.extend, own=OwnRequests())
        assert queue.poll(wait=0) == 1
    deliver(received)


def _seconds_until_corrected(
    sandbox: Sandbox, name: str, deliver: Deliver, work: Callable[[], object]
) -> float:
    """The seconds from the event of a change by hand until it is reverted."""
    client_of(sandbox).update_pipeline(PipelineName=name, RoleArn=_OTHER)
    sandbox.clear_calls()
    began, at = time.process_time(), sandbox.clock.now()
    _send_and_receive(deliver, "UpdatePipeline", pipelineName=name)
    work()
    made = [each.operation for each in sandbox.calls]
    assert "UpdatePipeline" in made, f"the change is not undone: {made}"
    waited = sandbox.clock.now() - at
    return waited + len(made) * _LATENCY + time.process_time() - began


def measure_sync(count: int) -> Figures:
    """The figures of ``sagectl sync``."""
    with stage_of_syncs() as stage:
        stage.push({"deploy/a.yaml": "---\n".join(documents_of_ten_kinds(count))})
        drift = seconds(DRIFT_WITH_EVENTS)
        stage.start(stage.sync(timing=replace(TIMING, drift=drift)))
        stage.wait(2.5 * drift)  # the second pass has the observations of the first one
        stage.sandbox.clear_calls()
        stage.wait(_HOUR)
        at_rest = _calls(stage.sandbox)
        assert stage.fleet is not None
        deliver = stage.fleet.changed_in_aws
        return Figures(_seconds_until_corrected(stage.sandbox, "b0", deliver, stage.wait), at_rest)


def measure_operator(count: int) -> Figures:
    """The figures of the operator."""
    operator, documents = VirtualOperator(Knobs(pace=200)), ten_kinds(count)
    operator.create(documents)
    operator.ready(documents)
    operator.wait(2.5 * _HOUR, step=2.0)
    sandbox = operator.account.sandbox
    sandbox.clear_calls()
    operator.wait(_HOUR, step=2.0)
    at_rest = _calls(sandbox)
    (path,) = (each for each in operator.cluster.objects if each.endswith("/pipelines/m0"))
    name = str(operator.cluster.objects[path]["status"]["awsName"])
    deliver = object_enqueuer(operator.replica.context)
    return Figures(_seconds_until_corrected(sandbox, name, deliver, lambda: operator.wait(0.1)), at_rest)


def _calls(sandbox: Sandbox) -> Counter[str]:
    return Counter(each.operation for each in sandbox.calls if each.service != "sts")


def main(count: int = 100) -> int:
    """Run, print, judge; the exit status."""
    found = {"sync": measure_sync(count), "operator": measure_operator(count)}
    for way, each in found.items():
        sweeps = each.sweeps(count)
        print(
            f"{way}: undone {each.corrected:.1f} s after the event; {each.at_rest.total()} calls, {sweeps:.1f} sweeps"
        )
        print(f"  {dict(each.at_rest)}")
    slowest, most = (
        max(each.corrected for each in found.values()),
        max(each.sweeps(count) for each in found.values()),
    )
    record(
        {
            "with events: a change by hand is undone after": f"{slowest:.1f} s (latency and processor time)",
            "with events: calls at rest in an hour, sync and operator": f"{most:.1f} sweeps",
        }
    )
    good = slowest <= _SOON and most <= 1
    print("ok" if good else "FAILED")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
