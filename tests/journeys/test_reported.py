"""Reports of users of Terraform, ACK and CloudFormation about SageMaker: each test names its report."""

from dataclasses import replace
from pathlib import Path

import pytest

from controller.core.phase import Convergence
from controller.engine.report import Result
from controller.engine.restrictions import Restrictions
from controller.insight.permissions import ArnScope, permissions
from controller.sandbox import InjectedFault
from tests.journeys.documents import GROUP, IMAGE, ROLE, config, endpoint, model
from tests.journeys.stage import Stage, acting_steps, compile_documents, document_text, full_stage
from tests.journeys.studio import APP_IMAGE_CONFIG, DOMAIN, IMAGE_VERSION, LIFECYCLE_CONFIG, USER_PROFILE
from tests.journeys.studio import IMAGE as LAB_IMAGE

STUDIO = (LIFECYCLE_CONFIG, APP_IMAGE_CONFIG, LAB_IMAGE, IMAGE_VERSION)
_DOMAIN = f"""
domainName: studio
authMode: IAM
vpcId: vpc-1
subnetIds: [subnet-1]
defaultUserSettings: {{executionRole: {ROLE}, securityGroups: [sg-1]}}
"""


def _config_with_split(first: float, instance: str = "ml.m5.large") -> str:
    """A configuration with two variants, of which the first gets this share of the traffic."""
    variants = "\n".join(
        f"- {{variantName: {name}, modelName: fraud, initialInstanceCount: 1, instanceType: {instance}, "
        f"initialVariantWeight: {weight}}}"
        for name, weight in (("a", first), ("b", round(1 - first, 7)))
    )
    return document_text("EndpointConfig", "fraud", f"productionVariants:\n{variants}")


def test_a_weight_that_is_read_back_with_more_digits_is_the_same(stage: Stage) -> None:
    """hashicorp/terraform-provider-aws#43643: a weight of 0.8 was replaced again and again."""
    stage.sandbox.knobs = replace(stage.sandbox.knobs, single_precision_is_widened=True)
    stack = (model(), _config_with_split(0.8), endpoint())
    assert stage.apply(*stack).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(*stack)) == {}
    stage.forget_calls()
    assert (
        stage.apply(model(), _config_with_split(0.8, "ml.m5.xlarge"), endpoint()).convergence
        is Convergence.SETTLED
    )
    (update,) = [each for each in stage.sandbox.calls if each.operation == "UpdateEndpoint"]
    assert "ExcludeRetainedVariantProperties" not in update.params, "the weight is not a changed one"


@pytest.mark.parametrize("kind", ["Model", "Domain", "UserProfile"])
def test_changed_tags_are_changed_in_place(stage: Stage, kind: str) -> None:
    """ACK's community#1731 and #1732, CloudFormation's roadmap#1803 and #2094: lost, or for a new resource."""
    of = {"Model": [model()], "Domain": [DOMAIN], "UserProfile": [DOMAIN, USER_PROFILE]}[kind]
    assert stage.apply(*STUDIO, *of).convergence is Convergence.SETTLED
    stage.forget_calls()
    tagged = [*of[:-1], of[-1].replace("spec:\n", "spec:\n  tags: {team: risk}\n")]
    assert stage.apply(*STUDIO, *tagged).convergence is Convergence.SETTLED
    assert stage.mutations() == ["AddTags"]
    assert acting_steps(stage.plan(*STUDIO, *tagged)) == {}


def test_an_update_of_a_domain_sends_what_changed_and_nothing_empty(stage: Stage) -> None:
    """hashicorp/terraform-provider-aws#27990, #39923 and #45528: unchanged members in the request were refused."""
    domain = document_text("Domain", "studio", f"{_DOMAIN}appNetworkAccessType: VpcOnly\n")
    assert stage.apply(domain).convergence is Convergence.SETTLED
    stage.forget_calls()
    changed = domain.replace("sg-1", "sg-2")
    assert stage.apply(changed).convergence is Convergence.SETTLED
    (update,) = [each for each in stage.sandbox.calls if each.operation == "UpdateDomain"]
    assert update.params.keys() == {"DomainId", "DefaultUserSettings"}
    assert acting_steps(stage.plan(changed)) == {}


