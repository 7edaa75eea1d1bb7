"""One turn: observe -> diff -> plan -> brakes -> consent -> apply -> report. It never waits."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.core.cloud import Cloud
from controller.core.finding import Advice
from controller.core.phase import Action
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.core.secret import SecretError
from controller.engine.advice import COMMAND, advised
from controller.engine.apply import Done, Interrupted, apply
from controller.engine.bulk_reads import BulkReads
from controller.engine.cascade import with_contents
from controller.engine.contention import contended
from controller.engine.decide import decide, held_after_failure
from controller.engine.decision_input import Case
from controller.engine.deletion_consent import Agreed
from controller.engine.deletion_guards import (
    brakes,
    counted,
    destroying,
    noted,
    proved,
    unheld_notice,
    without_inventory,
)
from controller.engine.deletions import described_before, destruction, in_reverse, prunes, sweeps
from controller.engine.effects import block_dependents, edges, on_what_is_there, with_effects
from controller.engine.fingerprint import content, fingerprint, with_marks
from controller.engine.holders import HeldResources, waiting
from controller.engine.ignored_members import with_remembered
from controller.engine.in_flight import foreknown
from controller.engine.known_values import KnownValues, with_present_digests
from controller.engine.memberships import with_cuts
from controller.engine.observe import observe
from controller.engine.observed import Foreknown, ObservedAccount, Owner
from controller.engine.overrides import deletions_after, overridden
from controller.engine.plan import Plan, Step
from controller.engine.preconditions import held_while_used
from controller.engine.preflight import Preflight, preflight
from controller.engine.recover import Recovery, count_unheld, recover
from controller.engine.renames import left_behind, without_desired
from controller.engine.report import (
    Event,
    Happening,
    Listener,
    Outcome,
    Report,
    Result,
    report,
    without_consent,
)
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.engine.scope import EVERYTHING, Coverage, TargetSelection, scope_of, scoped, with_sources
from controller.engine.secret_references import secret_digests, with_references
from controller.engine.sensitive import with_patterns, with_sensitive
from controller.engine.shared_reads import SharedReads
from controller.engine.step_builder import along
from controller.engine.update_inventory import after, record, unended, union
from controller.inventory.model import Inventory, InventoryStore
from controller.inventory.observation_cache import ObservationCache
from controller.manifests.bundle import Bundle
from controller.manifests.resolve import Resolved, resolve
from controller.runtime.tracing import PLAN, stage


def _no_secrets(reference: Mapping[str, Any]) -> str:
    raise SecretError(f"no secrets can be read here: {reference}")


@dataclass(frozen=True)
class Order:
    """What this run is to do.

    ``choice`` narrows it to some documents. ``bound`` is what else consent is bound to, as plain data: the
    tool's version, the digests of variables, the options. Without ``sweep`` old generations stay for later.
    ``now`` is the time in seconds since 1970 where the run comes again by itself: fields that somebody else sets
    again and again are then left alone. A person who applies is not held back, and gives none. ``at`` is the time
    of the run in the same seconds, by which deletions of earlier runs count. ``confirm_deletes`` and
    ``confirm_delete`` are what a person agreed to: so many deletions, and these, by the ids of their steps.
    ``coverage`` says what was read; without one, a document that is not there was removed. ``part`` is whether the
    memory shows a part of its set. ``restrictions`` are what an administrator allows the documents; ``handed`` is what
    another sync of the same namespace hands over to them. ``advice`` spells what a person is advised to give.
    ``reads`` are those that proofs before deletions share. With ``preflight`` what the calls name in other services is
    read first. ``observations`` are those of earlier passes, which count as long as Lists show that nothing changed;
    where a List does not show that, for ``observation_interval`` seconds.
    """

    set: str = "default"
    prune: bool = False
    destroy: bool = False
    confirm_deletes: int | None = None
    confirm_delete: frozenset[str] = frozenset()
    choice: TargetSelection = EVERYTHING
    bound: Mapping[str, Any] = field(default_factory=dict)
    sweep: bool = True
    concurrency: int = 32
    now: float | None = None
    at: float | None = None
    coverage: Coverage | None = None
    part: bool = False
    secrets: Callable[[Mapping[str, Any]], str] = _no_secrets
    restrictions: Restrictions = UNRESTRICTED
    advice: Advice = COMMAND
    handed: frozenset[Ref] = frozenset()
    reads: SharedReads = field(default_factory=SharedReads)
    preflight: bool = False
    observations: ObservationCache | None = None
    observation_interval: float = 0.0

    def reads_of(self, cloud: Cloud, held: Inventory) -> BulkReads:
        """What describes in one pass."""
        at = self.at or self.now or time.time()
        return BulkReads(cloud, held, self.observations, at, self.observation_interval, self.reads)

    @property
    def threads(self) -> int:
        """How many steps are applied at once."""
        return 1 if self.choice.alone else self.concurrency


def _check(bundle: Bundle) -> None:
    if bundle.faulty:
        raise ValueError(f"these documents have errors: {', '.join(map(str, bundle.faulty))}")


def reconcile(
    bundle: Bundle,
    cloud: Cloud,
    store: InventoryStore,
    consent: Callable[[Plan], bool],
    order: Order,
    *,
    listen: Listener = lambda _: None,
    earlier: Report | None = None,
    known: Foreknown | None = None,
) -> Report:
    """Do what can be done now, and say how things stand; the caller owns the clock and calls again.

    Args:
        bundle: the desired state.
        cloud: the interface to the account.
        store: where the inventory is kept.
        consent: given the plan, says whether it may be done; ``plan`` is this call with one that says no.
        order: what else was requested.
        listen: called with what happens while it happens.
        earlier: this run's turn before; what it found settled is not looked at again.
        known: what need not be read again, where nothing is earlier.

    Raises:
        CloudError: the identity could not be read.
        InventoryError: the inventory can't be trusted.
        KeyboardInterrupt: a person stopped the run; calls in flight were finished and are remembered.
        ValueError: a document's check failed, so that the desired state is unknown.

    """
    _check(bundle)
    loaded, unheld = _loaded(store, cloud)
    bundle, held = with_sensitive(bundle, loaded)
    listen(Event(Happening.OBSERVING))
    desired, limits = bundle, order.restrictions
    bundle = with_remembered(limits.narrowed(desired, handed=order.handed, destroy=order.destroy), held)
    governed = limits.defaulted(held)
    known = known or foreknown(earlier, held)
    bundle, observed, drafts, secrets = _decided(bundle, held, cloud, order, known)
    drafts = held_after_failure(drafts, governed, order.now, going_on=earlier is not None)
    steps = limits.judged(without_desired(drafts, governed, observed), desired)
    checked = _preflight(with_marks(steps, bundle, governed, observed, secrets), desired, cloud, order)
    plan = _plan(checked, bundle, governed, observed, order, going_on=earlier is not None, unheld=unheld)
    if not consent(plan):
        return without_consent(plan, observed)
    begun = _begun(held, plan, observed, order)
    _save(store, loaded, begun)

    def ended(done: Mapping[str, Done]) -> Inventory:
        left = after(begun, observed, done, secrets, now=order.now, begun_before=unended(held))
        return with_sources(proved(left, plan, done), observed, order.coverage)

    try:
        done = apply(plan, cloud, order.secrets, order.threads, listen, reads=order.reads)
    except Interrupted as stopped:
        record(store, begun, ended(stopped.done), stopped.done)
        raise KeyboardInterrupt from stopped
    record(store, begun, ended(done), done)
    return report(plan, _outcomes(plan, done), observed, consented=True)


def _preflight(steps: list[Step], desired: Bundle, cloud: Cloud, order: Order) -> Preflight:
    if not order.preflight:
        return Preflight(steps)
    return preflight(steps, desired, cloud, order.concurrency, comes_again=order.now is not None)


def _decided(
    bundle: Bundle, held: Inventory, cloud: Cloud, order: Order, known: Foreknown | None
) -> tuple[Bundle, ObservedAccount, list[Step], dict[Ref, Mapping[str, str]]]:
    """What is desired and there, and the steps; what they change was described in this pass, or listed unchanged."""
    reads, governed = order.reads_of(cloud, held), order.restrictions.defaulted(held)
    begun = order.reads.now()
    while True:
        desired, observed = _observed(bundle, held, order, reads, known)
        steps, secrets = _steps(desired, governed, observed, order, cloud)
        if not reads.confirm(described_before(steps, observed)):
            reads.save(desired, whole=not order.part)
            order.reads.note(observed, reads.earlier(observed.live) | set(known.live if known else ()), begun)
            return desired, observed, steps, secrets


def _observed(
    bundle: Bundle, held: Inventory, order: Order, reads: BulkReads, known: Foreknown | None = None
) -> tuple[Bundle, ObservedAccount]:
    """What is desired, with rotated secrets marked, and what is there; none is read for destructions and neighbours."""
    decided = order.choice.targets if order.choice.alone else bundle.order
    secret = with_references(bundle, held, None if order.destroy else order.secrets, decided)
    known, threads = secret.known(known), order.concurrency
    return secret.bundle, observe(secret.bundle, held, reads, threads, known=known, seal=secret.seal)


def _loaded(store: InventoryStore, cloud: Cloud) -> tuple[Inventory, int | None]:
    """The inventory, and how many resources carry its set's tag that it does not hold; None where nobody can count."""
    held = store.load(cloud.identity.account, cloud.identity.region)
    unheld = count_unheld(held, cloud) if held.fresh else 0
    return replace(held, fresh=held.fresh and unheld != 0), unheld


