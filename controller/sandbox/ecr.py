"""The part of Amazon ECR that returns whether images exist: BatchGetImage.

Every image exists except those of the knob ``missing_images``. Source: API reference, BatchGetImage.
"""

from controller.sandbox.request import OperationRequest
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError


def batch_get_image(request: OperationRequest) -> Json:
    """Return the images of one repository; a missing one is listed in `failures` of a successful response."""
    params, missing = request.params, request.knobs.missing_images
    repository, registry = params["repositoryName"], params.get("registryId", request.account.account)
    if repository in missing:
        raise ServiceError(
            "RepositoryNotFoundException",
            f"The repository with name '{repository}' does not exist in the registry with id '{registry}'",
        )
    images: list[Json] = []
    failures: list[Json] = []
    for one in params["imageIds"]:
        named = f"@{one['imageDigest']}" if "imageDigest" in one else f":{one.get('imageTag', '')}"
        if f"{repository}{named}" in missing:
            reason = "Requested image not found"
            failures.append({"imageId": one, "failureCode": "ImageNotFound", "failureReason": reason})
        else:
            images.append(
                {"registryId": registry, "repositoryName": repository, "imageId": one, "imageManifest": "{}"}
            )
    return {"images": images, "failures": failures}
