"""Whose a live resource is, and the tags that say so."""

from controller.core.phase import Phase
from controller.engine.case import Case
from controller.engine.ownership import (
    OWNER,
    PROTECT,
    REBUILD,
    Owner,
    foreign,
    is_protected,
    own_tags,
    owner_of,
)
from controller.engine.world import Live


def holder(case: Case, live: Live) -> str:
    """Who owns a live resource; the inventory's word counts only where the service shows no tags."""
    found_by = case.resource.contract.kind.found_by
    if not case.resource.contract.taggable:
        remembered = case.entry.applied is not None or case.entry.attempt is not None
        return str(case.owner) if remembered and case.entry.name == live.name else ""
    if case.resolved.marked and found_by:
        marked = live.body.get(found_by.marker, {}).get(OWNER, "")
        return str(case.owner) if not marked and case.entry.name == live.name else str(marked)
    if live.tags is None:  # only of what AWS is at work on, and nothing is changed before that has ended
        return str(case.owner) if live.phase is Phase.CHANGING and case.entry.arn == live.arn != "" else ""
    return owner_of(live.tags)


def not_held(owner: Owner) -> str:
    """Why a resource with our own owner tag is left alone, and the two ways to go on."""
    return (
        f"its owner tag names this document, but the inventory does not hold it; if the inventory was lost, "
        f"`sagectl inventory rebuild` reads it back (in Kubernetes the annotation {REBUILD}={owner.set}); "
        f"if another cluster or CI job made it, give each its own --set"
    )


def protected(case: Case, live: Live) -> bool:
    """Whether it may not be deleted: by the live tag, or by the document."""
    return is_protected(live.tags or {}) or bool(case.resource.policy.protect)


def tag_changes(case: Case, live: Live) -> tuple[dict[str, str], list[str]]:
    """Tags to add or change, and keys to take off; those of others are left alone."""
    if not case.resolved.tagged or live.tags is None:
        return {}, []
    wanted = dict(case.resource.tags)
    if owner_of(live.tags) != str(case.owner):
        wanted |= own_tags(case.owner, case.resolved.digest or "", protect=None)
    protect = case.resource.policy.protect
    if protect:
        wanted[PROTECT] = "true"
    add = {key: value for key, value in wanted.items() if live.tags.get(key) != value}
    remove = [key for key in case.entry.tags if key not in wanted and key in live.tags and not foreign(key)]
    if protect is False and PROTECT in live.tags:
        remove.append(PROTECT)
    return add, remove
