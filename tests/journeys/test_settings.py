"""Projects, the portfolio switch, group policies and feature groups."""

import json

from controller.core.phase import Action, Convergence
from controller.core.reason import Reason
from controller.engine.report import Result
from controller.sandbox import InjectedFault
from tests.journeys.documents import GROUP
from tests.journeys.stage import Stage, acting_steps, step_of
from tests.journeys.standalone_documents import FEATURES, POLICY, PORTFOLIO, PROJECT


def test_the_portfolio_is_enabled_before_a_project_and_disabled_after(stage: Stage) -> None:
    """No field declares this order, but a project needs the setting: it is enabled first and disabled last."""
    assert stage.apply(PROJECT, PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.mutations() == ["EnableSagemakerServicecatalogPortfolio", "CreateProject"]
    assert acting_steps(stage.plan(PROJECT, PORTFOLIO)) == {}
    stage.forget_calls()
    assert stage.destroy(PROJECT, PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteProject", "DisableSagemakerServicecatalogPortfolio"]


def test_a_switch_that_was_on_stays_on(stage: Stage) -> None:
    """Another user enabled it: the document has no change, and its removal disables nothing."""
    stage.client().enable_sagemaker_servicecatalog_portfolio()
    stage.forget_calls()
    assert stage.apply(PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.destroy(PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.mutations() == []
    assert stage.client().get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Enabled"


def test_a_switch_that_was_turned_off_is_turned_on(stage: Stage) -> None:
    """If another user disables the portfolio, it is enabled again."""
    stage.apply(PORTFOLIO)
    stage.client().disable_sagemaker_servicecatalog_portfolio()
    assert acting_steps(stage.plan(PORTFOLIO)) == {"ServicecatalogPortfolio/templates": Action.CREATE}
    assert stage.apply(PORTFOLIO).convergence is Convergence.SETTLED


def test_a_switch_that_others_turn_on_after_its_deletion_stays_on(stage: Stage) -> None:
    """The deletion is done once AWS accepts it: what is enabled before the next pass is somebody else's."""
    stage.apply(PORTFOLIO)
    assert [each.result for each in stage.reconcile(PORTFOLIO, destroy=True).outcomes] == [Result.DONE]
    stage.client().enable_sagemaker_servicecatalog_portfolio()
    stage.forget_calls()
    assert stage.destroy(PORTFOLIO).convergence is Convergence.SETTLED
    assert stage.mutations() == []


def test_a_project_of_others_keeps_the_switch_on(stage: Stage) -> None:
    """The service does not refuse to disable it, so the projects of others are read first."""
    stage.apply(PORTFOLIO)
    stage.client().create_project(
        ProjectName="theirs", ServiceCatalogProvisioningDetails={"ProductId": "prod-1"}
    )
    report = stage.reconcile(PORTFOLIO, destroy=True)
    assert "theirs" in report.outcomes[0].message
    assert stage.client().get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Enabled"


def test_a_deleted_project_is_gone_though_it_is_described(stage: Stage) -> None:
    """DeleteCompleted counts as not found: the project is created again."""
    stage.apply(PORTFOLIO, PROJECT)
    stage.client().delete_project(ProjectName="churn")
    stage.wait(3600)
    assert stage.client().describe_project(ProjectName="churn")["ProjectStatus"] == "DeleteCompleted"
    assert acting_steps(stage.plan(PORTFOLIO, PROJECT)) == {"Project/churn": Action.CREATE}
    assert stage.apply(PORTFOLIO, PROJECT).convergence is Convergence.SETTLED


def test_a_project_is_updated_under_other_names(stage: Stage) -> None:
    """Another version of its product is an update with another member name; another product is refused."""
    stage.apply(PORTFOLIO, PROJECT)
    newer = PROJECT.replace("pa-1", "pa-2")
    stage.forget_calls()
    assert stage.apply(PORTFOLIO, newer).convergence is Convergence.SETTLED
    (update,) = [record for record in stage.sandbox.calls if record.operation == "UpdateProject"]
    assert update.params["ServiceCatalogProvisioningUpdateDetails"] == {"ProvisioningArtifactId": "pa-2"}
    assert acting_steps(stage.plan(PORTFOLIO, newer)) == {}
    other = newer.replace("prod-1234567890123", "prod-other")
    assert step_of(stage.plan(PORTFOLIO, other), "Project/churn").why is Reason.IMMUTABLE


def test_a_failed_project_says_why(stage: Stage) -> None:
    """The reason is the provisioned product's message."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateProject", reason="the launch role is missing")
    report = stage.apply(PORTFOLIO, PROJECT)
    assert report.convergence is Convergence.STUCK
    assert any("the launch role is missing" in outcome.message for outcome in report.outcomes)


def test_a_group_policy_is_compared_as_a_document(stage: Stage) -> None:
    """The order of keys and whitespace have no effect; another statement is a change that overwrites."""
    assert stage.apply(GROUP, POLICY).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(GROUP, POLICY)) == {}
    wider = POLICY.replace("sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages")
    stage.forget_calls()
    assert stage.apply(GROUP, wider).convergence is Convergence.SETTLED
    assert stage.mutations() == ["PutModelPackageGroupPolicy"]
    text = stage.client().get_model_package_group_policy(ModelPackageGroupName="fraud")["ResourcePolicy"]
    (statement,) = json.loads(text)["Statement"]
    assert statement["Action"] == "sagemaker:ListModelPackages"
    assert statement["Principal"] == {"AWS": "arn:aws:iam::210987654321:root"}  # IAM's form of an account


def test_a_group_policy_goes_before_its_group(stage: Stage) -> None:
    """It is deleted first, though the service might do so itself."""
    stage.apply(GROUP, POLICY)
    stage.forget_calls()
    assert stage.destroy(GROUP, POLICY).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteModelPackageGroupPolicy", "DeleteModelPackageGroup"]


def test_a_policy_that_was_there_is_not_overwritten(stage: Stage) -> None:
    """A policy of another owner is foreign, although Put would overwrite it without an error."""
    stage.apply(GROUP)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:*", "Resource": "*"}
    theirs = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stage.client().put_model_package_group_policy(ModelPackageGroupName="fraud", ResourcePolicy=theirs)
    assert step_of(stage.plan(GROUP, POLICY), "ModelPackageGroupPolicy/fraud-readers").why is Reason.NOT_OWNED


def test_a_strangers_policy_is_not_destroyed_by_a_document(stage: Stage) -> None:
    """A policy has no tag: without an inventory entry, a document of its name does not delete it."""
    stage.apply(GROUP)
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sagemaker:*", "Resource": "*"}
    theirs = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stage.client().put_model_package_group_policy(ModelPackageGroupName="fraud", ResourcePolicy=theirs)
    report = stage.destroy(GROUP, POLICY)
    assert step_of(report.plan, "ModelPackageGroupPolicy/fraud-readers").why is Reason.NOT_OWNED
    assert "DeleteModelPackageGroupPolicy" not in [record.operation for record in stage.sandbox.calls]


LARGER = FEATURES.replace(
    "- {featureName: at,", "- {featureName: spend, featureType: Fractional}\n  - {featureName: at,"
)


def test_a_feature_group_grows(stage: Stage) -> None:
    """A new feature, at any position of the list, is added; the plan is empty once it exists."""
    assert stage.apply(FEATURES).convergence is Convergence.SETTLED
    stage.forget_calls()
    assert stage.apply(LARGER).convergence is Convergence.SETTLED
    (update,) = [record for record in stage.sandbox.calls if record.operation == "UpdateFeatureGroup"]
    assert [each["FeatureName"] for each in update.params["FeatureAdditions"]] == ["spend"]
    assert acting_steps(stage.plan(LARGER)) == {}


def test_a_feature_group_refuses_to_shrink(stage: Stage) -> None:
    """Removing or retyping a feature would need another store: it is refused, and the feature is named."""
    stage.apply(LARGER)
    (refused,) = stage.plan(FEATURES).steps
    assert refused.why is Reason.IMMUTABLE
    assert "spend" in refused.detail
    retyped = LARGER.replace("spend, featureType: Fractional", "spend, featureType: Integral")
    assert stage.plan(retyped).steps[0].why is Reason.IMMUTABLE


def test_each_kind_of_change_is_a_call_of_its_own(stage: Stage) -> None:
    """UpdateFeatureGroup takes one type of change at a time: two changes are two calls, one after the other."""
    online = (
        FEATURES + "  onlineStoreConfig: {enableOnlineStore: true, ttlDuration: {unit: Days, value: %d}}\n"
    )
    assert stage.apply(online % 3).convergence is Convergence.SETTLED
    both = (online % 5).replace(
        "- {featureName: at,", "- {featureName: spend, featureType: Fractional}\n  - {featureName: at,"
    )
    stage.forget_calls()
    assert stage.apply(both).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateFeatureGroup", "UpdateFeatureGroup"]
    assert acting_steps(stage.plan(both)) == {}


def test_every_page_of_features_is_read(stage: Stage) -> None:
    """Describe returns features in pages: a wide group is as desired when all of them are."""
    many = "".join(f"  - {{featureName: f{i}, featureType: Integral}}\n" for i in range(250))
    wide = FEATURES.replace("  offlineStoreConfig", many + "  offlineStoreConfig")
    assert stage.apply(wide).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(wide)) == {}


def test_a_feature_group_that_never_came_to_life_is_made_anew(stage: Stage) -> None:
    """CreateFailed is stuck while the spec is unchanged, and deleted and created when it changes."""
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateFeatureGroup", reason="no access to the bucket")
    report = stage.apply(FEATURES)
    assert report.convergence is Convergence.STUCK
    assert any("no access to the bucket" in outcome.message for outcome in report.outcomes)
    mended = FEATURES.replace("/features'", "/customers'")
    stage.forget_calls()
    assert stage.apply(mended).convergence is Convergence.SETTLED
    assert stage.mutations() == ["DeleteFeatureGroup", "CreateFeatureGroup"]
