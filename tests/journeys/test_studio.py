"""Studio: domains with resources that users created, scripts and images in settings, and removed settings."""

from typing import Any

import pytest

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from tests.journeys import studio
from tests.journeys.documents import ROLE
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

_SCRIPT = "studioLifecycleConfigAppType: JupyterLab\nstudioLifecycleConfigContent: "
_BASH = "IyEvYmluL2Jhc2gK"
_HEAD = f"domainName: studio\nauthMode: IAM\ndefaultUserSettings:\n  executionRole: {ROLE}\n"


def _domain(settings: str = "", policy: str = "") -> str:
    inside = "".join(f"  {line}\n" for line in settings.strip("\n").splitlines())
    return document_text("Domain", "studio", _HEAD + inside, policy)


def _user_settings(stage: Stage) -> dict[str, Any]:
    client = stage.client()
    (domain,) = client.list_domains()["Domains"]
    return dict(client.describe_domain(DomainId=domain["DomainId"])["DefaultUserSettings"])


def _jupyter_lab_settings(stage: Stage) -> dict[str, Any]:
    return dict(_user_settings(stage)["JupyterLabAppSettings"])


_SCRIPTED = "jupyterLabAppSettings:\n  lifecycleConfigArns: [idle-stop]\n  codeRepositories: []"


def test_a_lifecycle_config_in_use_is_not_deleted(stage: Stage) -> None:
    """Its deletion waits for the domain that refers to it, and is sent after the settings were removed."""
    stage.apply(studio.LIFECYCLE_CONFIG, _domain(_SCRIPTED))
    before = _jupyter_lab_settings(stage)["LifecycleConfigArns"]
    stage.forget_calls()
    (domain,) = stage.client().list_domains()["Domains"]
    named = _SCRIPTED.replace("idle-stop", before[0])
    report = stage.apply(_domain(named), prune=True, timeout=60)
    assert report.convergence is Convergence.WAITING
    kept = next(each for each in report.outcomes if each.step.action is Action.DELETE)
    assert "Domain" in kept.message
    assert domain["DomainArn"] in kept.message
    assert "DeleteStudioLifecycleConfig" not in stage.mutations()
    assert stage.apply(_domain(), prune=True).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateDomain", "DeleteStudioLifecycleConfig"]


def test_a_changed_script_is_a_new_config_that_the_domain_follows(stage: Stage) -> None:
    """The new script is created beside the old one, the domain is updated, and only then the old one is deleted."""
    stage.apply(studio.LIFECYCLE_CONFIG, _domain(_SCRIPTED))
    before = _jupyter_lab_settings(stage)["LifecycleConfigArns"]
    stage.forget_calls()
    changed = document_text("StudioLifecycleConfig", "idle-stop", _SCRIPT + _BASH)
    assert stage.apply(changed, _domain(_SCRIPTED)).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateStudioLifecycleConfig", "UpdateDomain", "DeleteStudioLifecycleConfig"]
    assert _jupyter_lab_settings(stage)["LifecycleConfigArns"] != before


def test_a_block_that_is_left_out_is_emptied(stage: Stage) -> None:
    """UpdateDomain merges, so lists are sent empty and ARNs as None; other members are reported."""
    full = _SCRIPTED + (
        "\n  defaultResourceSpec: {lifecycleConfigArn: idle-stop, instanceType: ml.t3.medium}"
        "\n  codeRepositories: [{repositoryUrl: 'https://example.com/notes'}]"
    ).replace("\n  codeRepositories: []", "")
    stage.apply(studio.LIFECYCLE_CONFIG, _domain(full.replace("\n  codeRepositories: []", "")))
    stage.forget_calls()
    report = stage.apply(studio.LIFECYCLE_CONFIG, _domain())
    assert report.convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateDomain"]
    left = _jupyter_lab_settings(stage)
    assert left == {
        "LifecycleConfigArns": [],
        "CodeRepositories": [],
        "DefaultResourceSpec": {"InstanceType": "ml.t3.medium"},
    }
    again = stage.plan(studio.LIFECYCLE_CONFIG, _domain())
    assert acting_steps(again) == {}
    assert "instanceType" in step_of(again, "Domain/studio").detail


