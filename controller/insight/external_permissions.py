"""Permissions to read other services, which the preflight needs for the documents of a tree."""

from collections.abc import Iterator

from controller.engine.external import ALARMS, IMAGES, OBJECTS, QUOTAS, ROLES, image_parts, object_parts
from controller.insight.permissions import ANY, ArnScope, Permission
from controller.kinds.external import External
from controller.manifests.bundle import Bundle
from controller.schema.external import ExternalName, external_names
from controller.schema.shape import shape

# Names of actions from the Service Authorization Reference: those of HeadObject and ListObjectsV2 differ.
_HEAD, _LIST = "s3:GetObject", "s3:ListBucket"
_LATER = "${"  # start of a reference, whose value is known only during the run


def external_permissions(bundle: Bundle, scope: ArnScope) -> frozenset[Permission]:
    """The permissions of the reads that the preflight of these documents makes."""
    return frozenset(
        Permission(kind, False, action, arn)
        for resource in bundle.resources.values()
        for name in external_names(resource.spec, shape(resource.contract.creates.input))
        for kind, action, arn in _reads(name, scope)
    )


def queue_permissions(name: str, account: str, scope: ArnScope) -> frozenset[Permission]:
    """The permissions to receive events from a queue; DeleteMessageBatch is authorized as DeleteMessage."""
    arn = f"arn:{scope.partition}:sqs:{scope.region}:{account or scope.account}:{name}"
    actions = ("sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:DeleteMessage")
    return frozenset(Permission("Queue", False, action, arn) for action in actions)


def _reads(name: ExternalName, scope: ArnScope) -> Iterator[tuple[str, str, str]]:
    """Yields the statement's group, the action and the ARN."""
    later = _LATER in name.value
    if name.of is External.ALARM:
        yield "", f"{ALARMS.service}:{ALARMS.operation}", ANY
    elif name.of is External.ROLE:
        arn = f"arn:{scope.partition}:iam::{scope.account}:role/*" if later else name.value
        yield "Role", f"{ROLES.service}:{ROLES.operation}", arn
    elif name.of is External.IMAGE:
        yield from _of_image(name, scope, later=later)
    elif name.of is External.OBJECT:
        yield from _of_object(name, scope, later=later)
    elif name.of is External.INSTANCE:
        yield "", f"servicequotas:{QUOTAS.operation}", ANY


def _of_image(name: ExternalName, scope: ArnScope, *, later: bool) -> Iterator[tuple[str, str, str]]:
    found = image_parts(name.value)
    if found or later:
        where = f"{found['registry']}:repository/{found['repository']}" if found and not later else "*"
        yield (
            "Repository",
            f"{IMAGES.service}:{IMAGES.operation}",
            f"arn:{scope.partition}:ecr:{scope.region}:{where}",
        )


def _of_object(name: ExternalName, scope: ArnScope, *, later: bool) -> Iterator[tuple[str, str, str]]:
    """The reads of an object; without permission to list its bucket, HeadObject of a missing object is denied (API)."""
    found = object_parts(name.value)
    if found or later:
        bucket, key = found if found and not later else ("*", "*")
        yield "Bucket", _LIST, f"arn:{scope.partition}:s3:::{bucket}"
        if key and not name.prefix:
            yield "Object", _HEAD, f"arn:{scope.partition}:{OBJECTS.service}:::{bucket}/{key}"
