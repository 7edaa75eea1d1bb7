"""Model, and the images that it may run.

Messages are the service's own: of CreateModel as quoted in aws/sagemaker-python-sdk#4700, of CreateTrainingJob as
quoted in boto/boto3#2906. ProcessingJob, Algorithm and ModelPackage have no member for such access, and no message of
such a refusal was found: their images are not checked.
"""

import re

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.kinds.model_package import package_arn
from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import Phrase, invalid

_ECR = re.compile(r"\d{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+/.")


def model_image_is_reachable(container: Json) -> None:
    """Refuse a model's container whose image is neither in ECR nor pulled by the VPC."""
    image, mode = container.get("Image"), container.get("ImageConfig", {}).get("RepositoryAccessMode")
    if image is not None and mode != "Vpc" and not _ECR.match(image):
        raise invalid(f'Using non-ECR image "{image}" without Vpc repository access mode is not supported.')


def training_image_is_reachable(algorithm: Json) -> None:
    """Refuse a training job's algorithm whose image is neither in ECR nor pulled by the VPC."""
    image = algorithm.get("TrainingImage")
    mode = algorithm.get("TrainingImageConfig", {}).get("TrainingRepositoryAccessMode")
    if image is not None and mode != "Vpc" and not _ECR.match(image):
        needed = "TrainingImageConfig with TrainingRepositoryAccessMode set to VPC must be provided"
        raise invalid(f"{needed} when using a training image from a private Docker registry.")


def _containers(request: OperationRequest) -> list[Json]:
    primary = request.params.get("PrimaryContainer")
    return [primary] if primary is not None else request.params.get("Containers", [])


def _one_form(request: OperationRequest) -> None:
    given = [name for name in ("PrimaryContainer", "Containers") if request.params.get(name)]
    if len(given) > 1:
        raise invalid("Both PrimaryContainer and Containers are provided; only one of them is allowed.")
    if not given:
        raise invalid("Exactly one of PrimaryContainer and Containers must be provided.")


def _containers_are_valid(request: OperationRequest) -> None:
    listed = _containers(request)
    for container in listed:
        if request.knobs.image_needs_ecr:
            model_image_is_reachable(container)
        image = container.get("ImageConfig", {})
        if image.get("RepositoryAccessMode") == "Vpc":
            if "VpcConfig" not in request.params:
                raise invalid("VpcConfig is required when RepositoryAccessMode is Vpc.")
        elif "RepositoryAuthConfig" in image:
            raise invalid("RepositoryAuthConfig can be specified only when RepositoryAccessMode is Vpc.")
        if "ModelPackageName" not in container and "InferenceSpecificationName" in container:
            raise invalid("InferenceSpecificationName requires a ModelPackageName.")
    names = [one["ContainerHostname"] for one in listed if "ContainerHostname" in one]
    if names and len(names) < len(listed):
        raise invalid("ContainerHostname must be specified for every container of a pipeline, or for none.")
    if len(set(names)) != len(names):
        raise invalid("Each ContainerHostname must be unique.")


def _packages_serve(request: OperationRequest) -> None:
    for container in _containers(request):
        name = container.get("ModelPackageName")
        if name is None and "Image" not in container:
            raise invalid("Each container must have an Image or a ModelPackageName.")
        if name is None:
            continue
        arn = package_arn(request.account, name)
        if request.is_foreign(arn):
            continue  # another account's package, shared with this one; its state is not visible here
        row = request.find(arn)
        if row is None:
            raise invalid(f"Model package {arn} does not exist.")
        if row.body["ModelPackageStatus"] != "Completed":
            raise invalid(f"Model package {arn} is not in Completed status.")
        approval = row.body.get("ModelApprovalStatus")
        if request.knobs.model_needs_approval and approval is not None and approval != "Approved":
            raise invalid(f"Model package {arn} is not approved: its approval status is {approval}.")


def _with_defaults(container: Json, *, source: bool) -> Json:
    made: Json = {"Mode": "SingleModel"} | container
    url = container.get("ModelDataUrl")
    if source and url is not None and "ModelDataSource" not in container:
        made["ModelDataSource"] = {
            "S3DataSource": {"S3Uri": url, "S3DataType": "S3Object", "CompressionType": "Gzip"}
        }
    return made


def _initial(request: OperationRequest) -> Json:
    source = request.knobs.model_data_source
    filled: Json = {"EnableNetworkIsolation": request.params.get("EnableNetworkIsolation", False)}
    if "PrimaryContainer" in request.params:
        filled["PrimaryContainer"] = _with_defaults(request.params["PrimaryContainer"], source=source)
    if request.params.get("Containers"):
        filled["Containers"] = [_with_defaults(one, source=source) for one in request.params["Containers"]]
    return filled


MODEL = SandboxKind(
    name="Model",
    path="model",
    missing=Phrase("ValidationException", 'Could not find model "{arn}".'),
    exists=Phrase("ValidationException", 'Cannot create already existing model "{arn}".'),
    busy=Phrase("ValidationException", 'Cannot delete model "{arn}": it is in use.'),
    listing=ListDefaults(key="Models", order="Descending"),
    modified=None,
    guards=(_one_form, _containers_are_valid, _packages_serve),
    initial=_initial,
)
