"""One document and what was seen of it become one step. No calls are made here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.digest import keyed
from controller.core.path import Path, dotted, expand, get
from controller.core.phase import Action, Phase
from controller.desired.bundle import Resource
from controller.desired.document import Adopt, Mode, Replace
from controller.desired.resolve import Resolved
from controller.engine.diff import compared, diff, live_member, removals
from controller.engine.inventory import Entry
from controller.engine.ownership import DIGEST, OWNER, PROTECT, Owner, foreign, own_tags, owner_of
from controller.engine.plan import Change, Step, Why
from controller.engine.world import Live, World
from controller.engine.writing import create_call, delete_call, tag_calls, update_call
from controller.service.names import aws_path, camel_path


@dataclass(frozen=True)
class Case:
    """All that a decision looks at."""

    resolved: Resolved
    live: Live | None
    entry: Entry
    owner: Owner
    world: World
    secrets: Mapping[str, str]  # keyed digests by member, of the secrets as they are now
    missing_secrets: tuple[str, ...] = ()

    @property
    def resource(self) -> Resource:
        """The document as compiled."""
        return self.resolved.resource

    @property
    def ignored(self) -> tuple[Path, ...]:
        """``policy.ignore`` in AWS's words."""
        return tuple(aws_path(path, self.resource.contract.spec) for path in self.resource.policy.ignore)


def decide(case: Case) -> Step:
    """What is to be done about one document."""
    step = _decide(case)
    mode = case.resource.policy.mode
    if mode is Mode.OFF:
        return replace(step, action=Action.NOOP, why=Why.OFF, calls=(), changes=(), detail="policy.mode is Off")
    withheld = "policy.mode is Plan" if mode is Mode.PLAN and step.action.acts else ""
    return replace(step, withheld=withheld, notes=(*step.notes, *_blind_spots(case)))


def _decide(case: Case) -> Step:
    live = case.live
    error = case.world.errors.get(case.resource.ref)
    if error is not None:
        return _step(case, Action.BLOCKED, Why.UNREADABLE, f"it can't be read: {error}")
    missing = case.world.missing_links.get(case.resource.ref)
    if missing:
        there = ", ".join(missing)
        return _step(case, Action.BLOCKED, Why.LINK_MISSING, f"neither a document nor the account has {there}")
    if case.missing_secrets:
        return _step(case, Action.BLOCKED, Why.SECRET_MISSING, "; ".join(case.missing_secrets))
    if live is None:
        return _absent(case)
    if live.phase is Phase.DELETING:
        return _step(case, Action.WAIT, Why.IN_TRANSITION, "it is being deleted; it is made again when it is gone")
    barred = _barred(case, live)
    if barred is not None:
        return barred
    if live.phase is Phase.CHANGING:
        return _step(case, Action.WAIT, Why.IN_TRANSITION, f"AWS is at work: {live.status}")
    return _present(case, live)


def _step(case: Case, action: Action, why: Why, detail: str, **more: Any) -> Step:
    live, resolved = case.live, case.resolved
    given = {
        "name": live.name if live else resolved.name,
        "arn": live.arn if live else "",
        "after": resolved.spec,
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
    return Step(id=str(case.resource.ref), ref=case.resource.ref, action=action, why=why, detail=detail, **(given | more))


def _before(case: Case) -> dict[str, Any]:
    told = case.resource.contract
    body = case.live.body if case.live else {}
    shown = {name: live_member(name, body, told.kind) for name in sorted(compared(case.resolved.spec, told))}
    return {told.name_member: body.get(told.name_member), **shown}


def _absent(case: Case) -> Step:
    entry, resolved = case.entry, case.resolved
    olds = case.world.old.get(case.resource.ref, ())
    calls = () if resolved.digest is None or resolved.unknown else (create_call(resolved, case.owner, entry, _new_tags(case)),)
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
    holder, policy = _holder(case, live), case.resource.policy.adopt
    if holder == str(case.owner):
        return None
    if holder and policy is not Adopt.ALWAYS:
        detail = f"it belongs to {holder}; policy.adopt: Always would take it over"
        return _step(case, Action.BLOCKED, Why.OTHER_OWNER, detail)
    if not holder and policy is Adopt.NEVER:
        detail = "it exists and carries no owner tag of ours; policy.adopt: IfUnowned would take it over"
        return _step(case, Action.BLOCKED, Why.FOREIGN, detail)
    return None


def _holder(case: Case, live: Live) -> str:
    """Who owns a live resource; the inventory's word counts only where the service shows no tags."""
    found_by = case.resource.contract.kind.found_by
    if case.resolved.numbered and found_by:
        marked = live.body.get(found_by.marker, {}).get(OWNER, "")
        return str(case.owner) if not marked and case.entry.name == live.name else str(marked)
    if live.tags is None:
        return str(case.owner) if case.entry.arn == live.arn != "" else ""
    return owner_of(live.tags)


def _present(case: Case, live: Live) -> Step:
    resolved = case.resolved
    changes = (*diff(resolved, live.body, case.ignored), *_removed(case, live), *_hidden(case))
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
        Change(path, get({path[0]: live_member(str(path[0]), live.body, told.kind)}, path), None, forces=not _lifts(case, path))
        for path in gone
        if _lifts(case, path) or str(path[0]) in told.frozen
    )


