"""MLflow's apps, which the service numbers: another name is an update."""

from controller.core.phase import Standing
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting, doc

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
