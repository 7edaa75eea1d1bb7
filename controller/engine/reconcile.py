"""One pass: observe -> diff -> plan -> confirmations -> consent -> apply -> report. A pass never waits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from controller.core.cloud import Cloud
from controller.core.phase import Action
from controller.core.ref import Ref
from controller.engine.apply import Done, apply
from controller.engine.bulk_reads import BulkReads
from controller.engine.decide import with_deletion_backoff
from controller.engine.deletion_guards import (
    settled_pruned,
    with_pruned,
)
from controller.engine.deletions import described_before
from controller.engine.fingerprint import with_marks
from controller.engine.ignored_members import with_remembered
from controller.engine.in_flight import prior_reads
from controller.engine.observe import observe
from controller.engine.observed import ObservedAccount, PriorReads
from controller.engine.order import Order
from controller.engine.plan import Plan, Step
from controller.engine.planning import complete_plan, decide_all
from controller.engine.preflight import Preflight, preflight
from controller.engine.record_attempts import record_attempts
from controller.engine.recover import Recovery, count_untracked, recover
from controller.engine.renames import without_desired
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
from controller.engine.scope import with_sources
from controller.engine.secret_references import with_references
from controller.engine.sensitive import with_patterns, with_sensitive
from controller.engine.update_inventory import after_pass, incomplete_changes, record
from controller.inventory.model import Inventory, InventoryStore
from controller.manifests.bundle import Bundle


def _check(bundle: Bundle) -> None:
    if bundle.invalid_documents:
        raise ValueError(f"these documents have errors: {', '.join(map(str, bundle.invalid_documents))}")


def reconcile(
    bundle: Bundle,
    cloud: Cloud,
    store: InventoryStore,
    consent: Callable[[Plan], bool],
    order: Order,
    *,
    listen: Listener = lambda _: None,
    earlier: Report | None = None,
    known: PriorReads | None = None,
) -> Report:
    """Do what can be done now, and report the state; the caller decides when to call again.

    Args:
        bundle: the desired state.
        cloud: the interface to the account.
        store: the store of the inventory.
        consent: whether a plan may be executed; ``plan`` is this call with a consent that returns False.
        order: the options of the run.
        listen: called with each event during the pass.
        earlier: the previous pass of this run; resources that it found settled are not read again.
        known: reads that need not be repeated, if there is no earlier pass.

    Raises:
        CloudError: the identity could not be read.
        InventoryError: the inventory can't be trusted.
        KeyboardInterrupt: the run was interrupted; calls in flight were finished and recorded.
        ValueError: a document's check failed, so that the desired state is unknown.

    """
    _check(bundle)
    loaded, untracked = _load_inventory(store, cloud)
    bundle, inventory = with_sensitive(bundle, loaded)
    listen(Event(Happening.OBSERVING))
    desired, limits = bundle, order.restrictions
    allowed = limits.narrow(desired, transferred=order.transferred, destroy=order.destroy)
    bundle = with_remembered(allowed, inventory)
    governed = limits.with_default_deletion(inventory)
    known = known or prior_reads(earlier, inventory)
    bundle, observed, decided, secrets = _decide_all(bundle, inventory, cloud, order, known)
    decided = with_deletion_backoff(decided, governed, order.now, continued=earlier is not None)
    steps = limits.block_forbidden(without_desired(decided, governed, observed), desired)
    checked = _preflight(with_marks(steps, bundle, governed, observed, secrets), desired, cloud, order)
    again = earlier is not None
    plan = complete_plan(checked, bundle, governed, observed, order, continued=again, untracked=untracked)
    if not consent(plan):
        return without_consent(plan, observed)
    begun = _inventory_before(inventory, plan, observed, order)
    if begun != loaded:
        store.save(begun)
    applied = apply(plan, cloud, order.secrets, order.threads, listen, reads=order.reads)
    done, now, started = applied.done, order.now, incomplete_changes(inventory)
    cut = {step.ref for step in plan.steps if step.id not in done}
    left = after_pass(begun, observed, done, secrets, now=now, begun_before=started, interrupted=cut)
    record(store, begun, with_sources(settled_pruned(left, plan, done), observed, order.coverage), done)
    if applied.interruption is not None:
        raise applied.interruption
    return report(plan, _outcomes(plan, done), observed, consented=True)


def _preflight(steps: list[Step], desired: Bundle, cloud: Cloud, order: Order) -> Preflight:
    if not order.preflight:
        return Preflight(steps)
    return preflight(steps, desired, cloud, order.concurrency, recurring=order.now is not None)


def _decide_all(
    bundle: Bundle, inventory: Inventory, cloud: Cloud, order: Order, known: PriorReads | None
) -> tuple[Bundle, ObservedAccount, list[Step], dict[Ref, Mapping[str, str]]]:
    """The desired and live resources, and the steps.

    A resource that they change was described in this pass, or listed unchanged, and its tags were read in this pass.
    """
    reads, governed = order.reads_of(cloud, inventory), order.restrictions.with_default_deletion(inventory)
    begun = order.reads.now()
    while True:
        desired, observed = _observe_all(bundle, inventory, order, reads, known)
        steps, secrets = decide_all(desired, governed, observed, order, cloud)
        changed = (each for step in steps if step.changes_account for each in observed.all_of(step.ref))
        rest = known.without(changed) if known else None
        if not reads.confirm(described_before(steps, observed)) and rest == known:
            reads.save(desired, whole=not order.part)
            order.reads.note(
                observed, reads.not_described(observed.live) | set(known.live if known else ()), begun
            )
            return desired, observed, steps, secrets
        known = rest


def _observe_all(
    bundle: Bundle, inventory: Inventory, order: Order, reads: BulkReads, known: PriorReads | None = None
) -> tuple[Bundle, ObservedAccount]:
    """The desired resources, with rotated secrets marked, and the live ones; destructions read no secrets."""
    decided = order.choice.targets if order.choice.alone else bundle.order
    secret = with_references(bundle, inventory, None if order.destroy else order.secrets, decided)
    known, threads = secret.known(known), order.concurrency
    return secret.bundle, observe(secret.bundle, inventory, reads, threads, known=known, redact=secret.redact)


def _load_inventory(store: InventoryStore, cloud: Cloud) -> tuple[Inventory, int | None]:
    """The inventory, and the number of its set's tagged resources that it lacks; None if unknown."""
    inventory = store.load(cloud.identity.account, cloud.identity.region)
    untracked = count_untracked(inventory, cloud) if inventory.fresh else 0
    return replace(inventory, fresh=inventory.fresh and untracked != 0), untracked


