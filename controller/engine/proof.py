"""Proofs before a deletion, read from the account at the last moment."""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.core.cloud import Call, Cloud
from controller.core.path import expand
from controller.core.phase import Action, Phase
from controller.engine.lookup import carries_tags, describe, every_page, meaning, pages, tags_of, tied
from controller.engine.ownership import is_protected, owner_of
from controller.engine.plan import Step
from controller.kinds import KINDS, Gate
from controller.service.contract import Contract, contract, must
from controller.service.shape import shape


def still_in_use(cloud: Cloud, step: Step) -> str:
    """Who uses the resource that the step would delete, ours or not; an empty text proves that nobody does.

    Every resource of every kind that can name it is read: List does not show what an endpoint runs on, and
    a search index may lag. A resource that can't be read is taken to be a user.

    Raises:
        CloudError: a List page was refused, so nothing is proved.

    """
    for kind in step.proofs:
        told = contract(kind)
        for page in _candidates(cloud, told):
            for summary in page:
                name = str(summary.get(told.name_member) or summary.get(told.arn_member))
                if _uses(cloud, kind, name, step):
                    return f"{kind} '{name}' is still on it"
    return ""


def _candidates(cloud: Cloud, told: Contract) -> Iterator[list[Any]]:
    """The resources of a kind that may be users; of runs only those that go on, for an ended one uses nothing."""
    filters = shape(told.lists.input).members if told.lists else {}
    if not told.kind.runs or "StatusEquals" not in filters:
        return pages(cloud, told)
    words = [word for word in shape(filters["StatusEquals"]).enum if meaning(told, word) is Phase.CHANGING]
    return (page for word in words for page in pages(cloud, told, {"StatusEquals": word}))


def _uses(cloud: Cloud, kind: str, name: str, step: Step) -> bool:
    live = describe(cloud, contract(kind), name)
    if live is None:
        return True  # List shows it: one that does not find it proves nothing
    fields = [
        member
        for link in KINDS[kind].links
        if link.to == step.ref.kind
        for member in (link.field, *link.held)
    ]
    names = {str(step.name).casefold(), step.arn.casefold()}
    return any(str(value).casefold() in names for field in fields for _, value in expand(live.body, field))


def stands_on(cloud: Cloud, step: Step) -> str:
    """What must be gone before the step may delete its resource, ours or not; an empty text when nothing is left.

    Raises:
        CloudError: a List page was refused, so nothing is proved.

    """
    for gate in KINDS[step.ref.kind].gates:
        lists = must(gate.lists)
        mine = step.arn if gate.by.endswith("Arn") else str(step.name)
        narrows = gate.by in shape(lists.input).members
        for page in every_page(cloud, lists, {gate.by: mine} if narrows else {}):
            for each in page:
                if (narrows or not gate.by or each.get(gate.by) == mine) and _counts(gate, each):
                    return f"'{_called(each)}' ({gate.lists}) must go first"
    return ""


def _counts(gate: Gate, element: Mapping[str, Any]) -> bool:
    words = {value for name, value in element.items() if name.endswith("Status")}
    return not gate.states or bool(words & gate.states)


def _called(element: Mapping[str, Any]) -> str:
    """What a List's element is called: the first name or ARN in it."""
    return next(
        (str(value) for name, value in element.items() if name.endswith(("Name", "Arn"))), "something"
    )


def cuts(cloud: Cloud, step: Step) -> tuple[Call, ...]:
    """The calls that take a resource out of all that it is a member of, before it is deleted."""
    told = contract(step.ref.kind)
    return tuple(
        Call(tie.remove, {told.name_member: step.name, tie.named: other})
        for tie in told.kind.ties
        for other in tied(cloud, told, tie, str(step.name))
    )


def no_longer_ours(cloud: Cloud, step: Step, owner: str) -> str:
    """Why the live resource may not be deleted after all, read by ListTags and not from the index.

    What is replaced may carry the owner that the plan showed as well: policy.adopt takes it over.

    Raises:
        CloudError: its tags can't be read; that it can't be found is no proof of anything either.

    """
    if not carries_tags(contract(step.ref.kind), step.before or {}):
        return ""
    tags = tags_of(cloud, step.arn)
    if is_protected(tags):
        return "it carries the protection tag"
    seen = step.seen.tags if step.action is Action.REPLACE and step.seen else None
    if owner_of(tags) in {owner, owner if seen is None else owner_of(seen)}:
        return ""
    return f"its owner tag names {owner_of(tags) or 'nobody'}"
