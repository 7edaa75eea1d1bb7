"""The inventory before a pass: each entry with the attempt that is about to begin, so that a crash loses nothing."""

from collections.abc import Iterable
from dataclasses import replace

from controller.core.phase import Action
from controller.engine.absence import BEGUN_INTERVAL, identifying_members
from controller.engine.observed import Live, ObservedAccount
from controller.engine.plan import Plan, Step
from controller.engine.provenance import (
    entry_before_creation,
    is_held,
    sent_after,
    sent_with,
)
from controller.inventory.model import (
    DELETION,
    Entry,
    Generation,
    Inventory,
    PendingChange,
)
from controller.manifests.resolve import unknowns
from controller.schema.contract import contract

APPLIES = frozenset(each for each in Action if each.creates) | {Action.UPDATE, Action.ADOPT}


def record_attempts(
    inventory: Inventory, plan: Plan, observed: ObservedAccount, *, now: float | None = None, at: float = 0
) -> Inventory:
    """The union of old and new entries with every attempt recorded, so that a crash at any call loses nothing.

    ``now`` is the time for a run that repeats, ``at`` the time of any run, in seconds since 1970.
    """
    entries = {
        ref: _found_again(entry, observed.orphans.get(ref, ())) for ref, entry in inventory.entries.items()
    }
    for step in plan.acting:
        if step.action in APPLIES and isinstance(step.name, str | None):
            entry, resource = entries.get(step.ref, Entry(step.ref)), observed.resolved[step.ref].resource
            entry = replace(entry, sensitive=resource.sensitive_digests, rotated=resource.marks)
            entries[step.ref] = _before_step(entry, step, int(at))
        elif step.action is Action.DELETE and step.ref in entries:
            found = _found_again(entries[step.ref], observed.all_of(step.ref))
            if found.name == step.name:  # it was observed, so reads do not lag
                found = replace(found, begun=0)
                if step.gradual:
                    sent = found.attempt.sent if found.attempt else ()
                    tried = PendingChange(DELETION, step.modified, step.reason, at=int(now or 0), sent=sent)
                    found = replace(found, attempt=tried)
            entries[step.ref] = found
    return replace(inventory, entries=entries)


def _found_again(entry: Entry, live_resources: Iterable[Live]) -> Entry:
    """The entry with the resource of a creation whose response was never received, as a further generation."""
    known = {entry.name, *(old.name for old in entry.old)}
    ours = (live for live in live_resources if live.name not in known and is_held(entry, live))
    found = tuple(Generation(live.name, live.arn) for live in ours)
    if entry.attempt is None or not found:
        return entry
    return replace(entry, old=(*entry.old, *found), attempt=None)


def _before_step(entry: Entry, step: Step, at: int) -> Entry:
    known = {name: value for name, value in (step.after or {}).items() if not unknowns(value)}
    by = identifying_members(contract(step.ref.kind), known) if step.action.creates and step.numbered else {}
    modified = "" if step.action.creates else step.modified  # a recreated resource has no earlier time
    name = step.name if isinstance(step.name, str) else ""
    sent = sent_after(entry, step, name)
    attempt = PendingChange(step.digest, modified, step.reason, by, then=step.later_operations, sent=sent)
    if step.action.creates:
        # A repeated attempt at a creation is recorded once a minute; ``absence`` adds that minute.
        begun = entry.begun if 0 <= at - entry.begun < BEGUN_INTERVAL else at
        entry = replace(entry if step.numbered else renamed_to(entry, name, ""), begun=begun)
    return entry_before_creation(
        replace(entry, name=entry.name or name, attempt=attempt), step, entry.instance
    )


def renamed_to(entry: Entry, name: str, arn: str) -> Entry:
    """The entry under another name; the former resource stays in the entry until it is deleted."""
    if entry.name == name:
        return entry
    if not entry.name:
        return replace(entry, name=name)
    old = dict.fromkeys(
        (*entry.old, Generation(entry.name, entry.arn, entry.instance, sent_with(entry) or ()))
    )
    left = tuple(each for each in old if each.name != name)
    return replace(entry, name=name, arn=arn, old=left, instance="")
