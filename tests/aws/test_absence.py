"""Not-found errors: for every operation, only those about the addressed resource count as absence."""

import pytest

from controller.aws.responses import SIGNS, classify
from controller.core.cloud import Fault
from controller.kinds import KINDS
from controller.sandbox.kinds import KINDS as ROWS
from controller.schema.contract import Contract, contract

INVALID = "ValidationException"
MODELLED = "ResourceNotFound"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:thing/x"

# The service's own texts for a resource that does not exist, by kind: section 0.2 of the fact sheet (sources there: the
# API model, the handlers of Terraform, ACK, CloudFormation and the SDK).
WORDING: dict[str, tuple[tuple[str, str], ...]] = {
    "Workforce": ((INVALID, "No workforce found with name x in this account and region."),),
    "Workteam": ((INVALID, f"The work team {ARN} does not exist."),),
    "LabelingJob": (
        (MODELLED, "Could not find labeling job 'x'."),
        (INVALID, "Requested resource not found."),
    ),
    "HumanTaskUi": ((MODELLED, "Could not find human task UI 'x'."),),
    "CompilationJob": ((MODELLED, "Could not find compilation job 'x'."),),
    "InferenceRecommendationsJob": ((MODELLED, "Could not find inference recommendations job 'x'."),),
    "AutoMLJobV2": ((MODELLED, "Amazon SageMaker can't find an AutoML job called x."),),
    "AIWorkloadConfig": ((MODELLED, "AI workload config x does not exist."),),
    "Hub": ((MODELLED, "Hub x does not exist."),),
    "Cluster": ((MODELLED, "Cluster with name x not found."),),
    "ClusterSchedulerConfig": ((MODELLED, "Cluster scheduler config x does not exist."),),
    "ComputeQuota": ((MODELLED, "Compute quota x does not exist."),),
    "OptimizationJob": ((MODELLED, "Could not find optimization job 'x'."),),
    "TransformJob": (
        (INVALID, "Could not find requested job with name: x"),
        (INVALID, "Could not find job to update with name x"),
    ),
    "TrainingJob": ((INVALID, "Requested resource not found."),),
    "ProcessingJob": ((INVALID, "Could not find requested job with name: x"),),
    "Model": ((INVALID, f'Could not find model "{ARN}".'),),
    "EndpointConfig": ((INVALID, f'Could not find endpoint configuration "{ARN}".'),),
    "Endpoint": ((INVALID, f'Could not find endpoint "{ARN}".'),),
    "InferenceComponent": ((INVALID, f'Could not find inference component "{ARN}".'),),
    "InferenceExperiment": ((MODELLED, "Could not find inference experiment 'x'."),),
    "InferenceRouter": ((MODELLED, "Could not find inference router 'x'."),),
    "MonitoringSchedule": ((MODELLED, "Could not find monitoring schedule 'x'."),),
    "DataQualityJobDefinition": ((MODELLED, "Could not find data quality job definition 'x'."),),
    "ModelQualityJobDefinition": ((MODELLED, "Could not find model quality job definition 'x'."),),
    "ModelBiasJobDefinition": ((MODELLED, "Could not find model bias job definition 'x'."),),
    "ModelExplainabilityJobDefinition": (
        (MODELLED, "Could not find model explainability job definition 'x'."),
    ),
    "Algorithm": ((INVALID, f"Algorithm {ARN} does not exist."), (MODELLED, "no such algorithm")),
    "CodeRepository": ((INVALID, f"Cannot find CodeRepository: {ARN}"),),
    "NotebookInstanceLifecycleConfig": (
        (
            INVALID,
            f"Unable to describe Notebook Instance Lifecycle Config '{ARN}'. (Details: unable to find a record)",
        ),
        (
            INVALID,
            (
                f"Unable to describe Notebook Instance Lifecycle Config '{ARN}'. "
                "(Details: Notebook Instance Lifecycle Config does not exist.)"
            ),
        ),
    ),
    "ModelPackageGroup": (
        (INVALID, f"ModelPackageGroup {ARN} does not exist."),
        (INVALID, f"Cannot find Model Package Group: {ARN}"),
    ),
    "ModelPackageGroupPolicy": (
        (INVALID, f"Cannot find Model Package Group: {ARN}"),
        (INVALID, f"Cannot find resource policy {ARN}."),
    ),
    "ModelPackage": ((INVALID, f"Model package {ARN} does not exist."),),
    "FeatureGroup": ((MODELLED, "Could not find feature group 'x'."),),
    "Pipeline": ((MODELLED, f"Pipeline '{ARN}' does not exist."),),
    "PipelineExecution": ((MODELLED, f"Pipeline execution '{ARN}' does not exist."),),
    "Project": ((INVALID, f"Project {ARN} does not exist"), (INVALID, f"Cannot find Project: {ARN}")),
    "Action": ((MODELLED, f"Action '{ARN}' does not exist."),),
    "Artifact": ((MODELLED, f"Artifact '{ARN}' does not exist."),),
    "Context": ((MODELLED, f"Context '{ARN}' does not exist."),),
    "Association": ((MODELLED, f"Association '{ARN}' does not exist."),),
    "Experiment": ((MODELLED, f"Experiment '{ARN}' does not exist."),),
    "Trial": ((MODELLED, f"Trial '{ARN}' does not exist."),),
    "TrialComponent": ((MODELLED, f"TrialComponent '{ARN}' does not exist."),),
    "ModelCard": (
        (MODELLED, "Modelcard x does not exist."),
        (MODELLED, "Modelcard with name x and version: 2 does not exist"),
    ),
    "HubContentReference": ((MODELLED, "Hub content x does not exist."),),
    "ModelCardExportJob": ((MODELLED, f"Model card export job {ARN} does not exist."),),
    "FlowDefinition": ((MODELLED, "Could not find flow definition 'x'."),),
    "HyperParameterTuningJob": (
        (MODELLED, "Amazon SageMaker can't find a tuning job called x. Type another name."),
    ),
    # of the endpoint; a missing policy is classified by the code alone (column ``absence``)
    "EndpointPolicy": ((MODELLED, f'Could not find endpoint "{ARN}".'),),
    # moto's text; its code is botocore's
    "ScalingTarget": (
        (
            "ObjectNotFoundException",
            "No scalable target found for service namespace: sagemaker, resource ID: endpoint/x/variant/a",
        ),
    ),
    "NotebookInstance": ((INVALID, "RecordNotFound"),),
    "MlflowApp": ((MODELLED, f"MLflow app {ARN} does not exist."),),
    "PartnerApp": ((MODELLED, f"Partner app {ARN} does not exist."),),
    "MlflowTrackingServer": ((MODELLED, f"MLflow tracking server {ARN} does not exist."),),
    "StudioLifecycleConfig": ((MODELLED, f"Studio Lifecycle Config '{ARN}' does not exist."),),
    "AppImageConfig": ((MODELLED, f"App Image Config '{ARN}' does not exist."),),
    "Image": (
        (MODELLED, "No Image with the name x exists in this account."),
        (MODELLED, "Image 'x' does not exist."),
    ),
    "ImageVersion": (
        (MODELLED, f"ImageVersion {ARN} does not exist."),
        (MODELLED, "Latest ImageVersion with ImageName x does not exist. Please provide a valid ImageName."),
    ),
    "Domain": ((MODELLED, f"Domain [{ARN}] does not exist."),),
    "UserProfile": ((MODELLED, f"UserProfile [{ARN}] does not exist."),),
    "Space": ((MODELLED, f"Space [{ARN}] does not exist."),),
    "App": ((MODELLED, f"App [{ARN}] does not exist."),),
    "ServicecatalogPortfolio": (),  # the account always has one
}

