"""Job definitions of the four sorts of monitoring: synchronous and immutable."""

import re
from collections.abc import Callable

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.endpoint import ENDPOINT
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, ServiceError, invalid

SORTS = ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
INPUTS = ("EndpointInput", "BatchTransformInput")
MAX_RUNTIME = 3600


def check_input(request: OperationRequest, given: Json, member: str) -> None:
    """Refuse an input that has neither or both of an endpoint and a batch transform, or a missing endpoint."""
    sources = [each for each in INPUTS if each in given]
    if len(sources) != 1:
        raise invalid(f"InvalidParameter: exactly one of {' and '.join(INPUTS)} must be in {member}.")
    name = given.get("EndpointInput", {}).get("EndpointName")
    if name is None or not request.knobs.monitored_endpoint_is_checked:
        return
    arn = ENDPOINT.arn(request.account, request.knobs, name)
    if request.find(arn) is None:
        raise ENDPOINT.missing.refusal(arn=arn, name=name)


def filled_input(given: Json) -> Json:
    """An input with the service's additions: observed in cdk-real-drift#1523 and #1524."""
    defaults = {"S3InputMode": "File", "S3DataDistributionType": "FullyReplicated"}
    return {name: defaults | value if name in INPUTS else value for name, value in given.items()}


def filled_outputs(given: Json) -> Json:
    """Outputs with the upload mode, which the Terraform provider treats as computed; its value is unverified."""
    outputs = [
        one | {"S3Output": {"S3UploadMode": "EndOfJob"} | one["S3Output"]}
        for one in given["MonitoringOutputs"]
    ]
    return given | {"MonitoringOutputs": outputs}


def definition_arn(request: OperationRequest, sort: str, name: str) -> str:
    """The ARN of a definition of a sort."""
    return DEFINITIONS[sort].arn(request.account, request.knobs, name)


def _attributes(request: OperationRequest) -> None:
    """Refuse predictions without a label and a probability: sagemaker-python-sdk#3959."""
    given = request.params["ModelQualityJobInput"]
    for member in INPUTS:
        if member in given and not {"InferenceAttribute", "ProbabilityAttribute"} & set(given[member]):
            field = f"CreateModelQualityJobDefinitionInput.ModelQualityJobInputs.{member}.InferenceAttribute"
            raise invalid(
                f"InvalidParameter: 1 validation error(s) found.\n- missing required field, {field}.\n"
            )


def _check_unscheduled(request: OperationRequest, row: Row) -> None:
    """Refuse the deletion of a definition that a schedule runs; code and message are unverified."""
    if not request.knobs.scheduled_definition_is_kept:
        return
    for schedule in request.rows_of("MonitoringSchedule"):
        config = schedule.body["MonitoringScheduleConfig"]
        named = config.get("MonitoringJobDefinitionName"), f"{config.get('MonitoringType')}JobDefinition"
        if named == (row.name, row.kind):
            raise ServiceError(
                "ResourceInUse", f"Job definition {row.arn} is in use by monitoring schedule {schedule.name}."
            )


def _of_endpoint(inputs: str) -> Callable[[OperationRequest, Row], bool]:
    def passes(request: OperationRequest, row: Row) -> bool:
        return bool(request.params.get("EndpointName", endpoint := _endpoint(row, inputs)) == endpoint)

    return passes


def _item(inputs: str) -> Callable[[Row], Json]:
    """The members of a List item, whose names differ from those of Describe."""
    return lambda row: {
        "MonitoringJobDefinitionName": row.name,
        "MonitoringJobDefinitionArn": row.arn,
        "EndpointName": _endpoint(row, inputs),
    }


def _endpoint(row: Row, inputs: str) -> str:
    """The endpoint of a definition; empty for a batch transform, because the member is required."""
    return str(row.body[inputs].get("EndpointInput", {}).get("EndpointName", ""))


_NOUNS = {sort: re.sub("(?<!^)(?=[A-Z])", " ", sort).lower() for sort in SORTS}


def _kind(sort: str) -> SandboxKind:
    inputs, outputs = f"{sort}JobInput", f"{sort}JobOutputConfig"

    def initial(request: OperationRequest) -> Json:
        return {
            inputs: filled_input(request.params[inputs]),
            outputs: filled_outputs(request.params[outputs]),
            "StoppingCondition": request.params.get(
                "StoppingCondition", {"MaxRuntimeInSeconds": MAX_RUNTIME}
            ),
        }

    noun = _NOUNS[sort]
    return SandboxKind(
        name=f"{sort}JobDefinition",
        name_member="JobDefinitionName",
        arn_member="JobDefinitionArn",
        path=f"{noun.replace(' ', '-')}-job-definition",
        # The codes are the model's; the messages are unverified.
        missing=Phrase("ResourceNotFound", f"Could not find {noun} job definition '{{name}}'."),
        exists=Phrase("ResourceInUse", f"A {noun} job definition with the name {{name}} already exists."),
        busy=Phrase("ConflictException", f"The {noun} job definition {{arn}} is being changed."),
        listing=ListDefaults(
            key="JobDefinitionSummaries",
            order="Descending",
            row_filter=_of_endpoint(inputs),
            filtered=frozenset({"EndpointName"}),
            item=_item(inputs),
        ),
        modified=None,
        guards=(
            *((_attributes,) if sort == "ModelQuality" else ()),
            lambda request: check_input(request, request.params[inputs], inputs),
        ),
        delete_guards=(_check_unscheduled,),
        initial=initial,
    )


DEFINITIONS = {sort: _kind(sort) for sort in SORTS}
