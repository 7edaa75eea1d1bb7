"""How the inventory follows a turn: the union before anything is changed, the truth after."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from controller.core.cloud import Fault, Json
from controller.core.phase import Action, Phase
from controller.core.ref import Ref
from controller.desired.resolve import Resolved
from controller.engine.absence import kept_of
from controller.engine.apply import Done
from controller.engine.contention import corrections
from controller.engine.gone import is_quiet
from controller.engine.inventory import Attempt, Entry, Generation, Inventory
from controller.engine.plan import Plan, Step, Why
from controller.engine.report import Result
from controller.engine.world import Live, World
from controller.service.contract import contract
from controller.service.sensitive import sealed

_MAKES = frozenset({Action.CREATE, Action.SUCCEED, Action.REPLACE})
_REMOVES = frozenset({Action.DELETE, Action.FORGET})
_BRINGS = _MAKES | {Action.UPDATE, Action.ADOPT}
_ENDED_BADLY = frozenset({Result.FAILED, Result.SKIPPED, Result.WAITING})


def union(held: Inventory, plan: Plan, world: World) -> Inventory:
    """Old and new together, with every attempt noted, so that a crash at any call leaves nothing unknown."""
    entries = {ref: _found_again(entry, world.orphans.get(ref, ())) for ref, entry in held.entries.items()}
    for step in plan.acting:
        if step.action in _BRINGS and isinstance(step.name, str | None):
            entries[step.ref] = _intended(entries.get(step.ref, Entry(step.ref)), step)
        elif step.action is Action.DELETE and step.ref in entries:
            entries[step.ref] = _found_again(entries[step.ref], world.all_of(step.ref))
    return replace(held, entries=entries)


def _found_again(entry: Entry, lives: Iterable[Live]) -> Entry:
    """The entry with what a creation made of which the answer was never read, as a generation like others."""
    known = {entry.name, *(old.name for old in entry.old)}
    found = tuple(Generation(live.name, live.arn) for live in lives if live.name not in known)
    if entry.attempt is None or not found:
        return entry
    return replace(entry, old=(*entry.old, *found), attempt=None)


def _intended(entry: Entry, step: Step) -> Entry:
    by = kept_of(contract(step.ref.kind), step.after or {}) if step.action in _MAKES and step.numbered else {}
    attempt = Attempt(step.digest, step.modified, step.reason, by)
    name = step.name if isinstance(step.name, str) else ""
    if step.action in _MAKES and not step.numbered and entry.name not in ("", name):
        old = (*entry.old, Generation(entry.name, entry.arn))
        entry = replace(entry, name=name, arn="", old=tuple(dict.fromkeys(old)))
    return replace(entry, name=entry.name or name, attempt=attempt)


def after(
    held: Inventory,
    world: World,
    done: Mapping[str, Done],
    secrets: Mapping[Ref, Mapping[str, str]],
    *,
    now: float | None = None,
) -> Inventory:
    """What is to be remembered after a turn; a step without an end, cut short by an interrupt, stays noted.

    Nothing is forgotten but what was deleted, let go by policy, or is gone for certain. Entries of kinds that this
    version does not know are kept as they are.
    """
    entries = dict(held.entries)
    for each in done.values():
        step, result = each.outcome.step, each.outcome.result
        ref = step.ref
        entry = entries.get(ref, Entry(ref))
        if step.action in _REMOVES or step.id != str(ref):
            entries[ref] = _shrunk(entry, step, result)
        elif ref in world.resolved:
            told = _Told(world.resolved[ref], secrets.get(ref, {}), held.key, now)
            entries[ref] = _brought(entry, each, told)
    wanted = {each.outcome.step.ref for each in done.values() if each.outcome.step.action not in _REMOVES}
    wanted &= world.resolved.keys()
    begun = {(each.outcome.step.ref, each.outcome.step.name) for each in done.values() if _is_leaving(each)}
    entries = {ref: _looked_after(entry, world, wanted, begun) for ref, entry in entries.items()}
    return replace(held, entries={ref: entry for ref, entry in entries.items() if _lives(entry)})


def _is_leaving(each: Done) -> bool:
    return each.outcome.step.action is Action.DELETE and each.outcome.result is Result.STARTED


def _looked_after(
    entry: Entry, world: World, wanted: Collection[Ref], begun: Collection[tuple[Ref, Any]]
) -> Entry:
    """The entry with what the turn saw of its resources, or did not see; ``begun`` are deletions of this turn."""
    lost = world.vanished.get(entry.ref, ())
    quiet = {each.name for each in lost if each.agreed and is_quiet(each, entry)}
    alive = {live.name for live in world.all_of(entry.ref) if live.phase is not Phase.DELETING}
    missed = tuple(each.name for each in lost if each.name not in quiet)
    entry = replace(entry, old=tuple(each for each in entry.old if each.name not in quiet), missed=missed)
    if entry.ref not in wanted and "" in quiet:
        entry = replace(entry, attempt=None)
    if entry.ref not in wanted and entry.name in quiet:
        attempt = entry.attempt if entry.attempt and entry.attempt.by else None
        entry = replace(entry, name="", arn="", applied=None, failed=None, attempt=attempt)
    kept = {entry.name, *(each.name for each in entry.old)}
    leaving = [name for name in entry.leaving if name not in alive] + [
        name for ref, name in begun if ref == entry.ref
    ]
    return replace(entry, leaving=tuple(dict.fromkeys(name for name in leaving if name in kept)))


class _Told:
    """What else an entry takes from the turn."""

    def __init__(self, resolved: Resolved, secrets: Mapping[str, str], key: str, now: float | None) -> None:
        self.now = now
        self.resource = resolved.resource
        self.spec = sealed(resolved.spec, self.resource.contract.spec, key)
        self.secrets = secrets


def _brought(entry: Entry, done: Done, told: _Told) -> Entry:
    step, result, answer = done.outcome.step, done.outcome.result, done.answer
    policy = told.resource.policy
    entry = replace(entry, deletion=policy.deletion)
    made = step.action in _BRINGS and result in (Result.DONE, Result.STARTED)
    settled = step.action is Action.NOOP and step.why in (Why.IN_STEP, Why.CONTENDED)
    if made:
        entry = _after_change(entry, step, answer, told)
        going_on = replace(entry.attempt, by={}) if entry.attempt and result is Result.STARTED else None
        return replace(entry, attempt=going_on, failed=None)
    if settled:
        return _in_step(entry, step, told)
    if step.why is Why.ROLLED_BACK or (step.phase is Phase.FAILED and entry.attempt is not None):
        failed = entry.attempt or entry.failed or Attempt(step.digest)
        return replace(entry, attempt=None, failed=replace(failed, reason=step.reason or failed.reason))
    if step.action in _BRINGS and result in _ENDED_BADLY and not answer and not _may_have_made(step, done):
        return replace(entry, attempt=None)
    return entry


def _may_have_made(step: Step, done: Done) -> bool:
    """Whether AWS may have taken a call that ended badly: the answer did not arrive, or a second try met the first.

    Where nothing in AWS tells whose a resource is, a name that is taken is somebody else's.
    """
    fault = done.outcome.fault
    taken = fault is Fault.EXISTS and not contract(step.ref.kind).taggable
    return fault is Fault.UNKNOWN or (done.ambiguous and not taken)


def _after_change(entry: Entry, step: Step, answer: Json, told: _Told) -> Entry:
    arn = str(answer.get(contract(step.ref.kind).arn_member, "") or entry.arn or step.arn)
    made = entry.made + (step.action in _MAKES)
    if step.numbered and step.action in _MAKES and entry.name not in ("", arn):
        entry = replace(entry, old=(*entry.old, Generation(entry.name, entry.arn)))
    name = arn if step.numbered else str(step.name)
    return replace(
        entry, name=name, arn=arn, applied=told.spec, made=made, corrected=corrections(entry, step, told.now),
        tags=tuple(sorted(told.resource.tags)), secrets=dict(told.secrets), protect=_protects(entry, told),
    )  # fmt: skip


def _in_step(entry: Entry, step: Step, told: _Told) -> Entry:
    corrected = entry.corrected if entry.applied == told.spec else {}
    return replace(
        entry, name=str(step.name), arn=step.arn, applied=told.spec, attempt=None, failed=None, corrected=corrected,
        tags=tuple(sorted(told.resource.tags)), secrets=dict(told.secrets) or entry.secrets,
        protect=_protects(entry, told),
    )  # fmt: skip


def _protects(entry: Entry, told: _Told) -> bool:
    """Protection outlives the line that asked for it; only a written false lifts it."""
    asked = told.resource.policy.protect
    return entry.protect if asked is None else asked


def _shrunk(entry: Entry, step: Step, result: Result) -> Entry:
    """A deleted or forgotten generation leaves the entry; one that is only being deleted stays until gone."""
    gone = result is Result.DONE or step.action is Action.FORGET
    if not gone:
        return entry
    old = tuple(generation for generation in entry.old if generation.name != step.name)
    if entry.name == step.name:
        return replace(entry, name="", arn="", applied=None, attempt=None, failed=None, old=old)
    return replace(entry, old=old)


def _lives(entry: Entry) -> bool:
    return bool(entry.name or entry.old or entry.attempt or entry.failed)
