"""Updates of an endpoint in stages, with alarms: the plan shows them, and a rollback names the alarm."""

from dataclasses import replace

import pytest

from controller.core.finding import Code
from controller.core.phase import Convergence
from controller.manifests.bundle import bundle
from controller.manifests.document import Rollout
from controller.manifests.load import load_bytes
from tests.journeys.documents import config, model
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

ALARM = "deploymentConfig: {autoRollbackConfiguration: {alarms: [{alarmName: fraud-5xx}]}}"


def documents(instance: str, rollout: str = "Canary10", more: str = ALARM) -> list[str]:
    """A serving tree whose endpoint is updated with a preset and an alarm."""
    spec = f"endpointConfigName: fraud\n{more}"
    return [model(), config(instance), document_text("Endpoint", "fraud", spec, f"rollout: {rollout}")]


def effects_text(stage: Stage, *texts: str) -> str:
    """The plan's text about the endpoint."""
    return "\n".join(each.message for each in step_of(stage.plan(*texts), "Endpoint/fraud").effects)


def serving_state(stage: Stage) -> tuple[str, str]:
    """The status of the endpoint, and the configuration that serves."""
    shown = stage.client().describe_endpoint(EndpointName="fraud")
    return shown["EndpointStatus"], shown["EndpointConfigName"]


@pytest.mark.parametrize(
    ("rollout", "lines"),
    [
        ("AllAtOnce", ("all traffic moves at once, watched for 5 min", "waits for 10 min in all")),
        (
            "Canary10",
            ("10 % of the instances take traffic first, watched for 10 min", "waits for 15 min in all"),
        ),
        ("Linear25", ("steps of 25 % of the instances, each watched for 5 min", "waits for 25 min in all")),
        ("Rolling", ("batches of 25 % of the instances, each watched for 5 min", "waits for 20 min in all")),
    ],
)
def test_the_plan_says_stages_duration_and_alarms(stage: Stage, rollout: str, lines: tuple[str, ...]) -> None:
    """Each preset is sent, and described with its longest duration and the alarms that roll it back."""
    stage.apply(*documents("ml.m5.large", rollout))
    changed = documents("ml.m5.xlarge", rollout)
    shown = effects_text(stage, *changed)
    for line in (*lines, "takes at most 2 h", "rolled back if one of these alarms goes off: fraud-5xx"):
        assert line in shown
    assert stage.apply(*changed).convergence is Convergence.SETTLED
    sent = next(each.params for each in stage.sandbox.calls if each.operation == "UpdateEndpoint")
    policy, alarms = sent["DeploymentConfig"], sent["DeploymentConfig"]["AutoRollbackConfiguration"]
    assert {"BlueGreenUpdatePolicy", "RollingUpdatePolicy"} & set(policy)
    assert alarms == {"Alarms": [{"AlarmName": "fraud-5xx"}]}
    assert acting_steps(stage.plan(*changed)) == {}


def test_progress_names_the_stage(stage: Stage) -> None:
    """While AWS updates the endpoint, the waiting step shows the stage of the update."""
    stage.apply(*documents("ml.m5.large"))
    changed = documents("ml.m5.xlarge")
    for _ in range(3):
        stage.reconcile(*changed)
    seen = []
    for _ in range(12):
        seen.append(step_of(stage.plan(*changed), "Endpoint/fraud").detail)
        stage.wait(12)
    assert [each for each in dict.fromkeys(seen) if each] == [
        "status: Updating (Creating)",
        "status: Updating (ActivatingTraffic)",
        "status: Updating (Baking)",
    ]
    assert stage.apply(*changed).convergence is Convergence.SETTLED


def test_every_value_of_the_policy_is_a_preset() -> None:
    """The presets that a document may have are those of the product."""
    made = bundle(load_bytes([("a.yaml", documents("ml.m5.large")[2].encode())]).documents)
    (resource,) = made.resources.values()
    assert set(resource.contract.kind.write.presets) == {each.value for each in Rollout}


@pytest.mark.parametrize("has_reason", [True, False])
def test_a_canary_whose_alarm_fires_is_a_failure_that_names_it(stage: Stage, *, has_reason: bool) -> None:
    """AWS ends InService on the old configuration, with a reason or without; the alarm is named either way."""
    stage.apply(*documents("ml.m5.large"))
    before = serving_state(stage)
    stage.sandbox.knobs = replace(
        stage.sandbox.knobs, firing_alarms=frozenset({"fraud-5xx"}), alarm_rollback_has_reason=has_reason
    )
    report = stage.apply(*documents("ml.m5.xlarge"))
    assert report.convergence is Convergence.STUCK
    (message,) = [each.message for each in report.outcomes if each.step.id == "Endpoint/fraud"]
    assert "rolled back" in message
    assert "fraud-5xx" in message
    assert serving_state(stage) == before
    stage.forget_calls()
    assert stage.apply(*documents("ml.m5.xlarge")).convergence is Convergence.STUCK
    assert stage.mutations() == []


def test_an_alarm_that_does_not_exist_stops_the_update(stage: Stage) -> None:
    """The refusal is shown unchanged, the endpoint serves as before, and the next run retries."""
    stage.apply(*documents("ml.m5.large"))
    before = serving_state(stage)
    stage.sandbox.knobs = replace(stage.sandbox.knobs, missing_alarms=frozenset({"fraud-5xx"}))
    report = stage.apply(*documents("ml.m5.xlarge"))
    assert report.convergence is Convergence.STUCK
    assert any("fraud-5xx" in each.message and "do not exist" in each.message for each in report.outcomes)
    assert serving_state(stage) == before
    stage.sandbox.knobs = replace(stage.sandbox.knobs, missing_alarms=frozenset())
    assert stage.apply(*documents("ml.m5.xlarge")).convergence is Convergence.SETTLED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            document_text(
                "Model", "fraud", "executionRoleArn: arn:aws:iam::123456789012:role/r", "rollout: Rolling"
            ),
            "no rollout",
        ),
        (
            documents(
                "ml.m5.large",
                more="deploymentConfig: {rollingUpdatePolicy: {waitIntervalInSeconds: 0, "
                "maximumBatchSize: {type: INSTANCE_COUNT, value: 1}}}",
            )[2],
            "which is written too",
        ),
    ],
)
def test_a_preset_for_a_kind_without_rollouts_is_a_finding(text: str, message: str) -> None:
    """For a kind without rollouts, and beside the members that the preset writes."""
    findings = bundle(load_bytes([("a.yaml", text.encode())]).documents).findings
    assert [each.code for each in findings if message in each.message] == [Code.RULE]
