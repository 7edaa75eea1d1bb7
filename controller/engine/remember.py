"""How the inventory follows a turn: the union before anything is changed, the truth after."""

from collections.abc import Mapping
from dataclasses import replace

from controller.core.cloud import Json
from controller.core.phase import Action, Phase
from controller.core.ref import Ref
from controller.desired.resolve import Resolved
from controller.engine.apply import Done
from controller.engine.contention import corrections
from controller.engine.inventory import Attempt, Entry, Generation, Inventory
from controller.engine.plan import Plan, Step, Why
from controller.engine.report import Result
from controller.engine.world import World
from controller.service.contract import contract
from controller.service.sensitive import sealed

_MAKES = frozenset({Action.CREATE, Action.SUCCEED, Action.REPLACE})
_REMOVES = frozenset({Action.DELETE, Action.FORGET})
_BRINGS = _MAKES | {Action.UPDATE, Action.ADOPT}


def union(held: Inventory, plan: Plan) -> Inventory:
    """Old and new together, with every attempt noted, so that a crash at any call leaves nothing unknown."""
    entries = dict(held.entries)
    for step in plan.acting:
        if step.action in _BRINGS and isinstance(step.name, str | None):
            entries[step.ref] = _intended(entries.get(step.ref, Entry(step.ref)), step)
    return replace(held, entries=entries)


def _intended(entry: Entry, step: Step) -> Entry:
    attempt = Attempt(step.digest, step.modified, step.reason)
    name = step.name if isinstance(step.name, str) else ""
    if step.action in _MAKES and not step.numbered and entry.name not in ("", name):
        old = (*entry.old, Generation(entry.name, entry.arn))
        entry = replace(entry, name=name, arn="", old=tuple(dict.fromkeys(old)))
    return replace(entry, name=entry.name or name, attempt=attempt)


def after(
    held: Inventory,
    plan: Plan,
    world: World,
    done: Mapping[str, Done],
    secrets: Mapping[Ref, Mapping[str, str]],
    *,
    now: float | None = None,
) -> Inventory:
    """What is to be remembered after a turn; a step without an end, cut short by an interrupt, stays noted."""
    entries = dict(held.entries)
    for each in done.values():
        step, result = each.outcome.step, each.outcome.result
        ref = step.ref
        entry = entries.get(ref, Entry(ref))
        if step.action in _REMOVES or step.id != str(ref):
            entries[ref] = _shrunk(entry, step, result)
        elif ref in world.resolved:
            told = _Told(world.resolved[ref], world, secrets.get(ref, {}), held.key, now)
            entries[ref] = _brought(entry, step, result, each.answer, told)
    seen = {*world.live, *world.old, *world.orphans, *world.errors, *(step.ref for step in plan.steps)}
    return replace(
        held, entries={ref: entry for ref, entry in entries.items() if ref in seen and _lives(entry)}
    )


class _Told:
    """What else an entry takes from the turn."""

    def __init__(
        self, resolved: Resolved, world: World, secrets: Mapping[str, str], key: str, now: float | None
    ) -> None:
        self.now = now
        self.resource = resolved.resource
        self.spec = sealed(resolved.spec, self.resource.contract.spec, key)
        self.secrets = secrets
        self.old = frozenset(live.name for live in world.old.get(self.resource.ref, ()))


def _brought(entry: Entry, step: Step, result: Result, answer: Json, told: _Told) -> Entry:
    old = tuple(g for g in entry.old if g.name in told.old or g.name == entry.name)
    entry = replace(entry, deletion=told.resource.policy.deletion, old=old)
    made = step.action in _BRINGS and result in (Result.DONE, Result.STARTED)
    settled = step.action is Action.NOOP and step.why in (Why.IN_STEP, Why.CONTENDED)
    if made:
        entry = _after_change(entry, step, answer, told)
        return replace(entry, attempt=entry.attempt if result is Result.STARTED else None, failed=None)
    if settled:
        return _in_step(entry, step, told)
    if step.why is Why.ROLLED_BACK or (step.phase is Phase.FAILED and entry.attempt is not None):
        failed = entry.attempt or entry.failed or Attempt(step.digest)
        return replace(entry, attempt=None, failed=replace(failed, reason=step.reason or failed.reason))
    if step.action in _BRINGS and result in (Result.FAILED, Result.SKIPPED, Result.WAITING) and not answer:
        return replace(entry, attempt=None)
    return entry


def _after_change(entry: Entry, step: Step, answer: Json, told: _Told) -> Entry:
    arn = str(answer.get(contract(step.ref.kind).arn_member, "") or entry.arn or step.arn)
    made = entry.made + (step.action in _MAKES)
    if step.numbered and step.action in _MAKES and entry.name not in ("", arn):
        entry = replace(entry, old=(*entry.old, Generation(entry.name, entry.arn)))
    name = arn if step.numbered else str(step.name)
    return replace(
        entry, name=name, arn=arn, applied=told.spec, made=made, corrected=corrections(entry, step, told.now),
        tags=tuple(sorted(told.resource.tags)), secrets=dict(told.secrets),
    )  # fmt: skip


def _in_step(entry: Entry, step: Step, told: _Told) -> Entry:
    corrected = entry.corrected if entry.applied == told.spec else {}
    return replace(
        entry, name=str(step.name), arn=step.arn, applied=told.spec, attempt=None, failed=None, corrected=corrected,
        tags=tuple(sorted(told.resource.tags)), secrets=dict(told.secrets) or entry.secrets,
    )  # fmt: skip


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
