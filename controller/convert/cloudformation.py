"""Templates of CloudFormation, in JSON or YAML.

Source: CloudFormation User Guide, template reference: sections, resource attributes and intrinsic functions.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.convert.foreign import ForeignResource, Reading, kind_of_type
from controller.convert.intrinsics import FUNCTIONS, OMITTED, Template
from controller.convert.source import ForeignDocument, Sources
from controller.core.finding import Code
from controller.core.path import Path
from controller.core.ref import quote_untrusted
from controller.kinds.other_tools import CLOUDFORMATION
from controller.manifests.document import Deletion

# Tags of YAML, by the key of the same function in JSON.
_CONDITIONS = ("Condition", "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals")
# Features that need a deployed stack: they are reported by name.
_OF_STACKS = ("Fn::Cidr", "Fn::GetAZs", "Fn::Length", "Fn::Transform")
TAGS: Mapping[str, str] = {
    f"!{name.removeprefix('Fn::')}": name for name in (*FUNCTIONS, *_CONDITIONS, *_OF_STACKS)
}
_SAGEMAKER = "AWS::SageMaker::"
_RETAINED = ("Retain", "RetainExceptOnCreate")
_SERVICE = "sagemaker"


def read_templates(sources: Sources, given: Mapping[str, Any]) -> Reading:
    """The resources of the templates, with variables for their parameters.

    Args:
        sources: the files.
        given: values of parameters, by the variable's name; they take precedence over defaults.

    """
    out = Reading(findings=list(sources.findings))
    for document in sources.documents:
        resources = document.value.get("Resources") if isinstance(document.value, Mapping) else None
        if not isinstance(resources, Mapping):
            out.note(Code.NOT_A_DOCUMENT, "expected a template with Resources", document, ())
            continue
        template = Template(document, document.value, given, out)
        _sections(document, document.value, out)
        kept = list(_resources_to_convert(document, resources, template, out))
        start = len(out.resources)
        template.numbers.update({name: start + i for i, (name, _, _) in enumerate(kept)})
        out.resources += [_resource(template, *each) for each in kept]
    return out


def _sections(document: ForeignDocument, template: Mapping[str, Any], out: Reading) -> None:
    if "Transform" in template:
        message = "a transform rewrites the template before it is deployed: convert what it makes"
        hint = "`aws cloudformation get-template --template-stage Processed`"
        out.note(Code.UNTRANSLATED_VALUE, message, document, ("Transform",), hint)


def _resources_to_convert(
    document: ForeignDocument, resources: Mapping[str, Any], template: Template, out: Reading
) -> Iterator[tuple[str, str, str]]:
    """Yields logical ID, kind, and list of the resources that get a document or are part of one."""
    for name, value in resources.items():
        path = ("Resources", name)
        if not isinstance(value, Mapping) or not isinstance(value.get("Type"), str):
            out.note(Code.UNTRANSLATED_VALUE, "expected a resource with a Type", document, path)
            continue
        target = _target(value["Type"], value.get("Properties"))
        if target is None:
            if value["Type"].startswith(_SAGEMAKER):
                out.note(
                    Code.UNTRANSLATED_TYPE,
                    f"{quote_untrusted(value['Type'])} is no kind here",
                    document,
                    path,
                )
            continue
        condition = value.get("Condition")
        if isinstance(condition, str) and not template.holds(condition, (*path, "Condition")):
            continue
        yield name, *target


def _target(name: str, properties: Any) -> tuple[str, str] | None:
    """The kind of a type, and the list that it is an element of; None if it has no kind, or scales something else."""
    if name in CLOUDFORMATION.types or name in CLOUDFORMATION.children:
        service = properties.get("ServiceNamespace", _SERVICE) if isinstance(properties, Mapping) else None
        if service != _SERVICE:
            return None
        return CLOUDFORMATION.children.get(name) or (CLOUDFORMATION.types[name], "")
    kind = (
        kind_of_type(name.removeprefix(_SAGEMAKER), CLOUDFORMATION) if name.startswith(_SAGEMAKER) else None
    )
    return (kind, "") if kind else None


def _resource(template: Template, name: str, kind: str, child: str) -> ForeignResource:
    value = template.section("Resources")[name]
    path: Path = ("Resources", name, "Properties")
    body = template.value(value.get("Properties"), path)
    retained = value.get("DeletionPolicy") in _RETAINED
    return ForeignResource(
        kind,
        name,
        body if isinstance(body, Mapping) and body is not OMITTED else {},
        template.document,
        path,
        child=child,
        policy={"deletion": Deletion.RETAIN.value} if retained else {},
    )