IN_USE = "ResourceInUse"
# The service's own texts for a name that is taken, where they are known, as for WORDING.
EXISTING: dict[str, tuple[tuple[str, str], ...]] = {
    "NotebookInstance": ((INVALID, f"Cannot create a duplicate Notebook Instance ({ARN})"),),
    "Workforce": ((INVALID, f"Workforce {ARN} already exists."),),
    "Model": ((INVALID, f'Cannot create already existing model "{ARN}".'),),
    "EndpointConfig": ((INVALID, f'Cannot create already existing endpoint configuration "{ARN}".'),),
    "Endpoint": ((INVALID, f'Cannot create already existing endpoint "{ARN}".'),),
    "ModelPackageGroup": ((INVALID, f"Model Package Group already exists: {ARN}"),),
    "ModelPackage": ((INVALID, f"Model package already exists: {ARN}"),),
    "Algorithm": ((INVALID, f"Algorithm already exists: {ARN}"),),
    "CodeRepository": ((INVALID, f"CodeRepository already exists: {ARN}"),),
    "Project": ((INVALID, f"Project already exists: {ARN}"), (IN_USE, "Project x already exists.")),
    "TrainingJob": ((IN_USE, "Training job names must be unique within an AWS account and region."),),
    "ModelCard": (("ConflictException", "Modelcard x already exists"),),
    "HubContentReference": (("ResourceInUse", "Hub content x already exists."),),
    "ModelCardExportJob": (("ConflictException", "Model card export job x already exists."),),
    "AppImageConfig": ((IN_USE, "The ID or Name specified is already in use."),),
    "Image": ((IN_USE, "The Image with ImageName x already exists. Please use a different ImageName."),),
    "Pipeline": ((INVALID, "Pipeline names must be unique within an AWS account and region."),),
}
# Written again, without an error.
NEVER_EXISTS = {"ModelPackageGroupPolicy", "EndpointPolicy", "ScalingTarget", "ServicecatalogPortfolio"}

