from typing import Any

import pytest

from controller.sandbox import InjectedFault, Knobs, Sandbox
from tests.sandbox.conftest import client_of, refusal

ARN = "arn:aws:sagemaker:us-east-1:123456789012:project/churn"
DETAILS = {"ProductId": "prod-1"}


@pytest.fixture
def open_catalog(aws: Any) -> Any:
    """A client whose Service Catalog portfolio is enabled."""
    aws.enable_sagemaker_servicecatalog_portfolio()
    return aws


def make(aws: Any) -> Any:
    """Create the project churn."""
    return aws.create_project(ProjectName="churn", ServiceCatalogProvisioningDetails=DETAILS)


def project_status(aws: Any) -> str:
    """Report the status of the project churn."""
    return str(aws.describe_project(ProjectName="churn")["ProjectStatus"])


def test_the_portfolio_is_a_switch(sandbox: Sandbox, aws: Any) -> None:
    """The portfolio is Disabled at first; both operations may be repeated; each Region has its own."""
    request = aws.get_sagemaker_servicecatalog_portfolio_status
    assert request()["Status"] == "Disabled"
    for _ in range(2):
        aws.enable_sagemaker_servicecatalog_portfolio()
        assert request()["Status"] == "Enabled"
    elsewhere = client_of(sandbox, region="eu-west-1")
    assert elsewhere.get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Disabled"
    for _ in range(2):
        aws.disable_sagemaker_servicecatalog_portfolio()
        assert request()["Status"] == "Disabled"
    assert sandbox.resources() == ()


def test_a_stale_switch_shows_what_it_was(sandbox: Sandbox, aws: Any) -> None:
    """STALE lets the status lag behind the setting."""
    sandbox.inject(InjectedFault.STALE, seconds=10)
    aws.enable_sagemaker_servicecatalog_portfolio()
    assert aws.get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Disabled"
    sandbox.clock.advance(10)
    assert aws.get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Enabled"


def test_a_project_lives_and_is_still_told_of(sandbox: Sandbox, open_catalog: Any) -> None:
    """A project is provisioned in steps, changed, and DeleteCompleted until it is created again."""
    made = make(open_catalog)
    assert (made["ProjectArn"], made["ProjectId"][:2], len(made["ProjectId"])) == (ARN, "p-", 14)
    assert project_status(open_catalog) == "Pending"
    sandbox.clock.advance(1)
    assert project_status(open_catalog) == "CreateInProgress"
    assert refusal(open_catalog.update_project, ProjectName="churn")[0] == "ConflictException"
    sandbox.clock.advance(120)
    project = open_catalog.describe_project(ProjectName="churn")
    assert project["ProjectStatus"] == "CreateCompleted"
    assert project["ServiceCatalogProvisioningDetails"]["ProvisioningArtifactId"].startswith("pa-")
    assert project["ServiceCatalogProvisionedProductDetails"]["ProvisionedProductId"].startswith("pp-")
    update = {"ServiceCatalogProvisioningUpdateDetails": {"ProvisioningArtifactId": "pa-2"}}
    tags = [{"Key": "k", "Value": "v"}]
    open_catalog.update_project(ProjectName="churn", ProjectDescription="d", Tags=tags, **update)
    assert project_status(open_catalog) == "UpdateInProgress"
    sandbox.clock.advance(60)
    project = open_catalog.describe_project(ProjectName="churn")
    assert (project["ProjectStatus"], project["ProjectDescription"]) == ("UpdateCompleted", "d")
    assert project["ServiceCatalogProvisioningDetails"] == DETAILS | {"ProvisioningArtifactId": "pa-2"}
    assert open_catalog.list_tags(ResourceArn=ARN)["Tags"] == tags
    open_catalog.delete_project(ProjectName="churn")
    assert project_status(open_catalog) == "DeleteInProgress"
    assert refusal(open_catalog.delete_project, ProjectName="churn")[0] == "ValidationException"
    assert refusal(make, aws=open_catalog)[1] == f"Project already exists: {ARN}"
    sandbox.clock.advance(60)
    assert project_status(open_catalog) == "DeleteCompleted"
    assert refusal(open_catalog.delete_project, ProjectName="churn") == (
        "ValidationException",
        "Cannot delete Project in DeleteCompleted status",
    )
    assert not [arn for arn in sandbox.resources() if "project" in arn], "it is told of, but lives no more"
    again = make(open_catalog)
    assert again["ProjectId"] != made["ProjectId"]
    assert project_status(open_catalog) == "Pending"


