"""Tags of a resource of any service, as another user of the account changes and reads them."""

from typing import Any

from tests.journeys.stage import Stage

_SAGEMAKER = "sagemaker"


def _client(stage: Stage, arn: str) -> tuple[Any, bool]:
    """The client of the ARN's service, and whether that service has SageMaker's tag operations."""
    service = arn.split(":")[2]
    return stage.client(service), service == _SAGEMAKER


def set_tag(stage: Stage, arn: str, key: str, value: str) -> None:
    """Add a tag to a resource, or change its value."""
    client, listed = _client(stage, arn)
    if listed:
        client.add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value}])
    else:
        client.tag_resource(ResourceARN=arn, Tags={key: value})


def remove_tag(stage: Stage, arn: str, key: str) -> None:
    """Remove a tag from a resource."""
    client, listed = _client(stage, arn)
    if listed:
        client.delete_tags(ResourceArn=arn, TagKeys=[key])
    else:
        client.untag_resource(ResourceARN=arn, TagKeys=[key])


def shown_tags(stage: Stage, arn: str) -> dict[str, str]:
    """The tags that the service lists."""
    client, listed = _client(stage, arn)
    if listed:
        return {tag["Key"]: tag["Value"] for tag in client.list_tags(ResourceArn=arn)["Tags"]}
    return dict(client.list_tags_for_resource(ResourceARN=arn)["Tags"])
