"""StudioLifecycleConfig: synchronous and immutable; it can't be deleted while settings or running apps name it."""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from controller.sandbox.kind import ListDefaults, SandboxKind
from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.service_error import Phrase, ServiceError, invalid

_CONTENT, _APP_TYPE = "StudioLifecycleConfigContent", "StudioLifecycleConfigAppType"


def texts(value: Any) -> Iterator[str]:
    """Yield all strings inside a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts(inner)


def _is_base64(request: OperationRequest) -> None:
    try:
        base64.b64decode("".join(request.params[_CONTENT].split()), validate=True)
    except (binascii.Error, ValueError):
        raise invalid(f"{_CONTENT} is not base64 encoded.") from None  # the message is unverified


def _check_unattached(request: OperationRequest, row: Row) -> None:
    """Refuse to delete an attached one (API reference, DeleteStudioLifecycleConfig); the message is unverified."""
    kinds = ["Domain", "UserProfile", *(["Space"] if request.knobs.space_keeps_lifecycle_config else [])]
    holders = [one for kind in kinds for one in request.rows_of(kind)]
    holders += [one for one in request.rows_of("App") if one.body.get("Status") in {"Pending", "InService"}]
    for one in holders:
        if row.arn in texts(one.body):
            raise ServiceError(
                "ResourceInUse", f"Studio Lifecycle Config '{row.arn}' is in use by '{one.arn}'."
            )


def _of_type(request: OperationRequest, row: Row) -> bool:
    desired = request.params.get("AppTypeEquals")
    return desired is None or bool(row.body[_APP_TYPE] == desired)


STUDIO_LIFECYCLE_CONFIG = SandboxKind(
    name="StudioLifecycleConfig",
    path="studio-lifecycle-config",
    # The end of the first is known from the Terraform provider; the rest is unverified.
    missing=Phrase("ResourceNotFound", "Studio Lifecycle Config '{arn}' does not exist."),
    exists=Phrase("ResourceInUse", "Studio Lifecycle Config '{arn}' already exists."),
    busy=Phrase("ResourceInUse", "Studio Lifecycle Config '{arn}' is in use."),
    listing=ListDefaults(
        key="StudioLifecycleConfigs",
        order="Descending",
        page=10,
        row_filter=_of_type,
        filtered=frozenset({"AppTypeEquals"}),
    ),
    guards=(_is_base64,),
    delete_guards=(_check_unattached,),
)
