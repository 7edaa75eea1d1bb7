"""Apps with assigned IDs: MLflow's, whose name can be updated, and partner apps, which survive a failed update."""

from dataclasses import replace
from typing import Any

import pytest

from controller.core.cloud import Fault
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text, step_of
from tests.journeys.standalone_documents import PARTNER_APP

_APP = f"artifactStoreUri: 's3://bucket/runs'\nroleArn: {ROLE}"


def test_a_new_name_is_an_update_that_leaves_registration_off(stage: Stage) -> None:
    """The app keeps its ARN, and the mode is sent too, because the service turns it on if it is left out."""
    stage.apply(document_text("MlflowApp", "runs", _APP))
    (before,) = stage.client().list_mlflow_apps()["Summaries"]
    renamed = document_text("MlflowApp", "runs", f"{_APP}\nname: trials")
    assert stage.apply(renamed).convergence is Convergence.SETTLED
    shown = stage.client().describe_mlflow_app(Arn=before["Arn"])
    assert (shown["Name"], shown["ModelRegistrationMode"]) == ("trials", "AutoModelRegistrationDisabled")
    assert acting_steps(stage.plan(renamed)) == {}


def test_a_new_name_that_another_app_has_fails_and_is_not_waited_for(stage: Stage) -> None:
    """The update ends with AWS's message, one call and no change; it is made when the name is free."""
    stage.apply(document_text("MlflowApp", "runs", _APP))
    taken = stage.client().create_mlflow_app(Name="trials", ArtifactStoreUri="s3://bucket/x", RoleArn=ROLE)
    stage.wait(600)
    stage.forget_calls()
    renamed = document_text("MlflowApp", "runs", f"{_APP}\nname: trials")
    report = stage.apply(renamed)
    assert report.convergence is Convergence.STUCK
    assert [each.fault for each in report.outcomes] == [Fault.INVALID]
    assert "name trials already exists" in report.outcomes[0].message
    assert len([call for call in stage.sandbox.calls if call.operation == "UpdateMlflowApp"]) == 1
    stage.client().delete_mlflow_app(Arn=taken["Arn"])
    stage.wait(600)
    assert stage.apply(renamed).convergence is Convergence.SETTLED


def test_a_partner_app_whose_update_fails_is_neither_replaced_nor_tried_again(stage: Stage) -> None:
    """It runs as before; the plan shows why the update failed, until the document changes."""
    stage.apply(PARTNER_APP)
    larger = PARTNER_APP.replace("tier: small", "tier: large")
    stage.sandbox.inject(InjectedFault.FAIL, operation="UpdatePartnerApp")
    assert stage.apply(larger).convergence is Convergence.STUCK
    stage.sandbox.clear_faults()
    planned = step_of(stage.plan(larger), "PartnerApp/evaluations")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.FAILED)
    assert "UpdateFailed" in planned.detail
    assert stage.apply(PARTNER_APP.replace("tier: small", "tier: medium")).convergence is Convergence.SETTLED
    assert [each["Status"] for each in stage.client().list_partner_apps()["Summaries"]] == ["Available"]


def _create_same_name(stage: Stage, count: int = 2) -> tuple[Any, list[str]]:
    """Another user's apps with the same name, if names are not unique."""
    stage.sandbox.knobs = replace(stage.sandbox.knobs, mlflow_app_names_are_unique=False)
    client = stage.client()
    made = [
        client.create_mlflow_app(Name="runs", ArtifactStoreUri="s3://bucket/runs", RoleArn=ROLE)["Arn"]
        for _ in range(count)
    ]
    stage.wait(600)
    return client, made


@pytest.mark.parametrize("adopt", ["Never", "IfUnowned", "Always"])
def test_of_several_apps_of_one_name_none_is_adopted(stage: Stage, adopt: str) -> None:
    """The plan names them and what to write; no app is created, and none of them is changed."""
    _, arns = _create_same_name(stage)
    document = document_text("MlflowApp", "runs", _APP, f"adopt: {adopt}")
    planned = step_of(stage.plan(document), "MlflowApp/runs")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.UNREADABLE)
    assert all(arn in planned.detail for arn in arns)
    assert "name one in policy.arn" in planned.detail
    stage.forget_calls()
    assert stage.apply(document).convergence is Convergence.STUCK
    assert stage.mutations() == []