def _save(store: InventoryStore, before: Inventory, now: Inventory) -> None:
    # ``begun`` counts in no comparison; that a resource was seen must outlast a crash all the same.
    seen = any(each.begun and not now.of(each.ref).begun for each in before.entries.values())
    if seen or now != before:
        store.save(now)


def _begun(held: Inventory, plan: Plan, observed: ObservedAccount, order: Order) -> Inventory:
    """What is to be remembered before the first call of a turn."""
    both = union(held, plan, observed, now=order.now, at=order.at or order.now or 0)
    return with_sources(noted(both, plan, order.at), observed, order.coverage)


@stage(PLAN)
def _steps(
    bundle: Bundle, held: Inventory, observed: ObservedAccount, order: Order, cloud: Cloud
) -> tuple[list[Step], dict[Ref, Mapping[str, str]]]:
    pruned = frozenset(observed.orphans) if order.prune else frozenset()
    holders = HeldResources(cloud, order.reads, held, bundle, pruned, order.part)
    if order.destroy:
        ends = with_contents(_endings(bundle, held, observed, order), cloud, held.set, order.reads)
        return deletions_after(holders.ended(ends), cloud, order.reads), {}
    steps: list[Step] = []
    released: dict[Ref, Ref] = {}
    secrets: dict[Ref, Mapping[str, str]] = {}
    live, resolved_now = dict(observed.live), dict(observed.resolved)
    known = KnownValues(live, resolved_now, others=observed.others, home=observed.identity, held=held)
    for ref in sorted(order.choice.targets) if order.choice.alone else bundle.order:
        resolved = observed.resolved[ref]
        if bundle.resources[ref].needs & known.changing:
            resolved = known.resolved[ref] = _resolved_anew(bundle, ref, known)
        secrets[ref], troubles = secret_digests(resolved, held.key, order.secrets)
        owner, entry = Owner(held.set, ref), with_present_digests(held.of(ref), resolved)
        case = Case(
            resolved, observed.live.get(ref), entry, owner, observed, secrets[ref], troubles, held.key
        )
        fought = contended(case.entry, case.kept, order.now)
        step = _held(decide(replace(case, contended=fought) if fought else case), case, cloud, order.reads)
        step = overridden(step, case, cloud, order.reads)
        step, freed = holders.released(step, case)
        released |= dict.fromkeys(freed, ref)
        steps.append(waiting(step, released[ref]) if ref in released else step)
        known.foresee(step)
    if order.choice.alone:
        steps = on_what_is_there(steps, map(str, observed.live))
    steps += sweeps(bundle, held, observed, steps) if order.sweep else []
    ends = holders.ended(_deletions(bundle, held, observed, order, steps, cloud=cloud))
    return [*steps, *deletions_after(ends, cloud, order.reads)], secrets


