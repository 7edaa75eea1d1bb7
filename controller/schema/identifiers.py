"""Names and ARNs as identifiers of resources."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from controller.core.cloud import Identity
from controller.core.path import Path, get
from controller.kinds import Link
from controller.schema.contract import KEY_GAP, Contract, contract
from controller.schema.kind_names import kebab
from controller.schema.pattern import matches
from controller.schema.shape import Shape, member, shape, shape_at


def is_arn(text: str) -> bool:
    """Whether a text looks like an ARN."""
    return text.startswith("arn:")


def named_within(link: Link, text: str) -> str | None:
    """The name in a linked field's text; None if the text does not have the link's form."""
    if not link.within:
        return text
    form = re.escape(link.within).replace(re.escape("{}"), "([^/]+)").replace(re.escape("*"), "[^/]+")
    found = re.fullmatch(form, text)
    return found[1] if found else None


def part_within(link: Link, text: str) -> str:
    """The text for ``*`` in a linked field's text; empty if the link has no such placeholder."""
    form = re.escape(link.within).replace(re.escape("{}"), "[^/]+").replace(re.escape("*"), "([^/]+)")
    found = re.fullmatch(form, text)
    return found[1] if found and found.groups() else ""


def renamed_within(link: Link, text: str, name: str) -> str:
    """A linked field's text with another name in it."""
    if not link.within:
        return name
    start = link.within.index("{}")
    return f"{text[:start]}{name}{text[start + len(named_within(link, text) or '') :]}"


def arn_of(text: str, who: Identity) -> str:
    """The ARN that a text stands for: itself, or a tail such as ``pipeline/train/execution/abc``; else empty.

    No SageMaker name contains a slash.
    """
    if is_arn(text) or "/" not in text:
        return text if is_arn(text) else ""
    return f"arn:{who.partition}:sagemaker:{who.region}:{who.account}:{text}"


def tail(arn: str) -> str:
    """An ARN without the common prefix of the account's ARNs."""
    return arn.split(":", 5)[-1] if is_arn(arn) else arn


def describe_identifier(contract: Contract, text: str, who: Identity) -> str:
    """The identifier that Describe takes: an ARN if its key may be one, else the name; a written key unchanged."""
    if contract.kind.identity.key is not None:
        return KEY_GAP.join(arn_of(part, who) or part for part in text.split())
    arn, name = arn_of(text, who), contract.key_of(contract.describes)
    key = member(shape(contract.describes.input), name)
    if not arn or key is None:
        return text
    by_arn = matches(key.pattern, arn) if key.pattern else name.endswith("Arn")
    return arn if by_arn else arn.rsplit("/", 1)[-1]


_ARN_PARTS = 6  # arn:partition:service:region:account:resource (AWS General Reference, "ARN format")


def applicable_links(links: Iterable[Link], spec: Mapping[str, Any]) -> tuple[Link, ...]:
    """The links that apply in a spec or a live body, if another member determines the kind that a field names."""
    return tuple(
        link
        for link in links
        if not link.when[0] or get(spec, tuple(link.when[0].split("."))) == link.when[1]
    )


def may_name(text: str, link: Link, of: Contract, path: Path) -> bool:
    """Whether a text in a linked field may name a resource of the link's kind.

    Args:
        text: without output references.
        link: the link of the field.
        of: the kind of the field's document.
        path: the field, with AWS member names. The model's constraints apply if it holds only the name.

    """
    target = contract(link.to)
    if text.startswith("arn:"):
        return _is_arn_of(text, target)
    named, field = (
        shape_at(target.spec, (target.name_member,)),
        None if link.within else shape_at(of.spec, path),
    )
    return any(shape is not None and _has_valid_form(text, shape) for shape in (field, named))


def _has_valid_form(text: str, shape: Shape) -> bool:
    low, high = shape.minimum or 1, shape.maximum or len(text)
    return low <= len(text) <= high and (not shape.pattern or matches(shape.pattern, text))


def _is_arn_of(text: str, target: Contract) -> bool:
    parts = text.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS or not parts[1].startswith("aws") or any(map(str.isspace, text)):
        return False
    heads = {each.partition("/")[0] for each in target.kind.identity.arns or (f"{kebab(target.name)}/{{}}",)}
    head, slash, name = parts[5].partition("/")
    return parts[2] == "sagemaker" and head.casefold() in heads and bool(slash and name)
