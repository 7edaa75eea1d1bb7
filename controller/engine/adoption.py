"""Which live resource belongs to a document, who owns it, and the ownership tags.

A document without a fixed AWS name makes generations called ``<name>-<hash>``. There are two exceptions, in which the
resource keeps another name until the spec changes: the document adopted it by ``policy.arn``, or its fixed AWS name was
removed. The inventory records the name and the spec that was last applied, so that no second resource is created.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Identity
from controller.core.finding import Remedy
from controller.core.path import Path, expand
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import diff
from controller.engine.ignored_members import ignored_paths, ignores_tag
from controller.engine.lookup import carries_tags
from controller.engine.observed import (
    PROTECT,
    Live,
    Owner,
    digest_tag,
    is_foreign_tag,
    is_protected,
    own_tags,
    owner_of,
)
from controller.engine.provenance import may_change, owner_shown, untrusted_reason
from controller.engine.removed_members import removals
from controller.engine.sensitive import recorded_spec
from controller.inventory.model import UNPROVED, Entry
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract


def claimed_name(resolved: Resolved, entry: Entry, identity: Identity) -> str:
    """The AWS name of the resource that ``policy.arn`` names, while it may belong to the document; else empty.

    An ARN of another account or region is ignored, so that documents can be applied to several accounts.
    """
    parts = resolved.resource.policy.arn.split(":", 5)
    if not resolved.has_hashed_name or resolved.unknown or parts[3:5] != [identity.region, identity.account]:
        return ""
    name = parts[-1].partition("/")[2]
    applied_name = entry.name if entry.applied is None else _applied_name(resolved, entry)
    return name if name != resolved.name and (not entry.was_made or applied_name == name) else ""


def named_by_policy(resolved: Resolved, entry: Entry, live: Live, key: str) -> Resolved:
    """The desired resource under the name of the one that ``policy.arn`` names.

    If we own that one already and it differs, a new generation replaces it. If it is yet to be adopted, the difference
    is shown to the user instead.
    """
    if entry.was_made and _differs(resolved, entry, live, key):
        return resolved
    return _with_name(resolved, live.name)


def not_found_note(case: DecisionInput) -> str:
    """The note of a creation, where the resource that ``policy.arn`` names for adoption does not exist."""
    arn = case.resource.policy.arn
    if not arn or case.entry.was_made:
        return ""
    return f"policy.arn names {arn}, which is not in this account and Region; a new resource is created"


def _applied_name(resolved: Resolved, entry: Entry) -> str:
    return str((entry.applied or {}).get(resolved.resource.contract.name_member, ""))


def _differs(resolved: Resolved, entry: Entry, live: Live, key: str) -> bool:
    contract = resolved.resource.contract
    ignored = ignored_paths(resolved.resource)
    desired = recorded_spec(resolved.spec, resolved.resource, key)
    if entry.applied is not None and _undescribed_members(entry.applied, contract) != _undescribed_members(
        desired, contract
    ):
        return True
    changes = (*diff(resolved, live.body, ignored), *removals(entry, resolved, live, ignored, key))
    return any(change.forces for change in changes)


def _undescribed_members(spec: Mapping[str, Any], contract: Contract) -> list[tuple[Path, Any]]:
    """The members that Describe never shows, except secrets, which are compared by their digests."""
    return [
        each
        for pattern in contract.unreadable
        if pattern not in contract.secrets
        for each in expand(spec, pattern)
    ]


def _with_name(resolved: Resolved, name: str) -> Resolved:
    return replace(resolved, name=name, spec={**resolved.spec, resolved.resource.contract.name_member: name})


def holder(case: DecisionInput, live: Live) -> str:
    """The owner of a live resource: by its tags, or by the inventory where the service shows no tags."""
    contract = case.resource.contract
    shown = owner_shown(contract, live)
    if shown is not None:
        return shown
    if carries_tags(contract, live.body):
        # Tags are unread only while AWS is changing the resource, and we change nothing before that has ended.
        ours = case.entry.arn == live.arn != "" and case.entry.instance != UNPROVED
        return str(case.owner) if live.phase is Phase.CHANGING and ours else ""
    return str(case.owner) if may_change(contract, case.entry, live) and not _is_foreign(case, live) else ""


def _is_foreign(case: DecisionInput, live: Live) -> bool:
    """Whether a resource without an owner, after a creation with unknown outcome, differs from the request.

    If the document was edited between the two attempts, the request is no longer known.
    """
    attempt, entry = case.entry.attempt, case.entry
    if attempt is None or entry.was_made or attempt.sent != (digest_tag(case.resolved.digest or ""),):
        return False
    return any(diff(case.resolved, live.body, case.ignored_paths))


def unowned_text(case: DecisionInput) -> str:
    """Why a resource without an owner is left alone, and what to do."""
    contract = case.resource.contract
    takes = "policy.adopt: IfUnowned takes it over: it is then changed to what the document says, and deleted with it"
    if case.entry.instance == UNPROVED and not case.resolved.has_owner_tags:
        return f"{untrusted_reason(contract)}; check that it is yours, then {takes}"
    former = _former_document(case)
    if former is not None:
        return f"it was made for {former}, which has no document any more; if this is the same one renamed, {takes}"
    return (
        "it exists without an ownership tag, so it may be managed elsewhere; give this document another name,"
        f" or, where it is not, {takes}"
    )


def _former_document(case: DecisionInput) -> Ref | None:
    """The removed document of this set to which the live resource belonged."""
    name = case.live.name if case.live else ""
    return next(
        (
            ref
            for ref, live_resources in sorted(case.observed.orphans.items())
            if ref.kind == case.resource.ref.kind and any(each.name == name for each in live_resources)
        ),
        None,
    )


def not_in_inventory(owner: Owner) -> str:
    """Why a resource with our own ownership tag is left alone, and what to do."""
    return (
        f"its ownership tag names this document, but the inventory does not hold it; if the inventory was lost, "
        f"{Remedy.REBUILD.of(owner.set)} reads it back; if policy.deletion: Retain kept it in AWS,"
        f" policy.adopt: Always takes it back, and takes it away from another set that holds it by now; "
        f"if another cluster or CI job made it, give each its own {Remedy.SET}"
    )


def may_not_be_deleted(case: DecisionInput, live: Live) -> bool:
    """Whether it may not be deleted: by the live tag, or by the document."""
    return is_protected(live.tags or {}) or bool(case.resource.policy.protect)


def tag_changes(case: DecisionInput, live: Live) -> tuple[dict[str, str], list[str]]:
    """Tags to add or change, and keys to remove; foreign tags and ignored ones are left alone."""
    if not case.resolved.has_owner_tags or live.tags is None:
        return {}, []
    desired = dict(case.resource.tags)
    if owner_of(live.tags) != str(case.owner):
        desired |= own_tags(case.owner, case.resolved.digest or "", protect=None)
    protect = case.resource.policy.protect
    if protect:
        desired[PROTECT] = "true"
    add = {
        key: value
        for key, value in desired.items()
        if live.tags.get(key) != value and not ignores_tag(case.resource, key)
    }
    remove = [
        key
        for key in case.entry.tags
        if key not in desired
        and key in live.tags
        and not is_foreign_tag(key)
        and not ignores_tag(case.resource, key)
    ]
    if protect is False and PROTECT in live.tags:
        remove.append(PROTECT)
    return add, remove
