"""Construction of steps: a step from its decision's input, what blocks it, and its calls."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Call
from controller.core.digest import digest
from controller.core.path import expand
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.engine.adoption import holder, not_in_inventory, tag_changes, unowned_text
from controller.engine.compare import live_member
from controller.engine.contention import contended_owner
from controller.engine.decision_input import DecisionInput
from controller.engine.diff import comparable_members, diff
from controller.engine.lookup import works_over_time
from controller.engine.observed import Live, is_foreign_tag, own_tags
from controller.engine.plan import Change, Step
from controller.engine.provenance import is_held
from controller.engine.removed_members import change_text, removed_from_live
from controller.engine.requests import between_stop_and_start, create_calls, tag_calls, update_calls
from controller.engine.secret_references import hidden_changes
from controller.engine.stale_dependencies import outdated_links
from controller.manifests.document import Adopt
from controller.manifests.resolve import unknowns
from controller.schema.contract import Contract


def undecidable_step(case: DecisionInput) -> Step | None:
    """The blocked step of a document about which nothing can be decided; None if all is known."""
    ref, observed = case.resource.ref, case.observed
    if ref in observed.missing_links:  # first: without its parent the resource can't be read
        there = ", ".join(observed.missing_links[ref])
        return step_of(
            case, Action.BLOCKED, Reason.DEPENDENCY_MISSING, f"neither a document nor the account has {there}"
        )
    if ref in observed.errors:
        return step_of(case, Action.BLOCKED, Reason.UNREADABLE, f"it can't be read: {observed.errors[ref]}")
    if case.missing_secrets:
        return step_of(case, Action.BLOCKED, Reason.SECRET_MISSING, "; ".join(case.missing_secrets))
    return None


def step_of(case: DecisionInput, action: Action, why: Reason, detail: str, **more: Any) -> Step:
    """A step of the document; ``more`` are fields that differ from those of the case."""
    live, resolved = case.live, case.resolved
    given = {
        "name": live.name if live else resolved.name,
        "arn": live.arn if live else "",
        "after": resolved.spec,
        "tags_after": {} if resolved.has_marker else dict(case.resource.tags),
        "before": _body_before(case) if live else None,
        "needs": frozenset(str(need) for need in case.resource.needs),
        "digest": attempt_digest(case),
        "phase": live.phase if live else Phase.ABSENT,
        "status": live.status if live else "",
        "modified": live.modified if live else "",
        "reason": live.reason if live else "",
        "secrets": case.resource.contract.secrets,
        "numbered": resolved.has_assigned_identity,
        "gradual": works_over_time(case.resource.contract),
        "at_once": _at_once(more.get("calls", ()), case.resource.contract),
    }
    return Step(
        id=str(case.resource.ref),
        ref=case.resource.ref,
        action=action,
        why=why,
        detail=detail,
        **(given | more),
    )


def is_known(change: Change, case: DecisionInput) -> bool:
    """Whether a change does not depend on inputs that are not known yet; a list is known only as a whole."""
    value: Any = case.resolved.spec
    for part in change.path:
        if not isinstance(value, Mapping):
            break
        value = value.get(str(part))
    return not unknowns(value)


def awaited_step(step: Step) -> Step:
    """A step with inputs that are not known yet: a blocked step stays blocked, and any other waits for them."""
    if not step.action.acts:
        return step
    detail = f"{step.detail}; waiting for its inputs"
    return replace(step, why=Reason.DEPENDENCY_NOT_READY, detail=detail, calls=())


def _at_once(calls: tuple[Call, ...], contract: Contract) -> int | None:
    """How many calls are made in one pass: the service takes a Start or a Stop only after an update has ended."""
    state = contract.kind.lifecycle.desired_state
    if state is None:
        return None
    slow = {state.start, state.stop, contract.creates.name, contract.updates.name if contract.updates else ""}
    ends = [number for number, call in enumerate(calls, start=1) if call.operation in slow]
    return ends[0] if len(ends) > 1 else None


def transition_text(case: DecisionInput, live: Live) -> str:
    """The transition: the status, and the stages that Describe shows."""
    patterns = case.resource.contract.kind.lifecycle.progress
    stages = dict.fromkeys(
        str(value) for pattern in patterns for _, value in expand(live.body, pattern) if value
    )
    return f"status: {live.status}" + (f" ({', '.join(stages)})" if stages else "")


def attempt_digest(case: DecisionInput) -> str:
    """The identity of an attempt: the digest of the spec, and the text by which a person requests another one."""
    spec, retry = case.resolved.digest or "", case.resource.policy.retry
    return f"{spec}+{digest(retry)[:16]}" if spec and retry else spec


def _body_before(case: DecisionInput) -> dict[str, Any]:
    contract = case.resource.contract
    body = case.live.body if case.live else {}
    shown = {
        name: live_member(name, body, contract.kind)
        for name in sorted(comparable_members(case.resolved.spec, contract))
    }
    return {**{member: body.get(member) for member in sorted(contract.identity)}, **shown}


def new_tags(case: DecisionInput) -> dict[str, str]:
    """The tags of a new resource: those of the document, and ownership tags."""
    ours = own_tags(case.owner, case.resolved.digest or "", protect=case.resource.policy.protect)
    return {**case.resource.tags, **ours}


def creation_calls(case: DecisionInput) -> tuple[Call, ...]:
    """The calls that create it; none while an input is unknown."""
    if case.resolved.digest is None or case.resolved.unknown:
        return ()
    return create_calls(case.resolved, case.owner, case.entry, new_tags(case))


def blocked_by_owner(case: DecisionInput, live: Live) -> Step | None:
    """The blocked step of a live resource that may not be changed; None if it is ours or may be adopted."""
    owner, policy = holder(case, live), case.resource.policy.adopt
    if owner == str(case.owner):
        return None if policy is Adopt.ALWAYS or is_held(case.entry, live) else not_recorded(case)
    if case.resource.contract.kind.lifecycle.shared and not owner:
        return None
    if owner and policy is not Adopt.ALWAYS:
        detail = (
            f"it belongs to {owner}; give this document another name. policy.adopt: Always takes it away from"
            f" {owner}, which then can't manage it any more, so first take its document out there with"
            " policy.deletion: Retain"
        )
        return step_of(case, Action.BLOCKED, Reason.FOREIGN_OWNER, detail)
    if owner and (contended := contended_owner(case, owner)):
        return step_of(case, Action.BLOCKED, Reason.FOREIGN_OWNER, contended)
    if not owner and policy is Adopt.NEVER:
        return step_of(case, Action.BLOCKED, Reason.NOT_OWNED, unowned_text(case))
    return None


def not_recorded(case: DecisionInput) -> Step:
    """The blocked step of a resource with this document's ownership tag that the inventory never held."""
    return step_of(case, Action.BLOCKED, Reason.NOT_IN_INVENTORY, not_in_inventory(case.owner))