def test_an_update_blocked_by_a_running_app_is_a_failure(stage: Stage) -> None:
    """hashicorp/terraform-provider-aws#31912: the update is reported as failed, with the service's message."""
    domain = document_text("Domain", "studio", _DOMAIN)
    assert stage.apply(domain, USER_PROFILE).convergence is Convergence.SETTLED
    (shown,) = stage.client().list_domains()["Domains"]
    app = {"DomainId": shown["DomainId"], "UserProfileName": "ada", "AppType": "JupyterServer"}
    stage.client().create_app(**app, AppName="default")
    stage.wait(600)
    report = stage.apply(domain.replace("subnet-1", "subnet-2"), USER_PROFILE)
    assert report.convergence is Convergence.STUCK
    (failed,) = report.of(Result.FAILED)
    assert "Delete all InService apps in the domain" in failed.message


def test_another_object_of_a_definition_in_s3_is_one_update(tmp_path: Path) -> None:
    """hashicorp/terraform-provider-aws#38259: the definition that Describe returns was planned for removal."""
    stage = full_stage(tmp_path)
    spec = f"roleArn: {ROLE}\npipelineDefinitionS3Location: {{bucket: code, objectKey: 1.json}}"
    one = document_text("Pipeline", "train", spec)
    assert stage.apply(one).convergence is Convergence.SETTLED
    assert acting_steps(stage.plan(one)) == {}
    stage.forget_calls()
    two = one.replace("1.json", "2.json")
    assert stage.apply(two).convergence is Convergence.SETTLED
    (update,) = [each for each in stage.sandbox.calls if each.mutating]
    assert update.params["PipelineDefinitionS3Location"] == {"Bucket": "code", "ObjectKey": "2.json"}
    assert "PipelineDefinition" not in update.params
    assert acting_steps(stage.plan(two)) == {}


def test_tags_of_a_whole_set_go_to_no_version_of_a_package(stage: Stage) -> None:
    """aws/aws-cdk#33699: "Tags are not supported in Model Package versions"."""
    containers = f"[{{image: '{IMAGE}'}}]"
    version = document_text(
        "ModelPackage",
        "one",
        "modelPackageGroupName: fraud\ninferenceSpecification:\n"
        f"  containers: {containers}\n  supportedContentTypes: [text/csv]\n"
        "  supportedResponseMIMETypes: [text/csv]",
    )
    rules = Restrictions(default_tags={"team": "risk"})
    assert stage.apply(GROUP, version, restrictions=rules).convergence is Convergence.SETTLED
    made = {each.operation: each.params for each in stage.sandbox.calls if each.mutating}
    assert "Tags" not in made["CreateModelPackage"]
    assert {"Key": "team", "Value": "risk"} in made["CreateModelPackageGroup"]["Tags"]
    assert acting_steps(stage.plan(GROUP, version, restrictions=rules)) == {}


def test_a_failed_notebook_is_changed_without_a_stop(stage: Stage) -> None:
    """hashicorp/terraform-provider-aws#16767: "Status (Failed) not in ([InService])". It is started afterwards."""
    notebook = document_text("NotebookInstance", "lab", f"instanceType: ml.t3.medium\nroleArn: {ROLE}")
    stage.sandbox.inject(InjectedFault.FAIL, operation="CreateNotebookInstance")
    assert stage.apply(notebook).convergence is Convergence.STUCK
    stage.forget_calls()
    assert stage.apply(notebook.replace("ml.t3.medium", "ml.t3.large")).convergence is Convergence.SETTLED
    assert stage.mutations() == ["UpdateNotebookInstance", "StartNotebookInstance"]


def test_the_policy_of_an_endpoint_has_what_its_update_and_deletion_need() -> None:
    """ACK's community#1889: its configuration. awslabs/stable-diffusion-aws-extension#161: its scalable targets."""
    tree = compile_documents(model(), config(), endpoint())
    needed = {(each.action, each.arn) for each in permissions(tree, ArnScope(), read_only=False)}
    updated = {
        arn.split(":")[-1].split("/")[0] for action, arn in needed if action == "sagemaker:UpdateEndpoint"
    }
    assert updated == {"endpoint", "endpoint-config"}
    assert ("application-autoscaling:DeregisterScalableTarget", "*") in needed
