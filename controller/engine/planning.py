"""The plan of a pass: the steps from desired and live resources, and the confirmations that they need."""

from collections.abc import Mapping
from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.absence import siblings
from controller.engine.advice import with_advice
from controller.engine.cascade import with_contents
from controller.engine.contention import contended_fields
from controller.engine.decide import decide
from controller.engine.decision_input import DecisionInput
from controller.engine.deletion_consent import ConfirmedDeletions
from controller.engine.deletion_guards import (
    destroy_confirmations,
    inventory_notice,
    required_confirmations,
    unconfirmed_deletions,
    without_inventory,
)
from controller.engine.deletions import destroy_steps, in_reverse, old_generation_deletions, prune_steps
from controller.engine.effects import block_dependents, block_unless_present, edges, with_effects
from controller.engine.fingerprint import content, fingerprint
from controller.engine.holders import HeldResources, wait_for_deletion
from controller.engine.known_values import KnownValues, with_present_digests
from controller.engine.lookup import describe
from controller.engine.memberships import with_membership_removals
from controller.engine.observed import ObservedAccount, Owner
from controller.engine.order import Order
from controller.engine.overrides import deletions_after, reduce_update
from controller.engine.plan import ConfirmationRequired, Plan, Step
from controller.engine.preconditions import blocked_while_used
from controller.engine.preflight import Preflight
from controller.engine.renames import left_behind
from controller.engine.scope import limit_to_scope, scope_of
from controller.engine.secret_references import secret_digests
from controller.engine.sensitive import with_patterns
from controller.engine.shared_reads import SharedReads
from controller.engine.step_builder import with_tag_changes
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle
from controller.manifests.resolve import Resolved, resolve
from controller.runtime.tracing import PLAN, stage
from controller.schema.names import lower_camel


@stage(PLAN)
def decide_all(
    bundle: Bundle, inventory: Inventory, observed: ObservedAccount, order: Order, cloud: Cloud
) -> tuple[list[Step], dict[Ref, Mapping[str, str]]]:
    """The steps of a pass, dependencies first, and the keyed digests of the secrets that they use."""
    pruned = frozenset(observed.orphans) if order.prune else frozenset()
    holders = HeldResources(cloud, order.reads, inventory, bundle, pruned, order.part)
    if order.destroy:
        steps = _destroy_steps(bundle, inventory, observed, order)
        ends = with_contents(steps, cloud, inventory.set, order.reads)
        return deletions_after(holders.block_held(ends), cloud, order.reads), {}
    steps = []
    released: dict[Ref, Ref] = {}
    secrets: dict[Ref, Mapping[str, str]] = {}
    live, resolved_now = dict(observed.live), dict(observed.resolved)
    known = KnownValues(
        live, resolved_now, {}, observed.others, identity=observed.identity, inventory=inventory
    )
    for ref in sorted(order.choice.targets) if order.choice.alone else bundle.order:
        resolved = observed.resolved[ref]
        if bundle.resources[ref].needs & known.changing:
            resolved = known.resolved[ref] = _resolved_again(bundle, ref, known)
        secrets[ref], problems = secret_digests(resolved, inventory.key, order.secrets)
        owner, entry = Owner(inventory.set, ref), with_present_digests(inventory.of(ref), resolved)
        case = DecisionInput(
            resolved, observed.live.get(ref), entry, owner, observed, secrets[ref], problems, inventory.key
        )
        fields = contended_fields(case.entry, case.as_recorded, order.now)
        step = _unless_used(
            decide(replace(case, contended=fields) if fields else case), case, cloud, order.reads
        )
        step = _unless_taken(step, case, cloud)
        step = reduce_update(step, case, cloud, order.reads)
        step, freed = holders.release_held(step, case)
        released |= dict.fromkeys(freed, ref)
        steps.append(wait_for_deletion(step, released[ref]) if ref in released else step)
        known.note_changes(step)
    if order.choice.alone:
        steps = block_unless_present(steps, map(str, observed.live))
    steps += old_generation_deletions(bundle, inventory, observed, steps) if order.sweep else []
    ends = holders.block_held(_deletions(bundle, inventory, observed, order, steps, cloud=cloud))
    return [*steps, *deletions_after(ends, cloud, order.reads)], secrets


def _deletions(
    bundle: Bundle,
    inventory: Inventory,
    observed: ObservedAccount,
    order: Order,
    steps: list[Step],
    *,
    cloud: Cloud,
) -> list[Step]:
    """The deletions of resources without a document and of former names, dependents first."""
    gone = [
        *prune_steps(inventory, observed, requested=order.prune),
        *left_behind(bundle, inventory, observed, requested=order.prune),
    ]
    gone = with_contents(gone, cloud, inventory.set, order.reads)
    return list(in_reverse(gone, [step.id for step in steps]))


