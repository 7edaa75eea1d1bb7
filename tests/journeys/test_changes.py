"""Changes of documents, and foreign changes."""

import pytest

from controller.core.cloud import Call
from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.sandbox import InjectedFault
from tests.journeys.documents import GROUP, WORKFORCE, endpoint, model, package, pipeline, serving, workteam
from tests.journeys.stage import Stage, acting_steps, document_text, step_of

pytestmark = pytest.mark.usefixtures("parallel")

OIDC = """
oidcConfig:
  clientId: app
  clientSecret: {valueFrom: {env: OIDC_SECRET}}
  issuer: https://id.example.com
  authorizationEndpoint: https://id.example.com/a
  tokenEndpoint: https://id.example.com/t
  userInfoEndpoint: https://id.example.com/u
  logoutEndpoint: https://id.example.com/l
  jwksUri: https://id.example.com/j
"""


def test_a_model_deleted_outside_is_created_again(stage: Stage) -> None:
    """A resource that was deleted outside is created again with the same name, and the plan shows that."""
    stage.apply(*serving())
    (name,) = [m["ModelName"] for m in stage.client().list_models()["Models"]]
    stage.client().delete_model(ModelName=name)
    plan = stage.plan(*serving())
    assert acting_steps(plan) == {"Model/fraud": Action.CREATE}
    assert step_of(plan, "Model/fraud").why is Reason.DELETED_OUTSIDE
    assert stage.apply(*serving()).convergence is Convergence.SETTLED
    assert [m["ModelName"] for m in stage.client().list_models()["Models"]] == [name]


def test_drift_is_corrected_by_one_update(stage: Stage) -> None:
    """Row 45: a field changed outside is put back, and the plan calls it drift."""
    stage.apply(pipeline())
    stage.client().update_pipeline(
        PipelineName="train", PipelineDefinition='{"Version":"2020-12-01","Steps":[]}'
    )
    stage.forget_calls()
    plan = stage.plan(pipeline())
    assert step_of(plan, "Pipeline/train").why is Reason.LIVE_DIFFERS
    stage.apply(pipeline())
    assert stage.mutations() == ["UpdatePipeline"]
    assert acting_steps(stage.plan(pipeline())) == {}


def test_members_are_a_set(stage: Stage) -> None:
    """Members in another order are no change; a removed member is one, made by one update."""
    stage.apply(WORKFORCE, workteam(groups=("a", "b")))
    assert acting_steps(stage.plan(WORKFORCE, workteam(groups=("b", "a")))) == {}
    stage.forget_calls()
    stage.apply(WORKFORCE, workteam(groups=("b", "c")))
    assert stage.mutations() == ["UpdateWorkteam"]
    team = stage.client().describe_workteam(WorkteamName="reviewers")["Workteam"]
    groups = {m["CognitoMemberDefinition"]["UserGroup"] for m in team["MemberDefinitions"]}
    assert groups == {"b", "c"}


def test_a_removed_field_is_lifted(stage: Stage) -> None:
    """A notification that the document set and dropped is removed; one that it never set stays."""
    topic = "notificationConfiguration: {notificationTopicArn: 'arn:aws:sns:us-east-1:123456789012:done'}"
    stage.apply(WORKFORCE, workteam(extra=topic))
    plan = stage.plan(WORKFORCE, workteam())
    assert acting_steps(plan) == {"Workteam/reviewers": Action.UPDATE}
    stage.apply(WORKFORCE, workteam())
    team = stage.client().describe_workteam(WorkteamName="reviewers")["Workteam"]
    assert not team.get("NotificationConfiguration")
    assert acting_steps(stage.plan(WORKFORCE, workteam())) == {}


def test_a_member_that_others_set_is_left_alone(stage: Stage) -> None:
    """An approval that the document does not set is left to users, and so is its change."""
    stage.apply(GROUP, package())
    arn = "arn:aws:sagemaker:us-east-1:123456789012:model-package/fraud/1"
    stage.client().update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert acting_steps(stage.plan(GROUP, package())) == {}
    owned = package(extra="modelApprovalStatus: Rejected")
    stage.apply(GROUP, owned)
    body = stage.client().describe_model_package(ModelPackageName=arn)
    assert body["ModelApprovalStatus"] == "Rejected"
    stage.client().update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved")
    assert acting_steps(stage.plan(GROUP, owned)) == {"ModelPackage/candidate": Action.UPDATE}


