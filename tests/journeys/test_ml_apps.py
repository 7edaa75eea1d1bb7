"""Apps that the service numbers: MLflow's, whose name is an update, and a partner's, which outlives a failed update."""

from controller.core.phase import Action, Standing
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.alone import PARTNER_APP
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting, doc, step

_APP = f"artifactStoreUri: 's3://bucket/runs'\nroleArn: {ROLE}"


def test_a_new_name_is_an_update_that_leaves_registration_off(stage: Stage) -> None:
    """The app keeps its ARN, and the mode goes along, for the service turns it on where it is left out."""
    stage.apply(doc("MlflowApp", "runs", _APP))
    (before,) = stage.client().list_mlflow_apps()["Summaries"]
    renamed = doc("MlflowApp", "runs", f"{_APP}\nname: trials")
    assert stage.apply(renamed).standing is Standing.SETTLED
    shown = stage.client().describe_mlflow_app(Arn=before["Arn"])
    assert (shown["Name"], shown["ModelRegistrationMode"]) == ("trials", "AutoModelRegistrationDisabled")
    assert acting(stage.plan(renamed)) == {}


def test_a_partner_app_whose_update_fails_is_neither_replaced_nor_tried_again(stage: Stage) -> None:
    """It runs as before; the plan says why the update failed, until the document changes."""
    stage.apply(PARTNER_APP)
    larger = PARTNER_APP.replace("tier: small", "tier: large")
    stage.sandbox.inject(InjectedFault.FAIL, operation="UpdatePartnerApp")
    assert stage.apply(larger).standing is Standing.STUCK
    stage.sandbox.clear_faults()
    planned = step(stage.plan(larger), "PartnerApp/evaluations")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.FAILED)
    assert "UpdateFailed" in planned.detail
    assert stage.apply(PARTNER_APP.replace("tier: small", "tier: medium")).standing is Standing.SETTLED
    assert [each["Status"] for each in stage.client().list_partner_apps()["Summaries"]] == ["Available"]
