"""The inventory after a pass: the entries with what each step and each observation proved, and its storage."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Fault, Json
from controller.core.phase import Action, Phase
from controller.core.reason import NOT_OURS, Reason
from controller.core.ref import Ref
from controller.engine.absence import is_expected
from controller.engine.apply import Done
from controller.engine.contention import corrections
from controller.engine.decide import is_update_attempt
from controller.engine.lookup import carries_tags
from controller.engine.observed import Live, ObservedAccount, Owner
from controller.engine.plan import Step
from controller.engine.provenance import (
    entry_after_read,
    entry_after_refusal,
    entry_after_step,
    is_held,
    owner_shown,
    sent_with,
)
from controller.engine.record_attempts import APPLIES, renamed_to
from controller.engine.removed_members import left_of
from controller.engine.report import Result
from controller.engine.sensitive import recorded_spec
from controller.inventory.model import (
    PENDING,
    Entry,
    Inventory,
    InventoryError,
    InventoryStore,
    MovedError,
    PendingChange,
    UnrecordedError,
)
from controller.manifests.document import ReleasePolicy
from controller.manifests.resolve import Resolved
from controller.schema.contract import contract

_REMOVES = frozenset({Action.DELETE, Action.FORGET})
_FAILED = frozenset({Result.FAILED, Result.SKIPPED, Result.WAITING})


def after_pass(
    inventory: Inventory,
    observed: ObservedAccount,
    done: Mapping[str, Done],
    secrets: Mapping[Ref, Mapping[str, str]],
    *,
    now: float | None = None,
    begun_before: Collection[Ref] = (),
    interrupted: Collection[Ref] = (),
) -> Inventory:
    """The inventory after a pass.

    Entries are removed only if the resource was deleted, released by policy, or is provably gone. Entries of kinds that
    this version lacks are kept. ``begun_before`` are documents whose change an earlier pass began, and of which it is
    unknown whether AWS made it. ``interrupted`` are documents with a step without a result: earlier observations prove
    nothing about them, so that the union is kept, as after a crash.
    """
    entries = dict(inventory.entries)
    for each in done.values():
        step, result = each.outcome.step, each.outcome.result
        if each.outcome.fault is Fault.UNANSWERED:
            continue  # the union is kept: as after a crash, the next pass looks for the resource
        ref = step.ref
        entry = entries.get(ref, Entry(ref))
        if step.action in _REMOVES or step.id != str(ref):
            entries[ref] = _without_generation(entry, step, result)
        elif ref in observed.resolved:
            live = observed.live.get(ref)
            details = _EntryDetails(observed.resolved[ref], live, secrets.get(ref, {}), inventory, now)
            applied_entry = _after_step(entry, each, details, begun_before=ref in begun_before)
            entries[ref] = _with_instance(applied_entry, each, live, details.owner)
    desired = {each.outcome.step.ref for each in done.values() if each.outcome.step.action not in _REMOVES}
    desired &= observed.resolved.keys()
    begun = {
        (each.outcome.step.ref, each.outcome.step.name) for each in done.values() if _is_being_deleted(each)
    }
    made = {each.outcome.step.ref for each in done.values() if _has_applied(each)}
    entries = {
        ref: entry if ref in interrupted else _with_observations(entry, observed, desired, begun, made)
        for ref, entry in entries.items()
    }
    return replace(inventory, entries={ref: entry for ref, entry in entries.items() if _is_needed(entry)})


def _is_being_deleted(each: Done) -> bool:
    started = each.outcome.step.action is Action.DELETE and each.outcome.result is Result.STARTED
    return started or each.outcome.step.leaves


def _has_applied(done: Done) -> bool:
    step, result = done.outcome.step, done.outcome.result
    return step.id == str(step.ref) and step.action in APPLIES and result in (Result.DONE, Result.STARTED)


def _with_observations(
    entry: Entry,
    observed: ObservedAccount,
    desired: Collection[Ref],
    begun: Collection[tuple[Ref, Any]],
    made: Collection[Ref],
) -> Entry:
    """The entry with the pass's observations of its resources.

    ``begun`` are deletions of this pass, ``made`` the resources that it created, changed or adopted.
    """
    lost = [
        each
        for each in observed.missing.get(entry.ref, ())
        if entry.ref not in made or each.name != entry.name
    ]
    quiet = {each.name for each in lost if each.agreed and is_expected(each, entry)}
    alive = {live.name for live in observed.all_of(entry.ref) if live.phase is not Phase.DELETING}
    missed = tuple(each.name for each in lost if each.name not in quiet)
    if lost or entry.missed:
        entry = replace(entry, old=tuple(each for each in entry.old if each.name not in quiet), missed=missed)
    if entry.ref not in desired and "" in quiet:
        entry = replace(entry, attempt=None)
    if entry.ref not in desired and entry.name in quiet:
        attempt = entry.attempt if entry.attempt and entry.attempt.by else None
        entry = replace(entry, name="", arn="", applied=None, failed=None, attempt=attempt, instance="")
    kept = {entry.name, *(each.name for each in entry.old)}
    leaving = [name for name in entry.leaving if name not in alive] + [
        name for ref, name in begun if ref == entry.ref
    ]
    left = tuple(dict.fromkeys(name for name in leaving if name in kept))
    return replace(entry, leaving=left) if left != entry.leaving else entry


class _EntryDetails:
    """Further facts of the pass for an entry."""

    def __init__(
        self,
        resolved: Resolved,
        live: Live | None,
        secrets: Mapping[str, str],
        inventory: Inventory,
        now: float | None,
    ) -> None:
        self.now = now
        self.live = live
        self.resource = resolved.resource
        self.owner = str(Owner(inventory.set, self.resource.ref))
        self.spec = recorded_spec(resolved.spec, self.resource, inventory.key)
        self.secrets = secrets

    @property
    def is_owner_known(self) -> bool:
        """Whether the live resource can carry its owner, and this pass read it."""
        of = self.resource.contract
        return self.live is not None and (self.live.tags is not None or not carries_tags(of, self.live.body))

    def is_own(self, entry: Entry) -> bool:
        """Whether the live resource is ours by its tags, or by the inventory if it can't carry any."""
        live, of = self.live, self.resource.contract
        return live is not None and owner_shown(of, live) in (None, self.owner) and is_held(entry, live)


