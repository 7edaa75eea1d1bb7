"""Elements of a list that are separate resources in other tools, such as scaling policies."""

from collections.abc import Mapping
from typing import Any

from controller.convert.foreign import ForeignResource, untranslated_part
from controller.convert.marks import Attribute, read_mark
from controller.convert.translate import element_shape
from controller.core.finding import Code, Finding
from controller.schema.contract import contract

Specs = Mapping[int, Mapping[str, Any]]


def join_children(
    found: Mapping[int, ForeignResource], specs: Specs
) -> tuple[dict[int, dict[str, Any]], list[Finding]]:
    """The specs of the resources, with their elements in them; an element without its resource is a finding.

    An element belongs to the resource with the same key, or to the one that a member of it refers to.
    """
    whole = {i: dict(specs[i]) for i, each in found.items() if not each.child}
    findings = []
    for i, each in found.items():
        if not each.child:
            continue
        parent = _parent(each, specs[i], found, whole)
        if parent is None:
            message = f"its {each.kind} is not in the files"
            findings.append(untranslated_part(Code.UNTRANSLATED_TYPE, message, each.document, each.path))
            continue
        element = {
            name: value
            for name, value in specs[i].items()
            if name in element_shape(each.kind, each.child).members
        }
        whole[parent][each.child] = [*whole[parent].get(each.child, ()), element]
    return whole, findings


def _parent(
    child: ForeignResource, spec: Mapping[str, Any], found: Mapping[int, ForeignResource], specs: Specs
) -> int | None:
    for value in child.body.values():
        meaning = read_mark(value) if isinstance(value, str) else None
        if isinstance(meaning, Attribute) and meaning.of in specs and found[meaning.of].kind == child.kind:
            return meaning.of
    key = contract(child.kind).kind.identity.key or ()
    return next(
        (
            i
            for i, each in specs.items()
            if found[i].kind == child.kind and all(each.get(name) == spec.get(name) for name in key)
        ),
        None,
    )