def test_an_unversioned_package_goes_by_its_name(stage: Stage) -> None:
    """A package without a group is identified by its name, has tags, and its next plan is empty."""
    named = document_text(
        "ModelPackage",
        "plain",
        "inferenceSpecification:\n"
        "  containers: [{image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1', modelDataUrl: s3://b/m.tar.gz}]\n"
        "  supportedContentTypes: [text/csv]\n  supportedResponseMIMETypes: [text/csv]\n"
        "  supportedTransformInstanceTypes: [ml.m5.large]\n  supportedRealtimeInferenceInstanceTypes: [ml.m5.large]\n"
        "tags: {team: risk}\n",
    ).replace("supportedResponseMIMETypes", "supportedResponseMIMETypes")
    assert stage.apply(named).convergence is Convergence.SETTLED
    assert stage.client().describe_model_package(ModelPackageName="plain")["ModelPackageName"] == "plain"
    assert acting_steps(stage.plan(named)) == {}


def test_a_changed_version_is_a_new_version(stage: Stage) -> None:
    """A changed immutable member creates a new version; the old one stays in the registry until destroyed."""
    stage.apply(GROUP, package())
    stage.forget_calls()
    second = package().replace("modelPackageDescription: first", "modelPackageDescription: second")
    plan = stage.plan(GROUP, second)
    assert acting_steps(plan) == {"ModelPackage/candidate": Action.CREATE_BEFORE_DELETE}
    assert stage.apply(GROUP, second).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateModelPackage"]
    assert acting_steps(stage.plan(GROUP, second)) == {}
    assert stage.destroy(GROUP, second).convergence is Convergence.SETTLED
    assert stage.sandbox.resources() == ()


def test_tags_are_brought_in_line(stage: Stage) -> None:
    """Tags added, changed or removed cost one call for each direction; foreign tags stay."""
    stage.apply(pipeline(extra="tags: {team: risk, stage: dev}"))
    arn = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/train"
    stage.client().add_tags(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "7"}])
    stage.forget_calls()
    stage.apply(pipeline(extra="tags: {team: fraud}"))
    assert sorted(stage.mutations()) == ["AddTags", "DeleteTags"]
    tags = {tag["Key"]: tag["Value"] for tag in stage.client().list_tags(ResourceArn=arn)["Tags"]}
    assert tags["team"] == "fraud"
    assert tags["cost"] == "7"
    assert "stage" not in tags


def test_a_secret_is_sent_remembered_by_digest_and_rotated(stage: Stage) -> None:
    """A rotated secret is one update; the inventory never has it; the plan shows that it can't be read back."""
    workforce = document_text("Workforce", "crowd", OIDC)
    stage.secrets["OIDC_SECRET"] = "canary-one"
    report = stage.apply(workforce)
    assert report.convergence is Convergence.SETTLED
    assert any("clientSecret not readable" in note for s in report.plan.steps for note in s.notes)
    assert acting_steps(stage.plan(workforce)) == {}
    stage.secrets["OIDC_SECRET"] = "canary-two"
    stage.forget_calls()
    rotated = stage.plan(workforce)
    assert acting_steps(rotated) == {"Workforce/crowd": Action.UPDATE}
    assert step_of(rotated, "Workforce/crowd").why is Reason.SPEC_CHANGED
    stage.apply(workforce)
    assert stage.mutations() == ["UpdateWorkforce"]
    assert acting_steps(stage.plan(workforce)) == {}
    remembered = "".join(file.read_text() for file in stage.folder.glob("inventory-*"))
    assert "canary" not in remembered
    assert not any("canary" in repr(plan) for plan in stage.plans)


def test_a_missing_secret_stops_only_its_document(stage: Stage) -> None:
    """A secret that can't be read is reported by its reference; the other documents are applied."""
    report = stage.apply(document_text("Workforce", "crowd", OIDC), GROUP)
    assert report.convergence is Convergence.STUCK
    assert "OIDC_SECRET" in step_of(report.plan, "Workforce/crowd").detail
    assert "CreateModelPackageGroup" in stage.mutations()