def _after_step(entry: Entry, done: Done, details: _EntryDetails, *, begun_before: bool) -> Entry:
    step, result, answer = done.outcome.step, done.outcome.result, done.answer
    policy = details.resource.policy
    entry = replace(entry, deletion=policy.deletion, release=policy.release is ReleasePolicy.ALLOW)
    if _has_applied(done) and contract(step.ref.kind).applies_spec(step.later_operations):
        # AWS still has the earlier spec.
        return replace(entry, arn=step.arn or entry.arn, failed=None)
    if _has_applied(done):
        entry = _after_change(entry, step, answer, details)
        continued = (
            replace(entry.attempt, by={}, sent=()) if entry.attempt and result is Result.STARTED else None
        )
        return replace(entry, attempt=continued, failed=None)
    if _is_settled(step):
        return _in_step(entry, step, details)
    if step.action is Action.BLOCKED and step.calls:  # its tags were changed: old or new are ours
        entry = replace(entry, tags=tuple(sorted({*entry.tags, *details.resource.tags})))
    if _has_failed(entry, step):
        failed = entry.attempt or entry.failed or PendingChange(step.digest)
        return replace(
            _end_attempt(entry, step, details),
            failed=replace(failed, reason=step.reason or failed.reason, sent=()),
        )
    refused_all = step.action in APPLIES and result in _FAILED and not answer
    made = _may_have_made(done, entry, begun_before=begun_before)
    # Without tags the content was compared with the request: it is somebody else's.
    is_foreign = step.why is Reason.NOT_OWNED and not details.resource.contract.taggable
    if is_foreign or (refused_all and not step.later_operations and not made):
        return _end_attempt(entry, step, details)
    return entry


def _end_attempt(entry: Entry, step: Step, details: _EntryDetails) -> Entry:
    """The entry without its attempt, which was the proof of a creation without a response.

    It stays if this pass did not read the resource's owner.
    """
    makes = step.action in (Action.CREATE, Action.CREATE_BEFORE_DELETE, Action.ADOPT)
    if not makes and step.why not in NOT_OURS and not entry.was_made:
        if not details.is_owner_known:
            return entry
        if not details.is_own(entry):
            return replace(entry, attempt=None)
        entry = renamed_to(
            entry_after_read(entry, details.live), step.arn if step.numbered else str(step.name), step.arn
        )
        entry = replace(entry, arn=step.arn, made=1)
    return replace(entry, attempt=None)


def _may_have_made(done: Done, entry: Entry, *, begun_before: bool) -> bool:
    """Whether AWS may have carried out a failed creation or change, in this pass or in an earlier one.

    The call ended with a server error, or a retry found the resource of the first attempt. A retry that was refused, or
    not sent, proves nothing about an earlier attempt: reads may lag. A taken name is somebody else's if no earlier
    attempt is known, and if neither tags nor the one sent spec show the owner.
    """
    fault = done.outcome.fault
    if fault is Fault.EXISTS:
        shown = contract(entry.ref.kind).taggable or (
            entry.attempt is not None and len(entry.attempt.sent) == 1
        )
        return (done.ambiguous or begun_before) and shown
    unproved = begun_before and (fault is None or done.outcome.step.action.creates)
    return unproved or fault is Fault.UNKNOWN or done.ambiguous


