"""Container images by where they are hosted: only those in Amazon ECR are pulled without access by the VPC.

Messages are the service's own: of CreateModel as quoted in aws/sagemaker-python-sdk#4700, of CreateTrainingJob as
quoted in boto/boto3#2906. ProcessingJob, Algorithm and ModelPackage have no member for such access, and no message of
such a refusal was found: their images are not checked.
"""

import re

from controller.sandbox.rules import Json
from controller.sandbox.service_error import invalid

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