def changes_of(case: DecisionInput, live: Live) -> tuple[Change, ...]:
    """All changes: visible differences, outdated copies, dropped members, and those that only the inventory shows."""
    older = outdated_links(case.resolved, live, case.observed, case.entry)
    ignored = {path[:1] for path in case.ignored_paths}
    return (
        *diff(case.resolved, live.body, case.ignored_paths, _last_applied(case)),
        *(change for change in older if change.path not in ignored),
        *removed_from_live(case, live),
        *hidden_changes(case),
    )


def _last_applied(case: DecisionInput) -> Mapping[str, Any] | None:
    """The last applied spec; where AWS rolled it back, without the members that others may set."""
    entry, kind = case.entry, case.resource.contract.kind
    if entry.applied is None or entry.failed is None or entry.failed.digest != attempt_digest(case):
        return entry.applied
    return {**entry.applied, **dict.fromkeys(kind.compare.rewritten)}


def with_tag_changes(step: Step, case: DecisionInput, live: Live) -> Step:
    """A blocked step with the tag changes of a resource that we own, which are independent of the blocker."""
    if holder(case, live) != str(case.owner) or not live.arn:
        return step
    add, remove = tag_changes(case, live)
    shown = (*step.changes, *_tag_lines(live, add, remove))
    return replace(step, calls=tag_calls(live.arn, add, remove), changes=shown)


