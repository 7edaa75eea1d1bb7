"""One id connects webhook, calls and record; a call that AWS refused as invalid is repeated after a backoff."""

import itertools
import random
from dataclasses import replace

import pytest

from controller.core.cloud import Call
from controller.gitops.status import SyncState
from controller.gitops.sync import Timing
from controller.gitops.webhook_triggers import request_polls
from controller.sandbox import InjectedFault
from controller.webhooks.trigger_queue import TriggerQueue
from tests.gitops.stage import Stage, group
from tests.journeys.stage import document_text

_HOUR = 3600.0  # seconds
RARELY = Timing(interval=24 * _HOUR, drift=1200, timeout=_HOUR)
WRONG = document_text(
    "FeatureGroup",
    "payments",
    """recordIdentifierFeatureName: id
eventTimeFeatureName: at
featureDefinitions:
- {featureName: id, featureType: String}
- {featureName: at, featureType: String}
onlineStoreConfig: {enableOnlineStore: true}
""",
)


def test_one_id_joins_webhook_and_record(stage: Stage) -> None:
    """Row 64: the webhook's poll, the change, each call with AWS's own request id, and the end have one id."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    stage.notes.events.clear()
    stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    looks = TriggerQueue()
    looks.request("prod", stage.clock.wall(), "delivery-1")
    assert stage.fleet is not None
    request_polls(looks, stage.fleet, stage.clock)
    stage.wait(31)
    lines = [(event, fields) for _, event, fields in stage.notes.events]
    assert {fields["reconcileID"] for _, fields in lines} == {stage.record().run}
    assert [event for event, _ in lines] == [
        "requested",
        "changed",
        "waiting",
        "called",
        "answered",
        "applied",
    ]
    assert dict(lines)["requested"]["cause"] == "delivery-1"
    made = next(each for each in reversed(stage.sandbox.calls) if each.mutating)
    assert dict(lines)["answered"]["request"] == made.request_id


def test_an_invalid_call_is_repeated_after_growing_pauses(stage: Stage) -> None:
    """Row 50: a call refused as invalid is repeated after growing pauses up to an hour, until documents change."""
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateFeatureGroup", times=999)
    stage.push({"deploy/a.yaml": WRONG, "deploy/b.yaml": group("fraud")})
    stage.start(stage.sync(timing=RARELY))
    stage.wait(6 * _HOUR)
    assert stage.record().state is SyncState.FAILED
    assert "ValidationException" in stage.record().message
    pauses = [after - before for before, after in itertools.pairwise(_times_of_refusals(stage))]
    assert pauses[0] <= 60
    assert all(before <= after for before, after in itertools.pairwise(pauses))
    assert _HOUR / 2 <= pauses[-1] <= _HOUR
    assert len(pauses) < 16
    assert stage.mutations() == ["CreateModelPackageGroup"]
    assert stage.notes.names("prod").count("failed") == 1
    stage.push({"deploy/b.yaml": group("fraud")})
    stage.request(look="1")
    stage.wait(120)
    assert stage.record().is_applied


@pytest.mark.parametrize("fault", [InjectedFault.INVALID, InjectedFault.UNSUPPORTED])
def test_an_invalid_call_that_becomes_valid_is_applied(stage: Stage, fault: InjectedFault) -> None:
    """With a role created later, or an operation that a Region lacked, it is applied without a push.

    The next refusal of the same call is repeated as soon as the first one was.
    """
    stage.sandbox.inject(fault, operation="CreateFeatureGroup", times=3)
    stage.push({"deploy/a.yaml": WRONG})
    stage.start(stage.sync())
    stage.wait(600)
    assert stage.record().is_applied
    assert len(_times_of_refusals(stage)) == 3
    stage.cloud.call(Call("DeleteFeatureGroup", {"FeatureGroupName": "payments"}))
    stage.sandbox.inject(fault, operation="CreateFeatureGroup")
    stage.wait(1800)
    assert stage.record().is_applied
    made = [each.at for each in stage.sandbox.calls if each.operation == "CreateFeatureGroup"]
    assert len(made) == 4 + 2
    assert made[-1] - made[-2] <= 60


def test_calls_that_were_refused_in_one_pass_are_repeated_in_one(stage: Stage) -> None:
    """Many invalid documents cause as many passes as one does, whatever the jitter of their pauses."""
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateModelPackageGroup", times=999)
    stage.push({f"deploy/{name}.yaml": group(name) for name in "abcdef"})
    stage.clock = replace(stage.clock, chance=random.Random(1).random)
    stage.start(stage.sync(timing=RARELY))
    stage.wait(_HOUR)
    tried = _times_of_refusals(stage)
    assert len(tried) > 6 * 4
    assert {tried.count(at) for at in tried} == {6}


def test_a_requested_poll_repeats_a_refused_call(stage: Stage) -> None:
    """Row 50: a requested poll repeats the refused call at once, since its cause may be gone."""
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateFeatureGroup", times=999)
    stage.push({"deploy/a.yaml": WRONG})
    stage.start(stage.sync(timing=RARELY))
    stage.wait(2 * _HOUR)
    before = len(_times_of_refusals(stage))
    stage.request(look="1")
    stage.wait(10)
    assert len(_times_of_refusals(stage)) == before + 1


def _times_of_refusals(stage: Stage) -> list[float]:
    """The times of refused changes."""
    return [each.at for each in stage.sandbox.calls if each.mutating and each.error]
