"""Which texts may name a resource that no document stands for: a name in AWS, or an ARN of its kind."""

from controller.core.path import Path
from controller.kinds import Link
from controller.schema.contract import Contract, contract
from controller.schema.kind_names import kebab
from controller.schema.pattern import matches
from controller.schema.shape import Shape, at

_ARN_PARTS = 6  # arn:partition:service:region:account:resource (AWS General Reference, "ARN format")


def may_name(text: str, link: Link, of: Contract, path: Path) -> bool:
    """Whether a text in a linked field may name a resource of the link's kind.

    Args:
        text: without output references.
        link: what the field names.
        of: the kind of the document that the field stands in.
        path: the field, in AWS's words.

    """
    target = contract(link.to)
    if text.startswith("arn:"):
        return _is_arn_of(text, target)
    named = at(target.spec, (target.name_member,))
    return any(shape is not None and _fits(text, shape) for shape in (at(of.spec, path), named))


def _fits(text: str, shape: Shape) -> bool:
    low, high = shape.minimum or 1, shape.maximum or len(text)
    return low <= len(text) <= high and (not shape.pattern or matches(shape.pattern, text))


def _is_arn_of(text: str, target: Contract) -> bool:
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or not parts[1].startswith("aws") or any(map(str.isspace, text)):
        return False
    heads = {each.partition("/")[0] for each in target.kind.identity.arns or (f"{kebab(target.name)}/{{}}",)}
    head, slash, name = parts[5].partition("/")
    return parts[2] == "sagemaker" and head.casefold() in heads and bool(slash and name)
