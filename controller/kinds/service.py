"""The AWS services of the kinds, and their tag operations."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class AwsService:
    """One service, under its name in botocore, which is also that of its IAM actions and ARNs.

    Fields:
        tag: the operation that adds tags to an ARN.
        untag: the operation that removes tags by their keys.
        tags: the operation that lists them.
        prefix: the prefix of its shapes' names in the recorded model, because two services may use one name.
        linked_role: the service-linked role that it creates for SageMaker, below ``role/``; empty if there is none.
    """

    tag: str
    untag: str
    tags: str
    prefix: str = ""
    linked_role: str = ""


SAGEMAKER = "sagemaker"
SERVICES: Mapping[str, AwsService] = MappingProxyType(
    {
        SAGEMAKER: AwsService("AddTags", "DeleteTags", "ListTags"),
        "application-autoscaling": AwsService(
            "TagResource",
            "UntagResource",
            "ListTagsForResource",
            prefix="ApplicationAutoScaling",
            # Application Auto Scaling User Guide, Service-linked roles.
            linked_role=(
                "aws-service-role/sagemaker.application-autoscaling.amazonaws.com/"
                "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
            ),
        ),
    }
)
