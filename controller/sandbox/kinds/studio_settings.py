"""Settings of Studio's apps: the effect of an Update, the service's defaults, and the resources that they may name."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from controller.sandbox.request import OperationRequest
from controller.sandbox.resource import Row
from controller.sandbox.rules import Json
from controller.sandbox.service_error import ServiceError, invalid

LIVE_APPS = frozenset({"Pending", "InService", "Deleting"})
UNDER_WAY = frozenset({"Pending", "Updating", "Deleting"})
_NONE = "None"

# Members that Describe adds to a user's settings (hashicorp/terraform-provider-awscc#1847).
FILLED: Json = {
    "DefaultLandingUri": "studio::",
    "StudioWebPortal": "ENABLED",
    "SpaceStorageSettings": {
        "DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 100}
    },
}


def merge_settings(held: Json, given: Json) -> Json:
    """Return settings after an Update: structures merge, lists are replaced, and the string None removes an ARN."""
    made = dict(held)
    for name, value in given.items():
        if value == _NONE and name.endswith("Arn"):
            made.pop(name, None)
        else:
            made[name] = merge_settings(held.get(name) or {}, value) if isinstance(value, dict) else value
    return made


def update_settings(request: OperationRequest, held: Json, given: Json) -> Json:
    """Return settings after an Update, according to the knob: merged, or replaced."""
    return merge_settings(held if request.knobs.studio_settings_merge else {}, given)


def begin_update(request: OperationRequest, row: Row, body: Json) -> Row:
    """Return the row during an Update; a failed one leaves it unchanged."""
    done: Json = {"Status": "InService"}
    if request.effect.fails is not None:
        body, done = row.body, {"Status": "Update_Failed", "FailureReason": request.effect.fails}
    return replace(
        row,
        body=body | {"Status": "Updating"},
        due=(request.step_after(request.knobs.studio_updating, done),),
    )


def names_what_exists(*members: str) -> Any:
    """Refuse settings that name a missing lifecycle configuration, image or image configuration.

    Neither this refusal of the service nor its message is documented.
    """

    def guard(request: OperationRequest, _: Row | None = None) -> None:
        if not request.knobs.studio_settings_are_checked:
            return
        for member in members:
            for arn in _named_arns(request, request.params.get(member, {})):
                if not request.is_foreign(arn) and request.find(arn) is None:
                    raise invalid(f"Resource {arn} in {member} does not exist.")

    return guard


def _named_arns(request: OperationRequest, value: Any) -> Iterator[str]:
    """Yield the ARNs in settings."""
    if isinstance(value, list):
        for each in value:
            yield from _named_arns(request, each)
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        texts = inner if isinstance(inner, list) else [inner]
        if name in {"LifecycleConfigArn", "LifecycleConfigArns", "BuiltInLifecycleConfigArn"} | _IMAGES:
            yield from (text for text in texts if text != _NONE)
        elif name == "AppImageConfigName":
            yield request.account.arn(f"app-image-config/{inner}")
        elif name == "ImageName":
            yield request.account.arn(f"image/{inner}")
        else:
            yield from _named_arns(request, inner)


_IMAGES = {"SageMakerImageArn", "SageMakerImageVersionArn"}


def domain_of(request: OperationRequest) -> Row:
    """Return the domain of a request, which must not be in transition; the messages are unverified."""
    arn = request.account.arn(f"domain/{request.params['DomainId']}")
    row = request.find(arn)
    if row is None:
        raise invalid(f"Domain [{arn}] does not exist.")
    if row.body["Status"] != "InService":
        raise invalid(f"Domain [{arn}] is not in InService status.")
    return row


def rows_of_domain(request: OperationRequest, kind: str, **members: str) -> list[Row]:
    """Return the resources of a kind in the domain of a row or request that have these members."""
    return [
        one
        for one in request.rows_of(kind)
        if all(str(one.body.get(name, "")).lower() == value.lower() for name, value in members.items())
    ]


def held_by(row: Row, kind: str, what: str) -> ServiceError:
    """Return the refusal to delete a resource that contains others (the form is known of UserProfile, feedback#113)."""
    return ServiceError(
        "ResourceInUse", f"Unable to delete {kind} [{row.arn}] because {what}(s) are associated with it."
    )