def update_step(case: DecisionInput, live: Live, changes: tuple[Change, ...]) -> Step:
    """The step that updates or adopts a live resource, or leaves it unchanged."""
    before = holder(case, live)
    adopted = before != str(case.owner) or not is_held(case.entry, live)
    add, remove = tag_changes(case, live)
    tagging = tag_calls(live.arn, add, remove) if live.arn else ()
    links = _linked_targets(case, live) if changes else ({}, {})
    changes = tuple(_marked_as_kept(change, case, live, links) for change in changes)
    stuck = tuple(change for change in changes if change.stays)
    sent = tuple(change for change in changes if not change.stays)
    updates = update_calls(case.resolved, live, sent, links, case.ignored_paths)
    updates = between_stop_and_start(updates, case.resolved, live, case.entry.attempt)
    first = adopted or _at_once(updates, case.resource.contract) is not None
    calls = (*tagging, *updates) if first else (*updates, *tagging)
    shown = (*changes, *_tag_lines(live, add, remove))
    if adopted and case.resource.contract.kind.lifecycle.shared and not calls:
        return step_of(case, Action.NOOP, Reason.READY, "")
    if adopted:
        detail = f"taken over from {before}" if before else "taken over: it carried no ownership tag"
        return step_of(case, Action.ADOPT, Reason.ADOPTION_ALLOWED, detail, calls=calls, changes=shown)
    if not calls and stuck:
        detail = change_text(stuck, case.resource.contract)
        return step_of(case, Action.NOOP, Reason.NOT_REMOVABLE, detail, changes=stuck)
    if not calls:
        return step_of(case, Action.NOOP, Reason.READY, "")
    begun = case.entry.attempt is not None and {change.path[0] for change in changes} == {
        case.resource.contract.state_member
    }
    begun |= bool(case.entry.attempt and case.entry.attempt.then)
    drifted = case.entry.applied == case.as_recorded and not (tagging or begun or hidden_changes(case))
    drifted &= live.phase is not Phase.FAILED
    why, detail = (Reason.LIVE_DIFFERS, "it was changed outside") if drifted else (Reason.SPEC_CHANGED, "")
    if older := outdated_links(case.resolved, live, case.observed, case.entry):
        detail = f"it still runs on {older[0].before}"
    gradual = bool(updates) and works_over_time(case.resource.contract)
    notes = (change_text(stuck, case.resource.contract),) if stuck else ()
    return step_of(case, Action.UPDATE, why, detail, calls=calls, changes=shown, gradual=gradual, notes=notes)


def update_again(case: DecisionInput, live: Live) -> tuple[Call, ...]:
    """The full update, to repeat a failed one whose changes Describe shows already."""
    contract, spec = case.resource.contract, case.resolved.spec
    others = {*contract.kind.write.deltas, *contract.kind.write.side_updates}
    taken = [
        each for each in sorted(contract.updatable - others) if each in spec and contract.update_name(each)
    ]
    whole = tuple(Change((member,), spec[member], spec[member]) for member in taken)
    calls = update_calls(case.resolved, live, whole, _linked_targets(case, live), case.ignored_paths)
    return between_stop_and_start(calls, case.resolved, live, case.entry.attempt)


def replaced_tags(case: DecisionInput, old: Live) -> tuple[Change, ...]:
    """The tags in which a new resource will differ from the one that it replaces; none if those are not known.

    The new one has only its document's, so also those go that others have added.
    """
    if not case.resolved.has_owner_tags or old.tags is None:
        return ()
    tags, desired = old.tags, case.resource.tags
    return tuple(
        Change(("Tags", key), tags.get(key), desired.get(key))
        for key in sorted({*tags, *desired})
        if tags.get(key) != desired.get(key) and not is_foreign_tag(key)
    )


def _tag_lines(live: Live, add: Mapping[str, str], remove: list[str]) -> tuple[Change, ...]:
    tags = live.tags or {}
    lines = [Change(("Tags", key), tags.get(key), value) for key, value in sorted(add.items())]
    return (*lines, *(Change(("Tags", key), tags.get(key), None) for key in sorted(remove)))


def _marked_as_kept(
    change: Change, case: DecisionInput, live: Live, links: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> Change:
    """The change; a removal that no call can make is marked as kept, so that it is reported."""
    if change.after is not None or change.stays:
        return change
    return replace(change, stays=not update_calls(case.resolved, live, (change,), links, case.ignored_paths))


def _linked_targets(case: DecisionInput, live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """By linked member: its current target (live body), and the desired one (desired spec)."""
    now: dict[str, Any] = {}
    desired: dict[str, Any] = {}
    for linked in case.resource.links:
        field = linked.link.field
        found = case.observed.find(
            linked.link.to, str(live_member(field, live.body, case.resource.contract.kind))
        )
        now[field] = found.body if found else {}
        target = case.observed.resolved.get(linked.target) if linked.target else None
        desired[field] = target.spec if target else {}
    return now, desired