def _inventory_before(inventory: Inventory, plan: Plan, observed: ObservedAccount, order: Order) -> Inventory:
    """The inventory to record before the first call of a pass."""
    both = record_attempts(inventory, plan, observed, now=order.now, at=order.at or order.now or 0)
    return with_sources(with_pruned(both, plan, order.at), observed, order.coverage)


@dataclass(frozen=True)
class Rebuilt:
    """A rebuilt inventory: what was found, and the inventory as a pass without changes would record it."""

    recovery: Recovery
    inventory: Inventory


def rebuild(bundle: Bundle, cloud: Cloud, inventory: Inventory, order: Order) -> Rebuilt:
    """Rebuild the inventory from the account. Reads only; the caller saves it if nothing was unreadable.

    Raises:
        CloudError: the identity could not be read.

    """
    bundle, inventory = with_sensitive(order.restrictions.narrow(bundle), inventory)
    recovery = recover(bundle, inventory, cloud, order.concurrency)
    found = recovery.inventory
    bundle, observed = _observe_all(bundle, found, order, BulkReads(cloud, found))
    steps, secrets = decide_all(bundle, found, observed, order, cloud)
    still = [step for step in with_patterns(steps, bundle, found) if step.action is Action.NOOP]
    done = {step.id: Done(Outcome(step, Result.UNCHANGED)) for step in still}
    known = with_sources(after_pass(found, observed, done, secrets), observed, order.coverage)
    return Rebuilt(recovery, replace(known, fresh=False))


def _outcomes(plan: Plan, done: Mapping[str, Done]) -> tuple[Outcome, ...]:
    return tuple(done[step.id].outcome for step in plan.steps)


def account_view(bundle: Bundle, cloud: Cloud, store: InventoryStore, order: Order) -> ObservedAccount:
    """Observe the account through the documents, without a plan.

    Raises:
        CloudError: the identity could not be read.
        InventoryError: the inventory can't be trusted.

    """
    inventory = store.load(cloud.identity.account, cloud.identity.region)
    secret = with_references(bundle, inventory, None, ())
    reads = order.reads_of(cloud, inventory)
    observed = observe(secret.bundle, inventory, reads, order.concurrency, redact=secret.redact)
    reads.save(secret.bundle, whole=not order.part)
    return observed