def _deletions(
    bundle: Bundle,
    held: Inventory,
    observed: ObservedAccount,
    order: Order,
    steps: list[Step],
    *,
    cloud: Cloud,
) -> list[Step]:
    """The deletions of what has no document any more and of former names, dependents first."""
    gone = [
        *prunes(held, observed, requested=order.prune),
        *left_behind(bundle, held, observed, requested=order.prune),
    ]
    gone = with_contents(gone, cloud, held.set, order.reads)
    return list(in_reverse(gone, [step.id for step in steps]))


def _resolved_anew(bundle: Bundle, ref: Ref, known: KnownValues) -> Resolved:
    """The desired resource after what it reads from is about to change; of the same spec it is the same one."""
    before, anew = known.resolved[ref], resolve(bundle.resources[ref], known)
    return before if anew.digest is not None and anew.digest == before.digest else anew


def _held(step: Step, case: Case, cloud: Cloud, reads: SharedReads) -> Step:
    """The step, but for a replacement of what is used; what does not depend on that goes on."""
    step = with_cuts(step, cloud)
    judged = held_while_used(step, cloud, reads)
    if judged.why is Reason.STILL_USED and case.live and judged is not step:
        return along(judged, case, case.live)
    return judged


def _endings(bundle: Bundle, held: Inventory, observed: ObservedAccount, order: Order) -> list[Step]:
    """What the documents stand for; and of what was chosen alone, what is left where there is no document."""
    steps = destruction(bundle, held, observed)
    return [*steps, *in_reverse(prunes(held, observed, requested=True), ())] if order.choice.alone else steps


