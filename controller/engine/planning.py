"""The plan of a pass: the steps from what is desired and what is there, and what holds them."""

from collections.abc import Mapping
from dataclasses import replace

from controller.core.cloud import Cloud, CloudError
from controller.core.phase import Action, Phase
from controller.core.reason import Reason
from controller.core.ref import Ref
from controller.engine.absence import siblings
from controller.engine.advice import advised
from controller.engine.cascade import with_contents
from controller.engine.contention import contended
from controller.engine.decide import decide
from controller.engine.decision_input import DecisionInput
from controller.engine.deletion_consent import ConfirmedDeletions
from controller.engine.deletion_guards import brakes, counted, destroying, unheld_notice, without_inventory
from controller.engine.deletions import destruction, in_reverse, prunes, sweeps
from controller.engine.effects import block_dependents, edges, on_what_is_there, with_effects
from controller.engine.fingerprint import content, fingerprint
from controller.engine.holders import HeldResources, waiting
from controller.engine.known_values import KnownValues, with_present_digests
from controller.engine.lookup import describe
from controller.engine.memberships import with_cuts
from controller.engine.observed import ObservedAccount, Owner
from controller.engine.order import Order
from controller.engine.overrides import deletions_after, overridden
from controller.engine.plan import Plan, Step
from controller.engine.preconditions import held_while_used
from controller.engine.preflight import Preflight
from controller.engine.renames import left_behind
from controller.engine.scope import scope_of, scoped
from controller.engine.secret_references import secret_digests
from controller.engine.sensitive import with_patterns
from controller.engine.shared_reads import SharedReads
from controller.engine.step_builder import along
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle
from controller.manifests.resolve import Resolved, resolve
from controller.runtime.tracing import PLAN, stage
from controller.schema.names import lower_camel


@stage(PLAN)
def drafted(
    bundle: Bundle, held: Inventory, observed: ObservedAccount, order: Order, cloud: Cloud
) -> tuple[list[Step], dict[Ref, Mapping[str, str]]]:
    """The steps of a pass, dependencies first, and the keyed digests of the secrets that they use."""
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
        case = DecisionInput(
            resolved, observed.live.get(ref), entry, owner, observed, secrets[ref], troubles, held.key
        )
        fought = contended(case.entry, case.kept, order.now)
        step = _held(decide(replace(case, contended=fought) if fought else case), case, cloud, order.reads)
        step = _unless_taken(step, case, cloud)
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


def _held(step: Step, case: DecisionInput, cloud: Cloud, reads: SharedReads) -> Step:
    """The step, but for a replacement of what is used; what does not depend on that goes on."""
    step = with_cuts(step, cloud)
    judged = held_while_used(step, cloud, reads)
    if judged.why is Reason.STILL_USED and case.live and judged is not step:
        return along(judged, case, case.live)
    return judged


def _unless_taken(step: Step, case: DecisionInput, cloud: Cloud) -> Step:
    """The step, but for a creation of a further resource where the service takes one, such as one of a cluster.

    It has another name than the one that is there, so that no later pass would find it as its own.
    """
    its, spec = case.resource.contract, case.resolved.spec
    found_by, unique = its.kind.identity.found_by, its.kind.identity.unique or ()
    named = found_by.matches if found_by else ()
    if step.action is not Action.CREATE or not step.calls or not unique or set(named) <= set(unique):
        return step
    try:
        beside = {arn for arn in siblings(cloud, its, spec, named=False) if arn not in case.entry.names}
        lives = [live for arn in sorted(beside) if (live := describe(cloud, its, arn)) is not None]
    except CloudError:
        return step  # the creation itself is refused then, in AWS's words
    taken = [live.arn for live in lives if live.phase is not Phase.DELETING]
    if not taken:
        return step
    where, names = (" and ".join(map(lower_camel, each)) for each in (unique, named))
    detail = (
        f"AWS refuses a second {its.name} of one {where}, and there is {', '.join(taken)}; delete that if it is not"
        f" needed, or give this document its {names} and policy.adopt: IfUnowned, which takes it over: it is then"
        " changed to what the document says, and deleted with it"
    )
    return replace(step, action=Action.BLOCKED, why=Reason.NOT_OWNED, detail=detail, calls=())


def _endings(bundle: Bundle, held: Inventory, observed: ObservedAccount, order: Order) -> list[Step]:
    """What the documents stand for; and of what was chosen alone, what is left where there is no document."""
    steps = destruction(bundle, held, observed)
    return [*steps, *in_reverse(prunes(held, observed, requested=True), ())] if order.choice.alone else steps


def planned(
    checked: Preflight,
    bundle: Bundle,
    held: Inventory,
    observed: ObservedAccount,
    order: Order,
    *,
    going_on: bool,
    unheld: int | None = 0,
) -> Plan:
    """The plan of checked steps: what consent is bound to, and what holds deletions."""
    left = observed.orphans.keys() | (observed.vanished.keys() - bundle.resources.keys())
    drafts = with_patterns(checked.steps, bundle, held)
    scope = scope_of(bundle, order.choice, left, destroy=order.destroy)
    steps = with_effects(block_dependents(scoped(drafts, bundle, scope, destroy=order.destroy)), observed)
    agreed = ConfirmedDeletions(order.confirm_deletes, order.confirm_delete, going_on=going_on)
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
