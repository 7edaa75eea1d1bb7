"""Documents in the formats of other tools, from the recorded shapes, independent of the converters."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from controller.schema.contract import Contract, contract
from controller.schema.names import to_aws
from controller.schema.shape import Shape, shape

Json = dict[str, Any]
_PARTS = re.compile(r"[A-Z]\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_INITIALISMS = {
    "Arn": "ARN",
    "Id": "ID",
    "Ids": "IDs",
    "Url": "URL",
    "Uri": "URI",
    "Kms": "KMS",
    "Vpc": "VPC",
}


@dataclass(frozen=True)
class ToolFormat:
    """How a tool writes members, structures and scalars."""

    name: Callable[[str], str]
    structure: Callable[[Json], Any] = lambda members: members
    leaf: Callable[[Any], Any] = lambda value: value


def write(value: Any, of: Shape, how: ToolFormat) -> Any:
    """A value with AWS member names in the form that a tool writes."""
    if of.type == "structure" and isinstance(value, Mapping):
        inner = {how.name(name): write(each, shape(of.members[name]), how) for name, each in value.items()}
        return how.structure(inner)
    if of.type == "list" and isinstance(value, list):
        written = [write(each, shape(of.element), how) for each in value]
        return [
            each[0] if shape(of.element).type == "structure" and isinstance(each, list) else each
            for each in written
        ]
    if of.type == "map" and isinstance(value, Mapping):
        return {key: write(each, shape(of.value), how) for key, each in value.items()}
    return json.dumps(value) if isinstance(value, Mapping | list) else how.leaf(value)


def aws_spec(kind: str, spec: Json) -> Json:
    """The spec with AWS member names, without tags and without members that only this project has."""
    of = contract(kind)
    kept = of.settable - of.unsent_members
    return {name: each for name, each in to_aws(_literal(spec), of.spec).items() if name in kept}


def _literal(value: Any) -> Any:
    """Secrets as texts: other tools have no references to them."""
    if isinstance(value, Mapping):
        return (
            "canary-9921"
            if set(value) == {"valueFrom"}
            else {key: _literal(each) for key, each in value.items()}
        )
    return [_literal(each) for each in value] if isinstance(value, list) else value


def members(kind: str, spec: Json, how: ToolFormat) -> Json:
    """The members of a spec as a tool writes them."""
    of = contract(kind)
    return {
        how.name(name): write(value, shape(of.spec.members[name]), how)
        for name, value in aws_spec(kind, spec).items()
    }


def request(kind: str, spec: Json, tags: Mapping[str, str]) -> str:
    """The body of ``--cli-input-json``."""
    body = members(kind, spec, ToolFormat(str))
    return json.dumps({**body, **_pairs("Tags", "Key", "Value", kind, tags)})


def ack_object(kind: str, spec: Json, tags: Mapping[str, str]) -> str:
    """An object of ACK."""
    body = members(kind, spec, ToolFormat(_go_name))
    value = {
        "apiVersion": "sagemaker.services.k8s.aws/v1alpha1",
        "kind": kind,
        "metadata": {"name": "full"},
        "spec": {**body, **_pairs("tags", "key", "value", kind, tags)},
    }
    return json.dumps(value)


_TERRAFORM_TYPES = {
    "EndpointConfig": "aws_sagemaker_endpoint_configuration",
    "NotebookInstanceLifecycleConfig": "aws_sagemaker_notebook_instance_lifecycle_configuration",
    "ServicecatalogPortfolio": "aws_sagemaker_servicecatalog_portfolio_status",
    "ScalingTarget": "aws_appautoscaling_target",
}
# Arguments whose names in the provider differ from the API's (its documentation of each resource).
_TERRAFORM_NAMES = {
    ("AppImageConfig", "jupyter_lab_app_image_config"): "jupyter_lab_image_config",
    ("EndpointConfig", "kms_key_id"): "kms_key_arn",
    ("NotebookInstance", "security_group_ids"): "security_groups",
    ("NotebookInstance", "volume_size_in_gb"): "volume_size",
}
_SINGULAR = {"feature_definitions": "feature_definition", "containers": "container"}


def terraform_state(kind: str, spec: Json, tags: Mapping[str, str]) -> str:
    """A state with one resource: structures in lists of one, and arguments that were not given as null or empty."""
    body = members(
        kind, spec, ToolFormat(_snake, lambda inner: [{**inner, "never_given": "", "nor_this": []}])
    )
    named = {
        _SINGULAR.get(name, _TERRAFORM_NAMES.get((kind, name), name)): each for name, each in body.items()
    }
    if kind == "NotebookInstanceLifecycleConfig":  # the provider accepts the script alone
        named |= {name: named[name][0]["content"] for name in ("on_create", "on_start") if name in named}
    unset = {_snake(name): None for name in contract(kind).spec.members if _snake(name) not in body}
    values = {
        **unset,
        "id": "x-1",
        "timeouts": None,
        **named,
        **({"tags": {}, "tags_all": dict(tags)} if tags else {}),
    }
    resource = {
        "address": f"{terraform_type(kind)}.full",
        "mode": "managed",
        "type": terraform_type(kind),
        "name": "full",
        "values": values
        if contract(kind).taggable
        else {n: v for n, v in values.items() if not n.startswith("tags")},
        "sensitive_values": {},
    }
    return json.dumps({"format_version": "1.0", "values": {"root_module": {"resources": [resource]}}})


def template(kind: str, spec: Json, tags: Mapping[str, str]) -> str:
    """A template with one resource; numbers are strings, as in most templates."""
    body = members(kind, spec, ToolFormat(str, leaf=_as_text))
    if kind == "Pipeline":  # the template reference has both forms of a definition in one property
        body["PipelineDefinition"] = {
            name: body.pop(old)
            for old, name in (
                ("PipelineDefinition", "PipelineDefinitionBody"),
                ("PipelineDefinitionS3Location", "PipelineDefinitionS3Location"),
            )
            if old in body
        }
    resource = {"Type": _TYPES.get(kind, f"AWS::SageMaker::{kind}"), "Properties": {
        **body, **_pairs("Tags", "Key", "Value", kind, tags)}}  # fmt: skip
    return json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Full": resource}})


_TYPES = {"ScalingTarget": "AWS::ApplicationAutoScaling::ScalableTarget"}


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


def terraform_type(kind: str) -> str:
    """The provider's type of a kind."""
    return _TERRAFORM_TYPES.get(kind, f"aws_sagemaker_{_snake(kind)}")


def _snake(name: str) -> str:
    return "_".join(_PARTS.findall(name)).lower()


def _pairs(member: str, key: str, value: str, kind: str, tags: Mapping[str, str]) -> Json:
    return {member: [{key: k, value: v} for k, v in tags.items()]} if _contract_of(kind).taggable else {}


def _contract_of(kind: str) -> Contract:
    return contract(kind)


def _go_name(name: str) -> str:
    """A Go field in JSON as ACK's generator writes it: initialisms in capitals, the first word in lower case."""
    parts = [_INITIALISMS.get(word, word) for word in _PARTS.findall(name)]
    return "".join([parts[0].lower(), *parts[1:]])