def test_a_project_needs_an_open_catalog(aws: Any) -> None:
    """Without the portfolio a project is refused, and so is one with no template or two."""
    assert refusal(make, aws=aws)[0] == "ValidationException"
    aws.enable_sagemaker_servicecatalog_portfolio()
    make(aws)
    assert refusal(aws.create_project, ProjectName="x")[0] == "ValidationException"
    assert refusal(aws.describe_project, ProjectName="x") == (
        "ValidationException",
        f"Project {ARN.replace('churn', 'x')} does not exist",
    )
    free = client_of(Sandbox(knobs=Knobs(project_needs_portfolio=False)))
    make(free)


def test_a_failed_project_says_why_in_its_product(sandbox: Sandbox, open_catalog: Any) -> None:
    """FAIL ends a creation, an update or a deletion in its failed state, with the reason in the product."""
    sandbox.inject(InjectedFault.FAIL, reason="no role")
    make(open_catalog)
    sandbox.clock.advance(121)
    project = open_catalog.describe_project(ProjectName="churn")
    assert project["ProjectStatus"] == "CreateFailed"
    assert project["ServiceCatalogProvisionedProductDetails"] == {
        "ProvisionedProductStatusMessage": "no role"
    }
    assert refusal(open_catalog.update_project, ProjectName="churn")[0] == "ValidationException"
    sandbox.inject(InjectedFault.FAIL, operation="DeleteProject", reason="kept")
    open_catalog.delete_project(ProjectName="churn")
    sandbox.clock.advance(60)
    assert project_status(open_catalog) == "DeleteFailed"
    open_catalog.delete_project(ProjectName="churn")
    sandbox.clock.advance(60)
    make(open_catalog)
    sandbox.clock.advance(121)
    sandbox.inject(InjectedFault.FAIL, operation="UpdateProject")
    open_catalog.update_project(ProjectName="churn", ProjectDescription="d")
    sandbox.clock.advance(60)
    assert project_status(open_catalog) == "UpdateFailed"


@pytest.mark.parametrize(("shown", "left"), [(True, 1), (False, 0)])
def test_lists_may_show_deleted_projects(shown: bool, left: int) -> None:
    """ListProjects returns deleted projects according to the knob."""
    sandbox = Sandbox(knobs=Knobs(deleted_projects_listed=shown, project_needs_portfolio=False))
    aws = client_of(sandbox)
    make(aws)
    sandbox.clock.advance(121)
    assert (
        aws.list_projects(NameContains="CHU")["ProjectSummaryList"][0]["ProjectStatus"] == "CreateCompleted"
    )
    aws.delete_project(ProjectName="churn")
    sandbox.clock.advance(60)
    assert len(aws.list_projects()["ProjectSummaryList"]) == left


def test_a_template_of_cloudformation_serves_too(sandbox: Sandbox, aws: Any) -> None:
    """A project of a template provider shows its template and stack."""
    aws.enable_sagemaker_servicecatalog_portfolio()
    template = {"TemplateName": "t", "TemplateURL": "https://bucket.s3.us-east-1.amazonaws.com/t.yaml"}
    aws.create_project(ProjectName="churn", TemplateProviders=[{"CfnTemplateProvider": template}])
    sandbox.clock.advance(121)
    changed = {"TemplateName": "t", "TemplateURL": template["TemplateURL"] + "2"}
    aws.update_project(ProjectName="churn", TemplateProvidersToUpdate=[{"CfnTemplateProvider": changed}])
    sandbox.clock.advance(60)
    (one,) = aws.describe_project(ProjectName="churn")["TemplateProviderDetails"]
    assert one["CfnTemplateProviderDetail"]["TemplateURL"] == changed["TemplateURL"]


def test_faults_meet_projects_too(sandbox: Sandbox, open_catalog: Any) -> None:
    """LIMIT and IN_USE affect projects with the messages of the kind."""
    sandbox.inject(InjectedFault.LIMIT)
    assert refusal(make, aws=open_catalog)[0] == "ResourceLimitExceeded"
    make(open_catalog)
    sandbox.clock.advance(121)
    sandbox.inject(InjectedFault.IN_USE)
    assert refusal(open_catalog.delete_project, ProjectName="churn")[0] == "ConflictException"
