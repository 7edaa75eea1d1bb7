"""States and plans of Terraform and OpenTofu, as ``terraform show -json`` prints them.

A state holds values; a plan holds what is known, and in its configuration which other resources an argument refers to.
Source: Terraform's documentation, "JSON Output Format": format_version 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from controller.convert.foreign import ForeignResource, Reading, kind_of_type, letters
from controller.convert.source import ForeignDocument, Sources
from controller.convert.terraform_references import Instance, configuration, fill_instance
from controller.core.finding import Code
from controller.core.path import Path, get
from controller.core.ref import quote_untrusted
from controller.kinds.other_tools import TERRAFORM

_PREFIX = "aws_sagemaker_"
_MAJOR = "1"
_SCALABLE = "sagemaker"
_NAMES = ("id", "arn", "name")


def read_terraform(sources: Sources) -> Reading:
    """The resources of the AWS provider's types, with marks for references whose values are not known."""
    out = Reading(findings=list(sources.findings))
    found: list[Instance] = []
    for document in sources.documents:
        found += _instances(document, out)
    kept = [(each, target) for each in found if (target := _target(each, out)) is not None]
    instances = [each for each, _ in kept]
    for each, (kind, child) in kept:
        values = fill_instance(each, kind, instances, out)
        out.resources.append(_resource(replace(each, values=values), kind, child))
    return out


def _instances(document: ForeignDocument, out: Reading) -> list[Instance]:
    value = document.value
    version = value.get("format_version") if isinstance(value, Mapping) else None
    if not isinstance(version, str) or version.partition(".")[0] != _MAJOR:
        message = f"expected the output of `terraform show -json` with a format_version of {_MAJOR}"
        out.note(Code.NOT_A_DOCUMENT, message, document, (), "run `terraform show -json FILE`")
        return []
    for path in (("planned_values", "root_module"), ("values", "root_module")):
        root = get(value, path)
        if isinstance(root, Mapping):
            written = configuration(value)
            out.variables |= {
                name: each for name, each in written.variables.items() if name not in written.sensitive
            }
            out.sensitive |= written.sensitive
            return [replace(each, written=written) for each in _modules(root, path, document)]
    return []


def _modules(module: Mapping[str, Any], path: Path, document: ForeignDocument) -> Iterator[Instance]:
    address = str(module.get("address") or "")
    for i, each in enumerate(_list(module, "resources")):
        if isinstance(each, Mapping) and each.get("mode") == "managed" and isinstance(each.get("type"), str):
            yield Instance(
                type=each["type"],
                name=str(each.get("name")),
                index=each.get("index"),
                module=address,
                values=_object(each, "values"),
                hidden=_object(each, "sensitive_values"),
                document=document,
                path=(*path, "resources", i, "values"),
            )
    for i, inner in enumerate(_list(module, "child_modules")):
        if isinstance(inner, Mapping):
            yield from _modules(inner, (*path, "child_modules", i), document)


def _object(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    inner = value.get(name)
    return inner if isinstance(inner, list) else []


def _target(each: Instance, out: Reading) -> tuple[str, str] | None:
    """The kind of a type, and the list that it is an element of; None if it is not SageMaker's, or has no kind."""
    if each.type in TERRAFORM.children or each.type in TERRAFORM.types:
        service = each.values.get("service_namespace")
        if service is not None and service != _SCALABLE:
            return None
        return TERRAFORM.children.get(each.type) or (TERRAFORM.types[each.type], "")
    if not each.type.startswith(_PREFIX):
        return None
    kind = kind_of_type(each.type.removeprefix(_PREFIX), TERRAFORM)
    if kind is None:
        out.note(
            Code.UNTRANSLATED_TYPE, f"{quote_untrusted(each.type)} is no kind here", each.document, each.path
        )
        return None
    return kind, ""


def _resource(each: Instance, kind: str, child: str) -> ForeignResource:
    values = dict(each.values)
    tags = values.pop("tags_all", None)
    names = tuple(
        text
        for name, text in values.items()
        if (name in _NAMES or letters(name) == f"{letters(kind)}id") and isinstance(text, str) and text
    )
    arn = values.get("arn")
    return ForeignResource(
        kind,
        each.label,
        {**values, **({"tags": tags} if tags else {})},
        each.document,
        each.path,
        child=child,
        arn=arn if isinstance(arn, str) else "",
        names=names,
    )