def _lifts(case: Case, path: Path) -> bool:
    told, name = case.resource.contract, str(path[0])
    if name in told.kind.deltas:
        return bool(told.kind.deltas[name].remove)
    return name in told.updatable and (len(path) > 1 or name in told.kind.cleared)


def _hidden(case: Case) -> tuple[Change, ...]:
    """Changes of members that Describe never shows, seen by what we remember to have applied."""
    told, entry = case.resource.contract, case.entry
    changes: list[Change] = []
    for pattern in told.unreadable:
        secret = pattern in told.secrets
        was = entry.secrets.get(pattern) if secret else dict(expand(entry.applied or {}, pattern))
        now = case.secrets.get(pattern) if secret else dict(expand(case.resolved.spec, pattern))
        if now and was is not None and entry.applied is not None and was != now:
            path: Path = tuple(pattern.replace("[]", "").split("."))
            changes.append(Change(path, "(sensitive)" if secret else None, "(sensitive, changed)" if secret else next(iter(dict(now).values())), forces=path[0] not in told.updatable))
    return tuple(changes)


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
    if live.status == "Failed" and not _protected(case, live):
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
    if _protected(case, live):
        return _step(case, Action.BLOCKED, Why.PROTECTED, "it carries the protection tag", changes=changes)
    calls = (delete_call(told, live.name, case.owner), create_call(case.resolved, case.owner, case.entry, _new_tags(case)))
    return _step(case, Action.REPLACE, Why.FROZEN, f"{names} cannot be changed", changes=changes, calls=calls)


def _protected(case: Case, live: Live) -> bool:
    return (live.tags or {}).get(PROTECT) == "true" or bool(case.resource.policy.protect)


def _update(case: Case, live: Live, changes: tuple[Change, ...]) -> Step:
    adopted = _holder(case, live) != str(case.owner)
    add, remove = _tag_changes(case, live)
    tagging = tag_calls(live.arn, add, remove) if live.arn else ()
    call = update_call(case.resolved, live, changes, _neighbours(case, live), case.ignored)
    calls = (*tagging, call) if adopted and call else tagging if call is None else (call, *tagging)
    shown = (*changes, *_tag_lines(live, add, remove))
    if adopted:
        before = _holder(case, live)
        detail = f"taken over from {before}" if before else "taken over: it carried no owner tag"
        return _step(case, Action.ADOPT, Why.ADOPTED, detail, calls=calls, changes=shown)
    if not calls:
        unresolved = "" if not changes else "SageMaker cannot lift what was removed"
        return _step(case, Action.NOOP, Why.IN_STEP, unresolved)
    drifted = case.entry.applied == case.resolved.spec and not tagging
    why, detail = (Why.DRIFTED, "it was changed outside") if drifted else (Why.CHANGED, "")
    gradual = bool(call) and bool(case.resource.contract.status_member)
    return _step(case, Action.UPDATE, why, detail, calls=calls, changes=shown, gradual=gradual)


def _tag_changes(case: Case, live: Live) -> tuple[dict[str, str], list[str]]:
    if case.resolved.numbered or live.tags is None or not case.resource.contract.taggable:
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
        found = case.world.find(linked.link.to, str(live_member(field, live.body, case.resource.contract.kind)))
        now[field] = found.body if found else {}
        target = case.world.resolved.get(linked.target) if linked.target else None
        wanted[field] = target.spec if target else {}
    return now, wanted


def _blind_spots(case: Case) -> tuple[str, ...]:
    """What of the spec cannot be read back, so that its drift cannot be seen."""
    told = case.resource.contract
    hidden = [pattern for pattern in told.unreadable if expand(case.resolved.spec, pattern)]
    carried = [name for name in told.kind.carried if name in case.resolved.spec]
    return tuple(
        [f"? {dotted(camel_path(tuple(p.split('.')), told.spec))} cannot be read back" for p in hidden]
        + [f"? {dotted(camel_path((p,), told.spec))} goes along with the next update and is not compared" for p in carried]
    )


def secret_digests(resolved: Resolved, key: str, read: Any) -> tuple[dict[str, str], tuple[str, ...]]:
    """Keyed digests of a document's secrets, and what is wrong with those that can't be read.

    Args:
        resolved: the wanted resource.
        key: the inventory's key.
        read: gives a secret for its reference, or raises KeyError or OSError naming the reference only.

    """
    digests: dict[str, str] = {}
    troubles: list[str] = []
    for pattern in resolved.resource.contract.secrets:
        for _, value in expand(resolved.spec, pattern):
            if not isinstance(value, Mapping):
                continue
            try:
                digests[pattern] = keyed(key, read(value.get("valueFrom", value)))
            except (KeyError, OSError) as error:
                troubles.append(str(error.args[0] if error.args else error))
    return digests, tuple(troubles)