def _with_instance(entry: Entry, done: Done, live: Live | None, owner: str) -> Entry:
    """The entry with the instance of its resource, if this pass proved it to be ours."""
    step = done.outcome.step
    if not _has_applied(done) and not _is_settled(step):
        return entry_after_refusal(entry)
    entry = entry_after_step(entry, step, live, done.instance, owner)
    # Its attempt is the proof until it is observed.
    unread = entry.instance == PENDING and _has_applied(done)
    return replace(entry, attempt=PendingChange(step.digest, step.modified, step.reason)) if unread else entry


def _is_settled(step: Step) -> bool:
    return step.action is Action.NOOP and step.why in (Reason.READY, Reason.CONTENDED, Reason.NOT_REMOVABLE)


def _has_failed(entry: Entry, step: Step) -> bool:
    """Whether the step shows a failed attempt; an unrecorded one is recorded, to recognize the next one."""
    runs = contract(step.ref.kind).kind.lifecycle.runs is not None
    unknown = step.why is Reason.FAILED and not (entry.failed or entry.attempt or runs)
    tried = is_update_attempt(entry.attempt) or unknown
    return step.why is Reason.ROLLED_BACK or (step.phase is Phase.FAILED and tried)


def _after_change(entry: Entry, step: Step, answer: Json, details: _EntryDetails) -> Entry:
    arn = contract(step.ref.kind).arn_in(answer) or step.arn or entry.arn
    found = step.action is not Action.ADOPT and bool(sent_with(entry))  # a creation whose answer was lost
    made = entry.made + (step.action.creates or found)
    entry = renamed_to(entry, arn if step.numbered else str(step.name), arn)
    return replace(
        entry, arn=arn, applied=details.spec, made=made, corrected=corrections(entry, step, details.now),
        tags=tuple(sorted(details.resource.tags)), secrets=dict(details.secrets), protect=_is_protected(entry, details),
        left=left_of(step), sensitive=details.resource.sensitive_digests, rotated=details.resource.marks,
    )  # fmt: skip


def _in_step(entry: Entry, step: Step, details: _EntryDetails) -> Entry:
    corrected = entry.corrected if entry.applied == details.spec else {}
    made = entry.made + bool(sent_with(entry))  # a creation or adoption whose answer was lost
    entry = renamed_to(entry_after_read(entry, details.live), str(step.name), step.arn)
    return replace(
        entry, arn=step.arn, applied=details.spec, made=made, attempt=None, failed=None, corrected=corrected,
        tags=tuple(sorted(details.resource.tags)), secrets=dict(details.secrets) or entry.secrets,
        protect=_is_protected(entry, details), left=left_of(step),
        sensitive=details.resource.sensitive_digests, rotated=details.resource.marks,
    )  # fmt: skip


def _is_protected(entry: Entry, details: _EntryDetails) -> bool:
    """Whether the entry is protected: removing the policy keeps the protection, only an explicit false ends it."""
    protect = details.resource.policy.protect
    return entry.protect if protect is None else protect


def _without_generation(entry: Entry, step: Step, result: Result) -> Entry:
    """The entry without a deleted or forgotten generation; one that is being deleted stays until it is gone."""
    gone = result is Result.DONE or step.action is Action.FORGET
    if not gone:
        return entry
    old = tuple(generation for generation in entry.old if generation.name != step.name)
    if entry.name == step.name:
        return replace(entry, name="", arn="", applied=None, attempt=None, failed=None, old=old, instance="")
    return replace(entry, old=old)


def _is_needed(entry: Entry) -> bool:
    return bool(entry.name or entry.old or entry.attempt or entry.failed)


def record(store: InventoryStore, noted: Inventory, left: Inventory, done: Mapping[str, Done]) -> None:
    """Write the inventory after a pass.

    Raises:
        UnrecordedError: it can't be written.

    """
    if left == noted:
        return
    try:
        store.save(left)
    except InventoryError as error:
        if isinstance(error, MovedError):
            raise
        acted = [each.outcome for each in done.values() if each.outcome.calls]
        made = tuple(f"{one.step.id} ({one.step.action.verb}, {one.result.value})" for one in acted)
        raise UnrecordedError(str(error), noted, left, made) from error


def incomplete_changes(inventory: Inventory) -> frozenset[Ref]:
    """The documents whose change an earlier pass began, and whose outcome is unknown."""
    return frozenset(ref for ref, entry in inventory.entries.items() if is_update_attempt(entry.attempt))
