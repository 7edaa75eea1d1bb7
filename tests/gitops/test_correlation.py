"""One id connects webhook, calls and record; a call that AWS refused as invalid is sent once."""

from controller.gitops.status import SyncState
from controller.gitops.webhook_triggers import advance
from controller.sandbox import InjectedFault
from controller.webhooks.trigger_queue import TriggerQueue
from tests.gitops.stage import Stage, group
from tests.journeys.stage import doc

WRONG = doc(
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


def test_one_id_leads_from_the_hook_to_the_record(stage: Stage) -> None:
    """Row 64: the hook's look, the change, each call with AWS's own id of it, and the end carry one id."""
    stage.push({"deploy/a.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(120)
    stage.notes.events.clear()
    stage.push({"deploy/a.yaml": group("fraud"), "deploy/b.yaml": group("churn")})
    looks = TriggerQueue()
    looks.request("prod", stage.clock.wall(), "delivery-1")
    assert stage.fleet is not None
    advance(looks, stage.fleet, stage.clock)
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


def test_a_call_that_is_invalid_is_made_once(stage: Stage) -> None:
    """Row 50: what AWS calls invalid is not tried again, neither soon nor with the drift, until a new spec."""
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateFeatureGroup", times=9)
    stage.push({"deploy/a.yaml": WRONG, "deploy/b.yaml": group("fraud")})
    stage.start(stage.sync())
    stage.wait(3000)
    assert stage.record().state is SyncState.FAILED
    assert "ValidationException" in stage.record().message
    assert _tried(stage) == 1
    assert stage.mutations() == ["CreateModelPackageGroup"]
    stage.push({"deploy/b.yaml": group("fraud")})
    stage.wait(120)
    assert stage.record().good


def test_a_person_may_have_it_tried_again(stage: Stage) -> None:
    """Row 50: a look that a person requests tries the refused call once more, as what it lacked may be there now."""
    stage.sandbox.inject(InjectedFault.INVALID, operation="CreateFeatureGroup", times=9)
    stage.push({"deploy/a.yaml": WRONG})
    stage.start(stage.sync())
    stage.wait(700)
    stage.request(look="1")
    stage.wait(700)
    assert _tried(stage) == 2


def _tried(stage: Stage) -> int:
    return sum(1 for each in stage.sandbox.calls if each.mutating and each.error)
