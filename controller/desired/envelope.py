"""The envelope around a spec: who, and how to go about it. Strict, and an error never shows a value."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from controller.core.didyoumean import did_you_mean
from controller.core.finding import Code, Finding
from controller.core.path import Path
from controller.desired.document import Adopt, Deletion, Mode, Replace
from controller.desired.places import Places

GROUP = "sagemaker.gitops.dev"
API_VERSION = f"{GROUP}/v1alpha1"

# What Kubernetes adds to an object; a document that was read from a cluster is a document still.
_CLUSTER_METADATA = frozenset(
    {
        "annotations", "creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers",
        "generateName", "generation", "labels", "managedFields", "ownerReferences", "resourceVersion",
        "selfLink", "uid",
    }
)  # fmt: skip
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_NAMESPACE = re.compile(_LABEL)
_LONGEST_NAME = 253


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class Metadata(_Strict):
    """Who: names as Kubernetes takes them."""

    name: str
    namespace: str | None = None


class PolicyFields(_Strict):
    """How to go about it, as written."""

    deletion: Annotated[Deletion, Field(strict=False)] = Deletion.DELETE
    adopt: Annotated[Adopt, Field(strict=False)] = Adopt.NEVER
    replace: Annotated[Replace, Field(strict=False)] = Replace.FORBID
    protect: bool | None = None
    mode: Annotated[Mode, Field(strict=False)] = Mode.APPLY
    ignore: list[str] = Field(default_factory=list)
    generations: Annotated[int, Field(ge=0)] = 0


class Envelope(_Strict):
    """A document as written; ``spec`` is checked elsewhere."""

    api_version: Annotated[str, Field(alias="apiVersion")]
    kind: str
    metadata: Metadata
    spec: dict[str, Any]
    policy: PolicyFields = Field(default_factory=PolicyFields)


def read_envelope(value: Mapping[str, Any], places: Places) -> tuple[Envelope | None, tuple[Finding, ...]]:
    """The envelope of a document of ours, and what is wrong with it.

    Null members count as absent. ``status`` and what Kubernetes adds to ``metadata`` are ignored. An envelope
    with wrong or unknown parts is still given without them, as long as name and spec are there, so that the
    spec can be checked in the same run.
    """
    told = {
        key: _without_nulls(key, inner)
        for key, inner in value.items()
        if inner is not None and key != "status"
    }
    try:
        envelope = Envelope.model_validate(told)
    except ValidationError as error:
        findings = tuple(
            _finding(each, places) for each in error.errors(include_input=False, include_url=False)
        )
        return _least(told), findings
    return envelope, _names(envelope, places)


def _least(told: Mapping[str, Any]) -> Envelope | None:
    kept = {key: told[key] for key in ("apiVersion", "kind", "spec") if key in told}
    metadata = told.get("metadata")
    named = (
        {key: metadata[key] for key in ("name", "namespace") if key in metadata}
        if isinstance(metadata, dict)
        else {}
    )
    try:
        return Envelope.model_validate({**kept, "metadata": named})
    except ValidationError:
        return None


def _without_nulls(key: str, value: Any) -> Any:
    if key not in {"metadata", "policy"} or not isinstance(value, dict):
        return value
    ignored = _CLUSTER_METADATA if key == "metadata" else frozenset()
    return {name: inner for name, inner in value.items() if inner is not None and name not in ignored}


def _names(envelope: Envelope, places: Places) -> tuple[Finding, ...]:
    named = envelope.metadata
    out = []
    if len(named.name) > _LONGEST_NAME or not _NAME.fullmatch(named.name):
        parts = "each part starting and ending with a-z or 0-9"
        message = f"a name is 1 to {_LONGEST_NAME} of a-z, 0-9, '-' and '.', {parts}"
        out.append(_at(("metadata", "name"), message, places))
    if named.namespace is not None and not _NAMESPACE.fullmatch(named.namespace):
        message = "a namespace is 1 to 63 of a-z, 0-9 and '-', starting and ending with a-z or 0-9"
        out.append(_at(("metadata", "namespace"), message, places))
    return tuple(out)


def _at(path: Path, message: str, places: Places, hint: str = "") -> Finding:
    return Finding(Code.ENVELOPE, message, places.nearest(path), path, hint)


def _finding(error: Any, places: Places) -> Finding:
    path: Path = tuple(error["loc"])
    match error["type"]:
        case "missing":
            hint = "write 'spec: {}' if it needs nothing" if path == ("spec",) else ""
            return _at(path, "it is required", places, hint)
        case "extra_forbidden":
            return _at(
                path, "there is no such field", places, did_you_mean(str(path[-1]), _fields(path[:-1]))
            )
    message = (
        str(error["msg"]).replace("Input should be", "this should be").replace("valid dictionary", "mapping")
    )
    return _at(path, message, places)


@cache
def _fields(parent: Path) -> tuple[str, ...]:
    models: dict[Path, type[BaseModel]] = {(): Envelope, ("metadata",): Metadata, ("policy",): PolicyFields}
    model = models.get(parent, Envelope)
    return tuple(field.alias or name for name, field in model.model_fields.items())