def _resolved_again(bundle: Bundle, ref: Ref, known: KnownValues) -> Resolved:
    """The desired resource, resolved again after steps change its sources; the same object if its spec is equal."""
    before, anew = known.resolved[ref], resolve(bundle.resources[ref], known)
    return before if anew.digest is not None and anew.digest == before.digest else anew


def _unless_used(step: Step, case: DecisionInput, cloud: Cloud, reads: SharedReads) -> Step:
    """The step; a replacement of a resource in use is blocked, with the calls that don't depend on it."""
    step = with_membership_removals(step, cloud)
    judged = blocked_while_used(step, cloud, reads)
    if judged.why is Reason.STILL_USED and case.live and judged is not step:
        return with_tag_changes(judged, case, case.live)
    return judged


def _unless_taken(step: Step, case: DecisionInput, cloud: Cloud) -> Step:
    """The step; blocked if it creates a second resource where the service permits one, such as one for each cluster.

    The existing one has another name, so no later pass would find it.
    """
    its, spec = case.resource.contract, case.resolved.spec
    found_by, unique = its.kind.identity.found_by, its.kind.identity.unique or ()
    named = found_by.matches if found_by else ()
    if step.action is not Action.CREATE or not step.calls or not unique or set(named) <= set(unique):
        return step
    try:
        others = {arn for arn in siblings(cloud, its, spec, named=False) if arn not in case.entry.names}
        live_resources = [live for arn in sorted(others) if (live := describe(cloud, its, arn)) is not None]
    except CloudError:
        return step  # then AWS refuses the creation itself
    taken = [live.arn for live in live_resources if live.phase is not Phase.DELETING]
    if not taken:
        return step
    where, names = (" and ".join(map(lower_camel, each)) for each in (unique, named))
    detail = (
        f"AWS refuses a second {its.name} of one {where}, and there is {', '.join(taken)}; delete that if it is not"
        f" needed, or give this document its {names} and policy.adopt: IfUnowned, which takes it over: it is then"
        " changed to what the document says, and deleted with it"
    )
    return replace(step, action=Action.BLOCKED, why=Reason.NOT_OWNED, detail=detail, calls=())


def _destroy_steps(
    bundle: Bundle, inventory: Inventory, observed: ObservedAccount, order: Order
) -> list[Step]:
    """The deletions of the documents' resources, and of chosen ones that have no document."""
    steps, free = destroy_steps(bundle, inventory, observed, order.unprotected), order.unprotected
    left = prune_steps(inventory, observed, requested=True, unprotected=free) if order.choice.alone else []
    return [*steps, *in_reverse(left, ())]


def complete_plan(
    checked: Preflight,
    bundle: Bundle,
    inventory: Inventory,
    observed: ObservedAccount,
    order: Order,
    *,
    continued: bool,
    untracked: int | None = 0,
) -> Plan:
    """The plan of checked steps, with its fingerprint and the confirmations of deletions."""
    left = observed.orphans.keys() | (observed.missing.keys() - bundle.resources.keys())
    marked = with_patterns(checked.steps, bundle, inventory)
    scope = scope_of(bundle, order.choice, left, destroy=order.destroy)
    steps = with_effects(
        block_dependents(limit_to_scope(marked, bundle, scope, destroy=order.destroy)), observed
    )
    agreed = ConfirmedDeletions(order.confirm_deletes, order.confirm_delete, continued=continued)
    unconfirmed = _required_confirmations(
        steps, bundle, inventory, observed, order, agreed=agreed, untracked=untracked
    )
    message = content(steps, unconfirmed, observed)
    plan = Plan(
        observed.identity,
        inventory.set,
        tuple(steps),
        unconfirmed,
        fingerprint(message, inventory, order.bound),
        edges(bundle),
        scope.along,
        dict(order.bound),
        message,
        counted=frozenset()
        if order.destroy
        else unconfirmed_deletions(steps, unconfirmed, inventory, agreed),
        notices=inventory_notice(inventory.set, untracked),
        preflight=checked.findings,
    )
    return with_advice(plan, order.advice)


def _required_confirmations(
    steps: list[Step],
    bundle: Bundle,
    inventory: Inventory,
    observed: ObservedAccount,
    order: Order,
    *,
    agreed: ConfirmedDeletions,
    untracked: int | None,
) -> tuple[ConfirmationRequired, ...]:
    """The deletions of the steps that need a confirmation."""
    if order.destroy:
        return destroy_confirmations(
            steps, inventory, observed, agreed, order.choice.targets, part=order.part
        )
    required = required_confirmations(
        steps, bundle, inventory, observed, agreed, coverage=order.coverage, at=order.at
    )
    lost = without_inventory(steps, inventory.set, untracked) if order.prune else ()
    return (*lost, *required)
