"""Deletions: of old generations, of resources whose document was removed, and of destroyed trees.

A deletion needs two proofs: our inventory holds the resource, and the live resource carries our tag (or, where the
service shows no owner, is the very instance that the inventory holds: ``provenance``).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from controller.core.finding import Remedy
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.absence import missing_steps
from controller.engine.adoption import not_in_inventory
from controller.engine.bulk_reads import lists_changes
from controller.engine.jobs import is_stopping
from controller.engine.lookup import carries_tags, works_over_time
from controller.engine.observed import PROTECT, Live, ObservedAccount, Owner, is_protected
from controller.engine.plan import Step
from controller.engine.preconditions import needs_proof, users_of_kind
from controller.engine.provenance import is_held, owner_shown, retention_reason, sent_with
from controller.engine.requests import delete_call, deletion_calls, stop_call, tag_calls
from controller.inventory.model import UNPROVED, Entry, Inventory
from controller.kinds import KINDS
from controller.manifests.bundle import Bundle
from controller.manifests.document import Deletion, Mode, Policy
from controller.manifests.resolve import Resolved
from controller.schema.contract import Contract, contract

_ENDS = frozenset({Action.DELETE, Action.FORGET})
_EXTRA = frozenset({Reason.SUPERSEDED, Reason.RENAMED})  # besides the document's current resource
_LIFTED = "policy.protect is false now: its protection tag is taken off, and then it is deleted"
_UNREAD = "its tags can't be read, so its owner is unknown, and it is not changed"
_TAGGED = (
    "it carries the protection tag and stays; to delete it permanently, apply policy.protect: false first"
)
_GUARDED = (
    "its document has policy.protect: true, or had it before it was removed; "
    "it stays, and to delete it permanently apply policy.protect: false first"
)
_NOT_OURS = "it has no ownership tag of this installation and is not changed"


def removal(
    ref: Ref, live: Live, entry: Entry, owner: Owner, why: Reason, *, unprotected: Collection[Ref] = ()
) -> Step:
    """The step that deletes one live resource, or is blocked with the reason.

    A protection tag on one of ``unprotected`` is taken off by the blocked step.
    """
    kind_contract = contract(ref.kind)
    step = Step(
        id=f"{ref}@{live.name}" if why in _EXTRA else _ident(ref, live, entry),
        ref=ref,
        action=Action.DELETE,
        why=why,
        name=live.name,
        arn=live.arn,
        before={**live.body},
        gradual=works_over_time(kind_contract),
        cascade=entry.deletion is Deletion.CASCADE,
        proofs=users_of_kind(ref.kind) if needs_proof(kind_contract) else (),
        phase=live.phase,
        status=live.status,
        modified=live.modified,
        reason=live.reason,
        secrets=kind_contract.secrets,
    )
    made = entry.made or sent_with(entry)  # with its noted attempt, before which it was not so
    if kind_contract.kind.lifecycle.shared and (not made or entry.instance == UNPROVED):
        before = "it is not known to have been made here" if made else "it was so before us"
        return replace(step, action=Action.FORGET, why=Reason.RETAINED, detail=before)
    record = _is_record(kind_contract, live, entry)
    blocking = (
        None
        if record and not carries_tags(kind_contract, live.body)
        else _blocking_step(step, live, entry, owner, lifted=ref in unprotected)
    )
    if blocking is not None and not (record and blocking.why is Reason.NOT_IN_INVENTORY):
        return blocking
    if kind_contract.kind.lifecycle.runs:
        return _end_of_run(step, kind_contract, live, entry, owner)
    if live.phase is Phase.CHANGING:
        return replace(step, action=Action.WAIT, detail=f"status: {live.status}")
    calls = deletion_calls(kind_contract, live, owner)
    return replace(step, calls=calls, at_once=1 if len(calls) > 1 else None)


def _blocking_step(step: Step, live: Live, entry: Entry, owner: Owner, *, lifted: bool) -> Step | None:
    """The blocked step of a resource that can't be deleted now, or not by us; None if it may be deleted."""
    ref = step.ref
    if live.phase is Phase.DELETING:
        return replace(step, action=Action.WAIT, why=Reason.IN_TRANSITION, detail="it is being deleted")
    if live.tags is None and carries_tags(contract(ref.kind), live.body):
        return _without_unknown(step, live)
    if owner_shown(contract(ref.kind), live) == str(owner) and not is_held(entry, live):
        return replace(
            step, action=Action.BLOCKED, why=Reason.NOT_IN_INVENTORY, detail=not_in_inventory(owner)
        )
    foreign = _not_ours(ref, live, entry, owner)
    if foreign:
        return replace(step, action=Action.BLOCKED, why=Reason.NOT_OWNED, detail=foreign)
    tagged = is_protected(live.tags or {})
    if not (tagged or entry.protect):
        return None
    calls = tag_calls(live.arn, {}, [PROTECT]) if lifted and not entry.protect else ()
    detail = _LIFTED if calls else _TAGGED if tagged else _GUARDED
    return replace(step, action=Action.BLOCKED, why=Reason.PROTECTED, detail=detail, calls=calls)


