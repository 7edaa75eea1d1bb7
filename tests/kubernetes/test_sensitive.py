"""A value that an object marks as sensitive, on a real API server: in no status, Event, log line or metric."""

import json

from controller.sandbox import InjectedFault
from tests.kubernetes.documents import document, pipeline
from tests.kubernetes.operator_process import Json, OperatorStage, wait_until

FIRST, SECOND = "canary4471", "canary4472"
POLICY = {"sensitive": ["/pipelineDescription"], "deletion": "Delete"}


def _assert_no_secret(stage: OperatorStage) -> None:
    """Assert that no output of the operator has a value, except the spec, and kubectl's copy of it."""
    objects = stage.objects()
    events = json.dumps(stage.kubectl.found("Event", "v1"))
    statuses = json.dumps([each.get("status") for each in objects])
    marks = json.dumps([each["metadata"].get("finalizers") for each in objects])
    for shown in (statuses, marks, events, stage.log().read_text("utf-8"), stage.page("metrics")):
        at = shown.find("canary447")
        assert at < 0, shown[max(at - 200, 0) : at + 80]


def _live_description(stage: OperatorStage) -> str:
    return str(stage.describe("Pipeline", PipelineName="train").get("PipelineDescription"))


def _condition_of_refusal(stage: OperatorStage, about: str) -> Json:
    """Let AWS refuse the change to a text, and repeat it; returns the condition."""
    reason = f"the description '{about}' ({json.dumps({'PipelineDescription': about})}) is not welcome"
    stage.sandbox.inject(InjectedFault.INVALID, operation="UpdatePipeline", reason=reason, times=None)
    stage.apply(pipeline(about, POLICY))
    wait_until(lambda: "is not welcome" in stage.condition("Pipeline", "train", "Synced").get("message", ""))
    return stage.condition("Pipeline", "train", "Synced")


def test_a_marked_value_is_shown_nowhere_and_drift_of_it_is_corrected(stage: OperatorStage) -> None:
    """Created, refused with a message that repeats it, changed and changed outside: the value is in no output."""
    stage.start(poll="1s", resync="3s")
    stage.apply(pipeline(FIRST, POLICY))
    stage.ready()
    assert _live_description(stage) == FIRST
    _assert_no_secret(stage)
    assert "(sensitive)" in _condition_of_refusal(stage, SECOND)["message"]
    _assert_no_secret(stage)
    stage.sandbox.clear_faults()
    stage.annotate("Pipeline", "train", reconcile_at="now")
    wait_until(lambda: _live_description(stage) == SECOND)
    stage.ready()
    stage.client().update_pipeline(PipelineName="train", PipelineDescription=f"{FIRST} by hand")
    wait_until(lambda: _live_description(stage) == SECOND)
    stage.ready()
    _assert_no_secret(stage)


def test_a_finding_about_a_marked_value_does_not_repeat_it(stage: OperatorStage) -> None:
    """A planned change names the member without its value; so does a creation that AWS refuses."""
    stage.start()
    reason = f"Value '{FIRST}' at 'modelPackageGroupDescription' failed to satisfy a constraint"
    stage.sandbox.inject(
        InjectedFault.INVALID, operation="CreateModelPackageGroup", reason=reason, times=None
    )
    policy = {"sensitive": ["/modelPackageGroupDescription"]}
    for mode in ("Apply", "Plan"):
        spec = {"modelPackageGroupDescription": FIRST}
        stage.apply(document("ModelPackageGroup", f"group-{mode.lower()}", spec, {**policy, "mode": mode}))
    wait_until(
        lambda: (
            "constraint" in stage.condition("ModelPackageGroup", "group-apply", "Synced").get("message", "")
        )
    )
    _assert_no_secret(stage)
