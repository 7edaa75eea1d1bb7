"""Shadow tests: an inference experiment and the endpoint that it tests do not fight each other."""

from controller.core.phase import Action, Standing
from controller.core.reason import Reason
from tests.journeys.documents import config, endpoint, model
from tests.journeys.stage import Stage, acting, step
from tests.kinds.cases import CASES

_CASE = CASES["InferenceExperiment"]
_PARTS = _CASE.changes["Description"]
HOSTING = (model(), config(), endpoint())


def experiment(parts: str = _PARTS[0], more: str = "") -> str:
    """A test that begins half an hour after the clock's start and lasts an hour."""
    return _CASE.document("InferenceExperiment", f"{parts}\n{more}")


def running(stage: Stage) -> None:
    """Apply, and let the test begin."""
    stage.apply(*HOSTING)
    stage.reconcile(*HOSTING, experiment())
    stage.wait(2400)
    assert state_of(stage) == "Running"


def state_of(stage: Stage) -> str:
    """The status of the only test."""
    (summary,) = stage.client().list_inference_experiments()["InferenceExperiments"]
    return str(summary["Status"])


def test_the_configuration_of_a_running_test_is_no_drift(stage: Stage) -> None:
    """The endpoint runs the test's configuration; its document is as applied, and the plan says whose that is."""
    running(stage)
    shown = stage.client().describe_endpoint(EndpointName="fraud")["EndpointConfigName"]
    assert shown.startswith("shadow-")
    plan = stage.plan(*HOSTING, experiment())
    assert step(plan, "Endpoint/fraud").action is Action.NOOP
    assert "InferenceExperiment 'shadow-" in " ".join(step(plan, "Endpoint/fraud").notes)
    assert "UpdateEndpoint" not in stage.mutations()


def test_an_endpoint_is_changed_after_its_test(stage: Stage) -> None:
    """Another configuration is blocked while the test runs, and applied once that has ended."""
    running(stage)
    changed = (model(), config("ml.m5.xlarge"), endpoint())
    blocked = step(stage.plan(*changed, experiment()), "Endpoint/fraud")
    assert (blocked.action, blocked.why) == (Action.BLOCKED, Reason.IN_TRANSITION)
    assert "an update would end InferenceExperiment 'shadow-" in blocked.detail
    stage.wait(7200)
    assert stage.apply(*changed, experiment()).standing is Standing.SETTLED
    assert acting(stage.plan(*changed, experiment())) == {}


def test_a_running_test_takes_a_description_in_one_update(stage: Stage) -> None:
    """One call, and nothing of the endpoint."""
    running(stage)
    stage.sandbox.clear_calls()
    stage.reconcile(*HOSTING, experiment(_PARTS[1]))
    assert [
        name for name in stage.mutations() if name.startswith(("Create", "Update", "Delete", "Stop"))
    ] == ["UpdateInferenceExperiment"]


def test_a_test_is_ended_by_its_document(stage: Stage) -> None:
    """The desired state Completed stops it; without more the production variant stays and the shadow goes."""
    running(stage)
    ended = (*HOSTING, experiment(more="desiredState: Completed"))
    stage.reconcile(*ended)
    stage.wait(600)
    assert state_of(stage) == "Completed"
    assert stage.apply(*ended).standing is Standing.SETTLED
    assert acting(stage.plan(*ended)) == {}