def _without_unknown(step: Step, live: Live) -> Step:
    """The step for a resource whose owner is unknown; one that AWS is working on is checked later."""
    if live.phase is Phase.CHANGING and not contract(step.ref.kind).kind.lifecycle.runs:
        return replace(step, action=Action.WAIT, detail=f"status: {live.status}")
    return replace(step, action=Action.BLOCKED, why=Reason.UNREADABLE, detail=_UNREAD)


def _end_of_run(step: Step, contract: Contract, live: Live, entry: Entry, owner: Owner) -> Step:
    """A run in progress is stopped; the record of one that ended is deleted only where that was requested."""
    runs = contract.kind.lifecycle.runs
    if live.phase is Phase.CHANGING:
        if runs is None or is_stopping(live):
            return replace(step, action=Action.WAIT, why=Reason.IN_TRANSITION, detail="it is being stopped")
        if not runs.stop:
            ends = "it runs to its end: SageMaker has no operation that stops it"
            return replace(step, action=Action.WAIT, why=Reason.IN_TRANSITION, detail=ends)
        stop = (stop_call(contract, live, owner, {}),)
        return replace(step, action=Action.STOP, calls=stop, detail="it is stopped")
    if _is_record(contract, live, entry):
        return replace(step, action=Action.FORGET, why=Reason.RECORD_STAYS, detail="its record stays")
    return replace(step, calls=(delete_call(contract, live.name, owner),))


def _is_record(contract: Contract, live: Live, entry: Entry) -> bool:
    """Whether it is the record of an ended run, which stays unless its deletion was requested."""
    if contract.kind.lifecycle.runs is None or live.phase in (Phase.CHANGING, Phase.DELETING):
        return False
    return contract.deletes is None or entry.deletion is None or not entry.deletion.deletes


def _ident(ref: Ref, live: Live, entry: Entry) -> str:
    """The id of the step: the document, and for an old generation the AWS name too."""
    return str(ref) if live.name == entry.name else f"{ref}@{live.name}"


def _not_ours(ref: Ref, live: Live, entry: Entry, owner: Owner) -> str:
    """Why a live resource is not ours to delete; empty where it is."""
    kind_contract = contract(ref.kind)
    shown = owner_shown(kind_contract, live)
    if shown is None:
        return retention_reason(kind_contract, entry, live)
    if shown == str(owner) and is_held(entry, live):
        return ""
    return f"its ownership tag names {shown}, and only that document may delete it" if shown else _NOT_OURS


