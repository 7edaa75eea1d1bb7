"""Whose a live resource is, and the tags that say so."""

from controller.core.advice import Ask
from controller.core.phase import Phase
from controller.engine.decision_input import Case
from controller.engine.ignored_members import ignores_tag
from controller.engine.lookup import carries_tags
from controller.engine.observed import Live
from controller.engine.ownership import PROTECT, Owner, foreign, is_protected, own_tags, owner_of
from controller.engine.provenance import may_change, owner_shown, untrusted
from controller.inventory.model import UNPROVED


def holder(case: Case, live: Live) -> str:
    """Who owns a live resource; the inventory's word counts only where the service shows no tags."""
    contract = case.resource.contract
    shown = owner_shown(contract, live)
    if shown is not None:
        return shown
    if carries_tags(
        contract, live.body
    ):  # only of what AWS is at work on, and nothing is changed before that has ended
        ours = case.entry.arn == live.arn != "" and case.entry.instance != UNPROVED
        return str(case.owner) if live.phase is Phase.CHANGING and ours else ""
    return str(case.owner) if may_change(contract, case.entry, live) else ""


def unowned(case: Case) -> str:
    """Why a resource that shows no owner is left alone, and what to do."""
    contract = case.resource.contract
    takes = "policy.adopt: IfUnowned takes it over: it is then changed to what the document says, and deleted with it"
    if case.entry.instance == UNPROVED and not case.resolved.tagged:
        return f"{untrusted(contract)}; check that it is yours, then {takes}"
    return (
        "it exists without an ownership tag, so it may be managed elsewhere; give this document another name,"
        f" or, where it is not, {takes}"
    )


def not_held(owner: Owner) -> str:
    """Why a resource with our own ownership tag is left alone, and the two ways to go on."""
    return (
        f"its ownership tag names this document, but the inventory does not hold it; if the inventory was lost, "
        f"{Ask.REBUILD.of(owner.set)} reads it back; "
        f"if another cluster or CI job made it, give each its own {Ask.SET}"
    )


def protected(case: Case, live: Live) -> bool:
    """Whether it may not be deleted: by the live tag, or by the document."""
    return is_protected(live.tags or {}) or bool(case.resource.policy.protect)


def tag_changes(case: Case, live: Live) -> tuple[dict[str, str], list[str]]:
    """Tags to add or change, and keys to take off; those of others, and what is ignored, are left alone."""
    if not case.resolved.tagged or live.tags is None:
        return {}, []
    wanted = dict(case.resource.tags)
    if owner_of(live.tags) != str(case.owner):
        wanted |= own_tags(case.owner, case.resolved.digest or "", protect=None)
    protect = case.resource.policy.protect
    if protect:
        wanted[PROTECT] = "true"
    add = {
        key: value
        for key, value in wanted.items()
        if live.tags.get(key) != value and not ignores_tag(case.resource, key)
    }
    remove = [
        key
        for key in case.entry.tags
        if key not in wanted and key in live.tags and not foreign(key) and not ignores_tag(case.resource, key)
    ]
    if protect is False and PROTECT in live.tags:
        remove.append(PROTECT)
    return add, remove