# Kinds with the same texts: a policy is deleted with the resource that it belongs to.
_WITH_POLICIES = (
    {"ModelPackageGroup", "ModelPackageGroupPolicy"},
    {"Endpoint", "EndpointPolicy"},
    {"EndpointPolicy", "ModelPackageGroupPolicy"},
)

# What a refusal may report as missing that is not a resource of SageMaker, or not the addressed one.
PROSE = (
    "Could not find model data at s3://bucket/model.tar.gz.",
    "Could not find image 1.dkr.ecr.us-east-1.amazonaws.com/x:1.",
    "Could not find the role that the request names.",
    "The bucket s3://x does not exist.",
    "The execution of this request needs a key, and the key does not exist.",
)


def _addressing_operations(of_kind: Contract) -> set[str]:
    """The operations of a kind that address an existing resource by its name or ARN."""
    stop = {of_kind.kind.lifecycle.runs.stop} - {""} if of_kind.kind.lifecycle.runs else set()
    ends = {of_kind.deletes.name} if of_kind.deletes else set()
    return {of_kind.describes.name, *ends, *stop}


def _creating_operations(of_kind: Contract) -> set[str]:
    """The operations that create a resource of a kind."""
    return {of_kind.creates.name}


def test_every_kind_has_its_words() -> None:
    """A kind without an entry would be untested."""
    assert set(WORDING) == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "code", "message"), [(kind, *each) for kind, all_ in WORDING.items() for each in all_]
)
def test_only_operations_that_address_a_resource_find_it_missing(kind: str, code: str, message: str) -> None:
    """The kind's not-found text means absence for its Describe, Delete, Stop and Update, and never for its Create."""
    of_kind = contract(kind)
    for operation in _addressing_operations(of_kind) | ({of_kind.updates.name} if of_kind.updates else set()):
        if operation == of_kind.creates.name:
            continue  # PutModelPackageGroupPolicy is both: what it does not find is the group
        assert classify(operation, code, message) is Fault.MISSING, operation
    for operation in _creating_operations(of_kind):
        assert classify(operation, code, message) is Fault.REFERENCE, operation