def old_generation_deletions(
    bundle: Bundle, inventory: Inventory, observed: ObservedAccount, steps: Iterable[Step]
) -> list[Step]:
    """Deletions of old generations, once all dependents use the new one.

    The newest generation counts as old if this run creates the next one, whose name is not known yet.
    """
    next_to_go = _to_be_superseded(observed, steps)
    going = {
        ref: (*observed.old.get(ref, ()), *next_to_go.get(ref, ())) for ref in {*observed.old, *next_to_go}
    }
    found = []
    for ref in sorted(going):
        resource = bundle.resources[ref]
        if not _deletes_old_generations(observed.resolved[ref]) or resource.policy.mode is Mode.OFF:
            continue
        for live in going[ref][: max(0, len(going[ref]) - resource.policy.generations)]:
            step = _old_generation_deletion(live, ref, bundle, inventory, going)
            if step.changes_account or live not in next_to_go.get(ref, ()):
                found.append(step)
    return found + [
        each
        for each in missing_steps(inventory, observed, observed.resolved, requested=False)
        if each.id != str(each.ref)
    ]


def _to_be_superseded(observed: ObservedAccount, steps: Iterable[Step]) -> dict[Ref, tuple[Live, ...]]:
    return {
        step.ref: (observed.live[step.ref],)
        for step in steps
        if step.action is Action.CREATE_BEFORE_DELETE
        and step.why is Reason.DEPENDENCY_NOT_READY
        and step.ref in observed.live
    }


def _old_generation_deletion(
    live: Live, ref: Ref, bundle: Bundle, inventory: Inventory, going: Mapping[Ref, tuple[Live, ...]]
) -> Step:
    policy, users = bundle.resources[ref].policy, bundle.users_of(ref)
    entry = _with_policy(inventory.of(ref), policy)
    step = removal(ref, live, entry, Owner(inventory.set, ref), Reason.SUPERSEDED)
    needs = {
        str(ref),
        *map(str, users),
        *(f"{user}@{old.name}" for user in users for old in going.get(user, ())),
    }
    if policy.deletion is Deletion.RETAIN:
        detail = "superseded, and kept: policy.deletion is Retain"
        return replace(step, action=Action.NOOP, why=Reason.RETAINED, detail=detail, calls=())
    withheld = "policy.mode is Plan" if policy.mode is Mode.PLAN else ""
    return replace(step, needs=frozenset(needs), withheld=withheld, detail=step.detail or "superseded")


def _with_policy(entry: Entry, policy: Policy) -> Entry:
    """The entry of a document, with its current deletion policy."""
    protect = entry.protect if policy.protect is None else policy.protect
    return replace(entry, deletion=policy.deletion, protect=protect)


def _with_error(step: Step, observed: ObservedAccount) -> Step:
    """The step with AWS's error in its detail, if it could not be decided because of it."""
    error = observed.errors.get(step.ref)
    return (
        replace(step, detail=f"{step.detail}: {error}") if error and step.why is Reason.UNREADABLE else step
    )


def _deletes_old_generations(resolved: Resolved) -> bool:
    """Whether the row permits the deletion of old generations."""
    row = resolved.resource.contract.kind
    generations = (
        row.identity.found_by.generations
        if resolved.has_assigned_identity and row.identity.found_by
        else row.lifecycle.generations
    )
    return generations is not None and generations.sweep


def prune_steps(
    inventory: Inventory, observed: ObservedAccount, *, requested: bool, unprotected: Collection[Ref] = ()
) -> list[Step]:
    """The steps of resources that the inventory holds and no document declares: deleted if requested."""
    steps: list[Step] = []
    for ref, live_resources in sorted(observed.orphans.items()):
        entry = inventory.of(ref)
        for live in live_resources:
            if entry.deletion is Deletion.RETAIN or not requested:
                steps.append(keep_step(ref, live, entry))
                continue
            owner, why = Owner(inventory.set, ref), Reason.NO_DOCUMENT
            step = removal(ref, live, entry, owner, why, unprotected=unprotected)
            steps.append(_with_error(step, observed))
    return [
        *steps,
        *missing_steps(
            inventory, observed, observed.missing.keys() - observed.resolved.keys(), requested=requested
        ),
    ]