def test_an_image_version_is_rolled_into_a_domain(stage: Stage) -> None:
    """A new base image is a new version; the domain is updated to its ARN, and the old version stays."""
    rolled = "jupyterLabAppSettings:\n  defaultResourceSpec: {sageMakerImageVersionArn: lab-current}"
    stage.apply(studio.IMAGE, studio.IMAGE_VERSION, _domain(rolled))
    stage.forget_calls()
    second = studio.IMAGE_VERSION.replace("lab:1", "lab:2")
    assert stage.apply(studio.IMAGE, second, _domain(rolled)).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateImageVersion", "UpdateDomain"]
    arn = _jupyter_lab_settings(stage)["DefaultResourceSpec"]["SageMakerImageVersionArn"]
    assert arn.endswith(":image-version/lab/2")
    client = stage.client()
    assert client.list_aliases(ImageName="lab", Version=2)["SageMakerImageVersionAliases"] == ["current"]
    assert [each["Version"] for each in client.list_image_versions(ImageName="lab")["ImageVersions"]] == [
        2,
        1,
    ]


def test_a_domain_is_never_made_anew(stage: Stage) -> None:
    """Not even ``policy.replace: Allow`` deletes a domain for a change: its users would lose their files."""
    stage.apply(_domain())
    sso = _domain(policy="replace: Allow").replace("authMode: IAM", "authMode: SSO")
    stage.forget_calls()
    planned = step_of(stage.plan(sso), "Domain/studio")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    assert "files" in planned.detail
    assert stage.apply(sso).convergence is Convergence.STUCK
    assert stage.mutations() == []


def test_the_app_type_of_a_space_is_never_updated(stage: Stage) -> None:
    """Update's shape has it, but the service refuses it: it is left out of updates, and a change is blocked."""
    stage.apply(_domain(), studio.USER_PROFILE, studio.SPACE)
    stage.forget_calls()
    more = studio.SPACE.replace("appType: JupyterLab", "appType: JupyterLab, remoteAccess: ENABLED")
    assert stage.apply(_domain(), studio.USER_PROFILE, more).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateSpace"]
    other = studio.SPACE.replace("appType: JupyterLab", "appType: CodeEditor")
    planned = step_of(stage.plan(_domain(), studio.USER_PROFILE, other), "Space/notes")
    assert (planned.action, planned.why) == (Action.BLOCKED, Reason.IMMUTABLE)
    assert "spaceSettings.appType" in planned.detail


def _start_app(stage: Stage) -> dict[str, str]:
    """An app that a user started in a space."""
    client = stage.client()
    (domain,) = client.list_domains()["Domains"]
    app = {
        "DomainId": domain["DomainId"],
        "SpaceName": "notes",
        "AppType": "JupyterLab",
        "AppName": "default",
    }
    client.create_app(**app)
    stage.wait(300)
    return app


def test_a_domain_with_a_running_app_is_not_deleted(stage: Stage) -> None:
    """Destroy stops no foreign app: the space waits for the app, and profile and domain for the space."""
    documents = (_domain(), studio.USER_PROFILE, studio.SPACE)
    stage.apply(*documents)
    app = _start_app(stage)
    stage.forget_calls()
    report = stage.destroy(*documents, timeout=60)
    assert report.convergence is Convergence.WAITING
    assert stage.mutations() == []
    assert any("'default' (ListApps) must be deleted first" in each.message for each in report.outcomes)
    stage.client().delete_app(**app)
    assert stage.destroy(*documents).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteApp", "DeleteSpace", "DeleteUserProfile", "DeleteDomain"]


@pytest.mark.parametrize("owned", [False, True])
def test_cascade_deletes_what_users_started(stage: Stage, owned: bool) -> None:
    """With ``policy.deletion: Cascade`` the plan shows the app's deletion first; an app of a set is left alone."""
    space = studio.SPACE + "policy: {deletion: Cascade}\n"
    stage.apply(_domain(), studio.USER_PROFILE, space)
    app = _start_app(stage)
    if owned:
        arn = stage.client().describe_app(**app)["AppArn"]
        tags = [{"Key": "sagemaker.gitops.dev/owner", "Value": "other/App/lab"}]
        stage.client().add_tags(ResourceArn=arn, Tags=tags)
    stage.forget_calls()
    order: dict[str, Any] = {"prune": True, "confirm_delete": frozenset({"Space/notes"})}
    planned = step_of(stage.plan(_domain(), studio.USER_PROFILE, **order), "Space/notes")
    assert [call.operation for call in planned.calls] == ["DeleteSpace" if owned else "DeleteApp"]
    report = stage.apply(_domain(), studio.USER_PROFILE, timeout=300, **order)
    assert report.convergence is (Convergence.WAITING if owned else Convergence.SETTLED)
    assert stage.mutations() == ([] if owned else ["DeleteApp", "DeleteSpace"])
