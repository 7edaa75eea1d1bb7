"""One document and what was seen of it become one step. No calls are made here."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from controller.core.path import Path, dotted, get
from controller.core.phase import Action, Phase
from controller.desired.document import Adopt, Mode, Replace
from controller.engine.case import Case
from controller.engine.claim import holder, protected, tag_changes
from controller.engine.diff import compared, diff, live_member, removals
from controller.engine.hidden import blind_spots, hidden_changes
from controller.engine.ownership import DIGEST, own_tags
from controller.engine.plan import Change, Step, Why
from controller.engine.world import Live
from controller.engine.writing import create_call, delete_call, tag_calls, update_call
from controller.service.names import camel_path


def decide(case: Case) -> Step:
    """What is to be done about one document."""
    step = _decide(case)
    mode = case.resource.policy.mode
    if mode is Mode.OFF:
        return replace(
            step, action=Action.NOOP, why=Why.OFF, calls=(), changes=(), detail="policy.mode is Off"
        )
    withheld = "policy.mode is Plan" if mode is Mode.PLAN and step.action.acts else ""
    return replace(step, withheld=withheld, notes=(*step.notes, *blind_spots(case)))


def _decide(case: Case) -> Step:
    live = case.live
    unable = _unable(case)
    if unable is not None:
        return unable
    if live is None:
        return _absent(case)
    if live.phase is Phase.DELETING:
        return _step(
            case, Action.WAIT, Why.IN_TRANSITION, "it is being deleted; it is made again when it is gone"
        )
    barred = _barred(case, live)
    if barred is not None:
        return barred
    if live.phase is Phase.CHANGING:
        then = diff(case.resolved, live.body, case.ignored)
        return _step(case, Action.WAIT, Why.IN_TRANSITION, f"AWS is at work: {live.status}", changes=then)
    return _present(case, live)


def _unable(case: Case) -> Step | None:
    """The step that says why nothing can be decided; None when all is known."""
    ref, world = case.resource.ref, case.world
    if ref in world.errors:
        return _step(case, Action.BLOCKED, Why.UNREADABLE, f"it can't be read: {world.errors[ref]}")
    if ref in world.missing_links:
        there = ", ".join(world.missing_links[ref])
        return _step(
            case, Action.BLOCKED, Why.LINK_MISSING, f"neither a document nor the account has {there}"
        )
    if case.missing_secrets:
        return _step(case, Action.BLOCKED, Why.SECRET_MISSING, "; ".join(case.missing_secrets))
    return None


def _step(case: Case, action: Action, why: Why, detail: str, **more: Any) -> Step:
    live, resolved = case.live, case.resolved
    given = {
        "name": live.name if live else resolved.name,
        "arn": live.arn if live else "",
        "after": resolved.spec,
        "tags_after": {} if resolved.numbered else dict(case.resource.tags),
        "before": _before(case) if live else None,
        "needs": frozenset(str(need) for need in case.resource.needs),
        "digest": resolved.digest or "",
        "phase": live.phase if live else Phase.ABSENT,
        "status": live.status if live else "",
        "modified": live.modified if live else "",
        "reason": live.reason if live else "",
        "secrets": case.resource.contract.secrets,
        "numbered": resolved.numbered,
        "gradual": bool(case.resource.contract.status_member),
    }
    return Step(
        id=str(case.resource.ref),
        ref=case.resource.ref,
        action=action,
        why=why,
        detail=detail,
        **(given | more),
    )


def _before(case: Case) -> dict[str, Any]:
    told = case.resource.contract
    body = case.live.body if case.live else {}
    shown = {name: live_member(name, body, told.kind) for name in sorted(compared(case.resolved.spec, told))}
    return {told.name_member: body.get(told.name_member), **shown}


def _absent(case: Case) -> Step:
    entry, resolved = case.entry, case.resolved
    olds = case.world.old.get(case.resource.ref, ())
    calls = (
        ()
        if resolved.digest is None or resolved.unknown
        else (create_call(resolved, case.owner, entry, _new_tags(case)),)
    )
    if olds and resolved.hashed:
        changes = diff(resolved, olds[-1].body, ())
        detail = f"{olds[-1].name} cannot be changed, so a new generation takes over"
        return _step(case, Action.SUCCEED, Why.IMMUTABLE, detail, calls=calls, changes=changes)
    gone = bool(entry.arn or entry.made) and not olds
    why, detail = (Why.GONE, "it was deleted outside") if gone else (Why.NEW, "")
    return _step(case, Action.CREATE, why, detail, calls=calls)


def _new_tags(case: Case) -> dict[str, str]:
    ours = own_tags(case.owner, case.resolved.digest or "", protect=case.resource.policy.protect)
    return {**case.resource.tags, **ours}


def _barred(case: Case, live: Live) -> Step | None:
    """The step that says why a live resource may not be touched; None when it is ours or may be adopted."""
    owner, policy = holder(case, live), case.resource.policy.adopt
    if owner == str(case.owner):
        return None
    if owner and policy is not Adopt.ALWAYS:
        detail = f"it belongs to {owner}; policy.adopt: Always would take it over"
        return _step(case, Action.BLOCKED, Why.OTHER_OWNER, detail)
    if not owner and policy is Adopt.NEVER:
        detail = "it exists and carries no owner tag of ours; policy.adopt: IfUnowned would take it over"
        return _step(case, Action.BLOCKED, Why.FOREIGN, detail)
    return None


def _present(case: Case, live: Live) -> Step:
    resolved = case.resolved
    changes = (*diff(resolved, live.body, case.ignored), *_removed(case, live), *hidden_changes(case))
    rolled = _rolled_back(case, live, changes)
    if rolled:
        return _step(case, Action.BLOCKED, Why.ROLLED_BACK, rolled, changes=changes)
    if live.phase is Phase.FAILED and (broken := _broken(case, live, changes)):
        return broken
    frozen = tuple(change for change in changes if change.forces)
    if resolved.unknown and changes:
        action = Action.SUCCEED if resolved.hashed else Action.UPDATE
        return _step(case, action, Why.UNKNOWN_INPUT, "it waits for its inputs", changes=changes)
    if frozen:
        return _frozen(case, live, changes, frozen)
    return _update(case, live, changes)


def _removed(case: Case, live: Live) -> tuple[Change, ...]:
    """Members that we once set and the spec dropped, where the service can lift them."""
    told = case.resource.contract
    gone = removals(case.entry.applied, case.resolved.spec, live.body, told)
    gone = tuple(path for path in gone if not any(path[: len(i)] == i for i in case.ignored))
    return tuple(
        Change(
            path,
            get({path[0]: live_member(str(path[0]), live.body, told.kind)}, path),
            None,
            forces=not _lifts(case, path),
        )
        for path in gone
        if _lifts(case, path) or str(path[0]) in told.frozen
    )


def _lifts(case: Case, path: Path) -> bool:
    told, name = case.resource.contract, str(path[0])
    if name in told.kind.deltas:
        return bool(told.kind.deltas[name].remove)
    return name in told.updatable and (len(path) > 1 or name in told.kind.cleared)


def _rolled_back(case: Case, live: Live, changes: tuple[Change, ...]) -> str:
    """Why an update that AWS accepted did not come to be; an empty text when none did fail."""
    mine = case.resolved.digest
    for attempt in (case.entry.attempt, case.entry.failed):
        if attempt is None or attempt.digest != mine or not mine or live.phase is not Phase.READY:
            continue
        finished = attempt is case.entry.failed or live.modified != attempt.modified
        fails_anew = attempt is case.entry.attempt and live.reason not in ("", attempt.reason)
        if finished and case.entry.arn and (changes or fails_anew):
            reason = live.reason or attempt.reason or "SageMaker gave no reason"
            return f"the update was rolled back and this digest is not tried again: {reason}"
    return ""


def _broken(case: Case, live: Live, changes: tuple[Change, ...]) -> Step | None:
    """A failed resource is stuck until its spec changes; then it is made anew, for it never came to life."""
    remembered = case.entry.failed or case.entry.attempt
    tried = remembered.digest if remembered else (live.tags or {}).get(DIGEST, "")
    reason = f"{live.status}: {live.reason or 'SageMaker gave no reason'}"
    if not tried or case.resolved.digest is None or case.resolved.digest.startswith(tried):
        return _step(case, Action.BLOCKED, Why.FAILED, reason, changes=changes)
    if live.status == "Failed" and not protected(case, live):
        calls = (delete_call(case.resource.contract, live.name, case.owner),)
        return _step(case, Action.REPLACE, Why.BROKEN, reason, changes=changes, calls=calls)
    return None


def _frozen(case: Case, live: Live, changes: tuple[Change, ...], frozen: tuple[Change, ...]) -> Step:
    told = case.resource.contract
    names = ", ".join(dict.fromkeys(dotted(camel_path(change.path, told.spec)) for change in frozen))
    if case.resolved.numbered and told.kind.found_by:
        calls = (create_call(case.resolved, case.owner, case.entry, {}),)
        detail = f"{names} cannot be changed, so a new version takes over and the old one stays"
        return _step(case, Action.SUCCEED, Why.IMMUTABLE, detail, changes=changes, calls=calls)
    if case.resource.policy.replace is Replace.FORBID:
        detail = f"{names} cannot be changed; policy.replace: Allow would delete and create it"
        return _step(case, Action.BLOCKED, Why.IMMUTABLE_FORBIDDEN, detail, changes=changes)
    if protected(case, live):
        return _step(case, Action.BLOCKED, Why.PROTECTED, "it carries the protection tag", changes=changes)
    created = create_call(case.resolved, case.owner, case.entry, _new_tags(case))
    both = (delete_call(told, live.name, case.owner), created)
    return _step(case, Action.REPLACE, Why.FROZEN, f"{names} cannot be changed", changes=changes, calls=both)


def _update(case: Case, live: Live, changes: tuple[Change, ...]) -> Step:
    adopted = holder(case, live) != str(case.owner)
    add, remove = tag_changes(case, live)
    tagging = tag_calls(live.arn, add, remove) if live.arn else ()
    links = _neighbours(case, live) if changes else ({}, {})
    call = update_call(case.resolved, live, changes, links, case.ignored)
    calls = (*tagging, call) if adopted and call else tagging if call is None else (call, *tagging)
    shown = (*changes, *_tag_lines(live, add, remove))
    if adopted:
        before = holder(case, live)
        detail = f"taken over from {before}" if before else "taken over: it carried no owner tag"
        return _step(case, Action.ADOPT, Why.ADOPTED, detail, calls=calls, changes=shown)
    if not calls:
        unresolved = "" if not changes else "SageMaker cannot lift what was removed"
        return _step(case, Action.NOOP, Why.IN_STEP, unresolved)
    drifted = case.entry.applied == case.resolved.spec and not tagging and not hidden_changes(case)
    why, detail = (Why.DRIFTED, "it was changed outside") if drifted else (Why.CHANGED, "")
    gradual = bool(call) and bool(case.resource.contract.status_member)
    return _step(case, Action.UPDATE, why, detail, calls=calls, changes=shown, gradual=gradual)


def _tag_lines(live: Live, add: Mapping[str, str], remove: list[str]) -> tuple[Change, ...]:
    tags = live.tags or {}
    lines = [Change(("Tags", key), tags.get(key), value) for key, value in sorted(add.items())]
    return (*lines, *(Change(("Tags", key), tags.get(key), None) for key in sorted(remove)))


def _neighbours(case: Case, live: Live) -> tuple[dict[str, Any], dict[str, Any]]:
    """By linked member: what it names now (live body), and what it is to name (wanted spec)."""
    now: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    for linked in case.resource.links:
        field = linked.link.field
        found = case.world.find(
            linked.link.to, str(live_member(field, live.body, case.resource.contract.kind))
        )
        now[field] = found.body if found else {}
        target = case.world.resolved.get(linked.target) if linked.target else None
        wanted[field] = target.spec if target else {}
    return now, wanted