def keep_step(ref: Ref, live: Live, entry: Entry) -> Step:
    """The step that keeps a resource without a document, and may remove it from the inventory."""
    action, why, detail = (
        Action.NOOP,
        Reason.PRUNE_OFF,
        f"its document was removed: it stays, and {Remedy.PRUNE} would delete it permanently",
    )
    if entry.deletion is Deletion.RETAIN:
        action, why, detail = Action.FORGET, Reason.RETAINED, "policy.deletion is Retain"
    step = Step(_ident(ref, live, entry), ref, action, why, live.name, live.arn, detail)
    return replace(step, phase=live.phase, status=live.status)


def destroy_steps(
    bundle: Bundle, inventory: Inventory, observed: ObservedAccount, unprotected: Collection[Ref] = ()
) -> list[Step]:
    """Deletions of all resources of the documents, dependents first."""
    steps: list[Step] = []
    for ref in reversed(bundle.order):
        resource = bundle.resources[ref]
        entry = inventory.of(ref)
        live_resources = [
            *([observed.live[ref]] if ref in observed.live else []),
            *reversed(observed.old.get(ref, ())),
        ]
        for live in live_resources:
            if resource.policy.mode is not Mode.APPLY:
                continue
            begun = live.name if entry.attempt is not None else ""
            entry = _with_policy(replace(entry, name=entry.name or begun), resource.policy)
            if entry.deletion is Deletion.RETAIN:
                steps.append(keep_step(ref, live, entry))
                continue
            owner, why = Owner(inventory.set, ref), Reason.DESTROYED
            step = _with_error(removal(ref, live, entry, owner, why, unprotected=unprotected), observed)
            untracked = live is observed.live.get(ref) and not inventory.of(ref).name
            steps.append(replace(step, id=str(ref)) if untracked else step)
        if resource.policy.mode is Mode.APPLY:
            steps += missing_steps(inventory, observed, [ref], requested=True)
        error = observed.errors.get(ref)
        if error is not None and not live_resources:
            steps.append(
                Step(str(ref), ref, Action.BLOCKED, Reason.UNREADABLE, detail=f"it can't be read: {error}")
            )
    return _dependents_first(steps, bundle)


def _dependents_first(steps: list[Step], bundle: Bundle) -> list[Step]:
    by_ref: dict[Ref, set[str]] = {}
    for step in steps:
        by_ref.setdefault(step.ref, set()).add(step.id)
    return [
        replace(
            step, needs=frozenset(each for user in bundle.users_of(step.ref) for each in by_ref.get(user, ()))
        )
        for step in steps
    ]


def described_before(steps: Iterable[Step], observed: ObservedAccount) -> Iterator[tuple[str, Live]]:
    """The resources of these steps, with their kinds, that must be described in this pass: all that are changed.

    A resource that is deleted or forgotten need not be, if a List of the same pass shows it unchanged since it was
    described: that proves its identity, and that AWS is not changing it. Its tags are read as well.
    """
    steps = list(steps)
    ends = {(step.ref, step.name) for step in steps if step.action in _ENDS and lists_changes(step.ref.kind)}
    for ref in {step.ref for step in steps if step.changes_account or step.action is not Action.NOOP}:
        yield from ((ref.kind, live) for live in observed.all_of(ref) if (ref, live.name) not in ends)


def in_reverse(steps: list[Step], after: Iterable[str]) -> list[Step]:
    """Deletions after all other steps, dependents first.

    Without documents the links are unknown, so a deletion waits for those of all kinds that may depend on its kind.
    """
    settled = frozenset(after)
    kinds: dict[str, set[str]] = {}
    for step in steps:
        kinds.setdefault(step.ref.kind, set()).add(step.id)

    def users(kind: str) -> set[str]:
        direct = {*users_of_kind(kind), *(name for name, row in KINDS.items() if kind in row.identity.after)}
        return {each for user in direct - {kind} for each in kinds.get(user, ())}

    return [replace(step, needs=frozenset(users(step.ref.kind)) | settled) for step in steps]