@pytest.mark.parametrize(
    ("message", "kind"),
    [(text, kind) for text in PROSE for kind in sorted(KINDS) if f"find {kind.lower()} " not in text],
)
def test_prose_about_something_else_is_no_absence(kind: str, message: str) -> None:
    """A not-found error of a Delete, Stop, Update or Create about model data or a role is no absence of it."""
    of_kind = contract(kind)
    ends = (_addressing_operations(of_kind) - {of_kind.describes.name}) | (
        {of_kind.updates.name} if of_kind.updates else set()
    )
    for operation in ends | _creating_operations(of_kind):
        assert classify(operation, INVALID, message) in (Fault.INVALID, Fault.REFERENCE), operation


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_another_kind_that_is_missing_is_not_this_one(kind: str) -> None:
    """A not-found error of a Delete or an Update about another kind is no absence of the addressed resource."""
    of_kind = contract(kind)
    ends = (_addressing_operations(of_kind) - {of_kind.describes.name}) | (
        {of_kind.updates.name} if of_kind.updates else set()
    )
    for other, phrases in WORDING.items():
        for code, message in phrases:
            unnamed = "resource not found" in message or message == "RecordNotFound"
            same = (code, message) in WORDING[kind] or unnamed or " job " in message
            if code == MODELLED or same or {kind, other} in _WITH_POLICIES:
                continue
            for operation in ends:
                assert classify(operation, code, message) is not Fault.MISSING, (operation, message)


@pytest.mark.parametrize("kind", sorted(row.name for row in ROWS if row.name in KINDS))
def test_the_sandbox_says_every_absence_in_words_that_are_known(kind: str) -> None:
    """What the sandbox answers for a resource that is not there is absence for all but its Create."""
    of_kind = contract(kind)
    if of_kind.kind.identity.key == ():
        return  # the account always has one
    row = next(row for row in ROWS if row.name == kind)
    refusals = [each.refusal(arn=ARN, name="x") for each in (row.missing, row.unknown) if each]
    updates = {of_kind.updates.name} if of_kind.updates else set()
    for refusal in refusals:
        for operation in (_addressing_operations(of_kind) | updates) - _creating_operations(of_kind):
            assert classify(operation, refusal.code, refusal.message) is Fault.MISSING, operation
        for operation in _creating_operations(of_kind):
            assert classify(operation, refusal.code, refusal.message) is Fault.REFERENCE, operation


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_create_of_what_exists_is_told_from_every_other_refusal(kind: str) -> None:
    """A kind's already-exists text is classified as a taken name; for a kind that has none, as an invalid request."""
    row = next(row for row in ROWS if row.name == kind)
    sandbox = row.exists.refusal(arn=ARN, name="x")
    for code, message in ((sandbox.code, sandbox.message), *EXISTING.get(kind, ())):
        fault = classify(contract(kind).creates.name, code, message)
        assert fault is (Fault.INVALID if kind in NEVER_EXISTS else Fault.EXISTS), message


@pytest.mark.parametrize("operation", ["AddTags", "DeleteTags", "ListTags"])
def test_tags_are_addressed_by_the_resource_alone(operation: str) -> None:
    """A not-found error of a call about tags means that the resource of its ARN is absent."""
    assert classify(operation, INVALID, f'Could not find resource "{ARN}".') is Fault.MISSING


@pytest.mark.parametrize("code", ["UnknownOperationException", "UnknownOperation", "InvalidAction"])
def test_an_operation_that_the_region_does_not_have_is_of_kind_apart(code: str) -> None:
    """It is neither a refusal of the input nor an absence."""
    assert classify("ListLabelingJobs", code, "There is no operation ListLabelingJobs.") is Fault.UNSUPPORTED


def test_no_sign_finds_a_resource_missing_by_words() -> None:
    """Absence is classified in one function: the table has it only for codes of S3, IAM and ECR, without messages."""
    missing = [sign for sign in SIGNS if sign.fault is Fault.MISSING]
    codes = ["NoSuchKey", "NoSuchEntity|RepositoryNotFoundException", "404|NoSuchBucket"]
    assert [sign.code for sign in missing] == codes
    assert not any(sign.message for sign in missing)