def test_an_ignored_field_is_ignored_in_compare_and_in_write(stage: Stage) -> None:
    """Row 46: a field of ``policy.ignore`` is set at creation, then left alone, also when other fields are updated."""
    described = "pipelineDescription: ours\nparallelismConfiguration: {maxParallelExecutionSteps: 5}"
    policy = "policy: {ignore: [/pipelineDescription]}\n"
    stage.apply(pipeline(extra=described) + policy)
    stage.client().update_pipeline(PipelineName="train", PipelineDescription="theirs")
    assert acting_steps(stage.plan(pipeline(extra=described) + policy)) == {}
    stage.apply(pipeline("other", extra=described) + policy)
    body = stage.client().describe_pipeline(PipelineName="train")
    assert body["PipelineDescription"] == "theirs"


def test_plan_mode_reports_and_off_mode_is_silent(stage: Stage) -> None:
    """Row 45: ``mode: Plan`` shows the change without making it; ``mode: Off`` does not even show it."""
    stage.apply(pipeline())
    stage.forget_calls()
    shown = stage.apply(pipeline("other") + "policy: {mode: Plan}\n")
    assert step_of(shown.plan, "Pipeline/train").action is Action.UPDATE
    assert stage.apply(pipeline("other") + "policy: {mode: 'Off'}\n").plan.steps[0].action is Action.NOOP
    assert stage.mutations() == []


def test_a_deployment_setting_goes_along_and_starts_nothing(stage: Stage) -> None:
    """How an endpoint is updated is sent with the next update, and is no reason for one."""
    routing = "{type: ALL_AT_ONCE, waitIntervalInSeconds: 0}"
    how = f"deploymentConfig: {{blueGreenUpdatePolicy: {{trafficRoutingConfiguration: {routing}}}}}"
    stage.apply(*serving())
    documents = [*serving()[:2], endpoint(how)]
    assert acting_steps(stage.plan(*documents)) == {}
    stage.apply(*serving("ml.m5.xlarge")[:2], endpoint(how))
    body = stage.client().describe_endpoint(EndpointName="fraud")
    assert body["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]


def test_only_the_newest_spec_is_sent_after_a_running_update(stage: Stage) -> None:
    """An endpoint being updated takes no second update; when it is done, only the newest spec is sent."""
    stage.apply(*serving())
    stage.reconcile(*serving("ml.m5.xlarge"))
    stage.forget_calls()
    report = stage.reconcile(*serving("ml.m5.2xlarge"))
    assert report.convergence is Convergence.WAITING
    assert "UpdateEndpoint" not in stage.mutations()
    assert stage.apply(*serving("ml.m5.2xlarge")).convergence is Convergence.SETTLED
    assert stage.mutations().count("UpdateEndpoint") == 1


def test_a_stale_read_does_not_make_two(stage: Stage) -> None:
    """AWS still returns not-found just after the creation: nothing is created twice, and the run converges."""
    stage.sandbox.inject(InjectedFault.STALE, operation="CreateModel", seconds=120)
    assert stage.apply(*serving()).convergence is Convergence.SETTLED
    assert stage.mutations().count("CreateModel") == 1


def test_throttles_cost_time_and_nothing_else(stage: Stage) -> None:
    """Throttled calls are retried, and each object is still created once."""
    stage.sandbox.inject(InjectedFault.THROTTLE, times=3)
    assert stage.apply(GROUP, package()).convergence is Convergence.SETTLED
    assert stage.mutations() == ["CreateModelPackageGroup", "CreateModelPackage"]


def test_an_exceeded_quota_stops_only_dependents(stage: Stage) -> None:
    """An exceeded quota is a failure with AWS's message; documents that do not depend on it are applied."""
    stage.sandbox.inject(InjectedFault.LIMIT, operation="CreateModel", times=None)
    report = stage.apply(model(), GROUP)
    assert report.convergence is Convergence.STUCK
    assert any("ResourceLimitExceeded" in outcome.message for outcome in report.outcomes)
    assert "CreateModelPackageGroup" in stage.mutations()


def test_only_a_secret_that_cannot_be_read_is_called_so(stage: Stage) -> None:
    """An unexpected error within a call is not reported as an unreadable secret, but raised unchanged."""

    def broken(call: Call) -> None:
        if call.changes:
            raise KeyError("Name")

    stage.before_call = broken
    with pytest.raises(KeyError, match="Name"):
        stage.apply(GROUP)
