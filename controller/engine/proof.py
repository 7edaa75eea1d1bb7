"""Proofs before a deletion, read from the account at the last moment."""

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.path import expand
from controller.engine.lookup import describe, pages, tags_of
from controller.engine.ownership import owner_of
from controller.engine.plan import Step
from controller.kinds import KINDS
from controller.service.contract import contract


def still_in_use(cloud: Cloud, step: Step) -> str:
    """Who uses the resource that the step would delete, ours or not; an empty text proves that nobody does.

    Every resource of every kind that can name it is read: List does not show what an endpoint runs on, and
    a search index may lag. A resource that can't be read is taken to be a user.

    Raises:
        CloudError: a List page was refused, so nothing is proved.

    """
    for kind in step.proofs:
        told = contract(kind)
        for page in pages(cloud, told):
            for summary in page:
                name = str(summary.get(told.name_member) or summary.get(told.arn_member))
                if _uses(cloud, kind, name, step):
                    return f"{kind} '{name}' is still on it"
    return ""


def _uses(cloud: Cloud, kind: str, name: str, step: Step) -> bool:
    live = describe(cloud, contract(kind), name)
    if live is None:
        return False
    fields = [
        member
        for link in KINDS[kind].links
        if link.to == step.ref.kind
        for member in (link.field, *link.held)
    ]
    names = {str(step.name).casefold(), step.arn.casefold()}
    return any(str(value).casefold() in names for field in fields for _, value in expand(live.body, field))


def no_longer_ours(cloud: Cloud, step: Step, owner: str) -> str:
    """Why the live resource is not ours to delete after all, read by ListTags and not from the index."""
    told = contract(step.ref.kind)
    numbered = told.kind.found_by is not None and told.kind.found_by.when in (step.before or {})
    if not told.taggable or not step.arn or numbered:
        return ""
    try:
        tags = tags_of(cloud, step.arn)
    except CloudError as error:
        return "" if error.fault is Fault.MISSING else f"its tags can't be read: {error.message}"
    if tags is None or owner_of(tags) == owner:
        return ""
    return f"its owner tag names {owner_of(tags) or 'nobody'}"