@pytest.mark.parametrize("which", [0, 1])
def test_the_app_that_an_arn_names_is_adopted(stage: Stage, which: int) -> None:
    """The app of ``policy.arn`` gets the ownership tag, and is found only by that afterwards."""
    client, arns = _create_same_name(stage)
    document = document_text("MlflowApp", "runs", _APP, f"adopt: IfUnowned\narn: '{arns[which]}'")
    stage.forget_calls()
    assert stage.apply(document).convergence is Convergence.SETTLED
    assert stage.mutations() == ["AddTags"]
    owned = [arn for arn in arns if client.list_tags(ResourceArn=arn)["Tags"]]
    assert owned == [arns[which]]
    stage.inventory_store.save(replace(stage.inventory(), entries={}))  # a lost inventory
    assert arns[which] in str(stage.plan(document_text("MlflowApp", "runs", _APP)).steps)
    assert arns[1 - which] not in str(stage.plan(document_text("MlflowApp", "runs", _APP)).steps)


def test_an_app_that_is_being_deleted_is_not_adopted(stage: Stage) -> None:
    """If one of two apps is being deleted, the other is the only match."""
    client, (going, left) = _create_same_name(stage)
    client.delete_mlflow_app(Arn=going)
    planned = step_of(
        stage.plan(document_text("MlflowApp", "runs", _APP, "adopt: IfUnowned")), "MlflowApp/runs"
    )
    assert (planned.action, planned.arn) == (Action.ADOPT, left)


def _live_version(stage: Stage) -> str:
    (summary,) = stage.client().list_partner_apps()["Summaries"]
    return str(stage.client().describe_partner_app(Arn=summary["Arn"])["Version"])


def test_a_partner_app_is_upgraded_by_its_document(stage: Stage) -> None:
    """Another version is one update, and its plan shows that the app is not available meanwhile."""
    stage.apply(PARTNER_APP)
    stage.forget_calls()
    upgraded = f"{PARTNER_APP}  appVersion: '1.1'\n"
    planned = step_of(stage.plan(upgraded), "PartnerApp/evaluations")
    assert [(change.path, change.before, change.after) for change in planned.changes] == [
        (("AppVersion",), "1.0", "1.1")
    ]
    assert "not available until the update is over" in str(planned.effects)
    assert stage.apply(upgraded).convergence is Convergence.SETTLED
    assert (stage.mutations(), _live_version(stage)) == (["UpdatePartnerApp"], "1.1.0")
    assert acting_steps(stage.plan(upgraded)) == {}


def test_an_upgrade_of_the_service_is_no_drift(stage: Stage) -> None:
    """A version that the maintenance window upgraded is not set back, even if the document drops the version."""
    written = f"{PARTNER_APP}  appVersion: '1.0'\n"
    stage.apply(written)
    client = stage.client()
    (summary,) = client.list_partner_apps()["Summaries"]
    client.update_partner_app(Arn=summary["Arn"], AppVersion="1.1")
    stage.wait(7200)
    stage.forget_calls()
    for document in (written, PARTNER_APP):
        assert stage.apply(document).convergence is Convergence.SETTLED
        assert (stage.mutations(), _live_version(stage)) == ([], "1.1.0")


def test_a_version_that_is_not_available_is_refused(stage: Stage) -> None:
    """The step fails with the service's message, and the app stays as it was."""
    stage.apply(PARTNER_APP)
    report = stage.apply(f"{PARTNER_APP}  appVersion: '3.0'\n")
    assert report.convergence is Convergence.STUCK
    assert any("Version 3.0 is not available" in outcome.message for outcome in report.outcomes)
    assert _live_version(stage) == "1.0.0"