def _plan(
    checked: Preflight,
    bundle: Bundle,
    held: Inventory,
    observed: ObservedAccount,
    order: Order,
    *,
    going_on: bool,
    unheld: int | None = 0,
) -> Plan:
    left = observed.orphans.keys() | (observed.vanished.keys() - bundle.resources.keys())
    drafts = with_patterns(checked.steps, bundle, held)
    scope = scope_of(bundle, order.choice, left, destroy=order.destroy)
    steps = with_effects(block_dependents(scoped(drafts, bundle, scope, destroy=order.destroy)), observed)
    agreed = Agreed(order.confirm_deletes, order.confirm_delete, going_on=going_on)
    if order.destroy:
        stops = destroying(steps, held, observed, agreed, order.choice.targets, part=order.part)
    else:
        lost = without_inventory(steps, held.set, unheld) if order.prune else ()
        stops = (*lost, *brakes(steps, bundle, held, observed, agreed, coverage=order.coverage, at=order.at))
    message = content(steps, stops, observed)
    plan = Plan(
        observed.identity,
        held.set,
        tuple(steps),
        stops,
        fingerprint(message, held, order.bound),
        edges(bundle),
        scope.along,
        dict(order.bound),
        message,
        counted=frozenset() if order.destroy else counted(steps, stops, held, agreed),
        notices=unheld_notice(held.set, unheld),
        preflight=checked.findings,
    )
    return advised(plan, order.advice)


@dataclass(frozen=True)
class Rebuilt:
    """A lost inventory made anew: what was found, and the inventory with what a turn remembers that changes nothing."""

    recovery: Recovery
    inventory: Inventory


def rebuild(bundle: Bundle, cloud: Cloud, held: Inventory, order: Order) -> Rebuilt:
    """Make the inventory anew from the account. Reads only; the caller saves it, where nothing was unreadable.

    Raises:
        CloudError: the identity could not be read.

    """
    bundle, held = with_sensitive(order.restrictions.narrowed(bundle), held)
    recovery = recover(bundle, held, cloud, order.concurrency)
    found = recovery.inventory
    bundle, observed = _observed(bundle, found, order, BulkReads(cloud, found))
    steps, secrets = _steps(bundle, found, observed, order, cloud)
    still = [step for step in with_patterns(steps, bundle, found) if step.action is Action.NOOP]
    done = {step.id: Done(Outcome(step, Result.UNCHANGED)) for step in still}
    known = with_sources(after(found, observed, done, secrets), observed, order.coverage)
    return Rebuilt(recovery, replace(known, fresh=False))


def _outcomes(plan: Plan, done: Mapping[str, Done]) -> tuple[Outcome, ...]:
    return tuple(done[step.id].outcome for step in plan.steps)


def account_view(bundle: Bundle, cloud: Cloud, store: InventoryStore, order: Order) -> ObservedAccount:
    """See the account through the documents, without a plan.

    Raises:
        CloudError: the identity could not be read.
        InventoryError: the inventory can't be trusted.

    """
    held = store.load(cloud.identity.account, cloud.identity.region)
    secret = with_references(bundle, held, None, ())
    reads = order.reads_of(cloud, held)
    observed = observe(secret.bundle, held, reads, order.concurrency, seal=secret.seal)
    reads.save(secret.bundle, whole=not order.part)
    return observed
