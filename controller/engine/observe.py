"""Observe the account: desired resources, old generations, and resources without a document. Reads only."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial

from controller.core.cloud import CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.absence import (
    HeldResource,
    confirm_absence,
    describe_listed,
    find_unanswered_creation,
    is_same_resource,
    select_sibling,
    siblings,
)
from controller.engine.adoption import claimed_name, named_by_policy
from controller.engine.bulk_reads import BulkReads
from controller.engine.known_values import KnownValues
from controller.engine.linked_resources import linked_resources, missing_links
from controller.engine.lookup import needs_narrowing, owned_tags
from controller.engine.observed import Live, MissingResource, ObservedAccount, Owner, PriorReads
from controller.engine.parallel_map import executor, parallel_map
from controller.engine.stale_dependencies import unseen_targets
from controller.inventory.model import UNPROVED, Entry, Generation, Inventory
from controller.inventory.observation_cache import Key
from controller.kinds import KINDS, TargetForm
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.resolve import Resolved, resolve
from controller.runtime.tracing import OBSERVE, stage
from controller.schema.contract import contract

Redact = Callable[[Ref, Live], Live]
ONE_BY_ONE = 3  # so many of a kind are described directly; for more, List pages are read first


@stage(OBSERVE)
def observe(
    bundle: Bundle,
    inventory: Inventory,
    reads: BulkReads,
    threads: int,
    *,
    known: PriorReads | None = None,
    redact: Redact = lambda _, live: live,
) -> ObservedAccount:
    """Read all resources that the documents and the inventory name.

    Args:
        bundle: the desired state.
        inventory: the recorded names and digests.
        reads: the reads of this pass, which may reuse observations of an earlier run.
        threads: how many reads run at once.
        known: reads that need not be repeated.
        redact: hides secrets in a live resource before anything else reads it.

    """
    settled, identity = known or PriorReads(), reads.cloud.identity
    state = KnownValues(dict(settled.live), dict(settled.resolved), identity=identity, inventory=inventory)
    with executor(threads) as pool:
        unread = [ref for ref in bundle.order if ref not in state.live]
        keys = _inventory_keys(bundle, unread, inventory)
        begun = pool.submit(owned_tags, reads.cloud) if known is None and len(keys) > ONE_BY_ONE else None
        reads.sweep(pool, keys)
        state.others = linked_resources(bundle, unread, reads, pool)
        absent = _absences(bundle, unread, inventory, reads, pool)
        for batch in _batches(bundle, unread):
            _resolve(batch, bundle, state)
            _claim(batch, state, inventory, reads, pool)
            there = [ref for ref in batch if not _is_name_free(state.resolved[ref], inventory, settled)]
            fetch = partial(_fetch, state, inventory, reads, absent)
            _sort(parallel_map(pool, there, fetch), state, redact)
        state.others = {**state.others, **unseen_targets(state, reads.describe, pool)}
        left = _leftovers(bundle, inventory, state, reads, pool, before=settled.left)
        olds, orphans = (_redact_all(each, redact) for each in left)
        single = _stable_resources(state.live, known, inventory)
        tagged, olds, orphans = reads.with_tags(pool, state.errors, single, olds, orphans, begun=begun)
    return ObservedAccount(
        identity,
        state.resolved,
        {ref: tagged.get(ref, (each,))[0] for ref, each in state.live.items()},
        olds,
        orphans,
        state.errors,
        missing_links(bundle, unread, state.others),
        state.others,
        state.missing,
    )


def _claim(
    batch: list[Ref], known: KnownValues, inventory: Inventory, reads: BulkReads, pool: Executor
) -> None:
    """Look for the resource that ``policy.arn`` names, before dependents take its name."""
    named = {ref: claimed_name(known.resolved[ref], inventory.of(ref), reads.cloud.identity) for ref in batch}
    refs = [ref for ref in batch if named[ref]]
    for ref, seen in parallel_map(
        pool, refs, lambda ref: reads.describe(contract(ref.kind), named[ref], anew=True)
    ).items():
        if isinstance(seen, CloudError):
            known.errors[ref] = seen
        elif seen is not None:
            known.resolved[ref] = named_by_policy(known.resolved[ref], inventory.of(ref), seen, inventory.key)


def _stable_resources(
    live: Mapping[Ref, Live], known: PriorReads | None, inventory: Inventory
) -> dict[Ref, tuple[Live]]:
    """The resources whose tags are read: those that AWS is not changing; all in the first pass."""
    return {
        ref: (_with_own_tags(each, known or PriorReads()),)
        for ref, each in live.items()
        if not (known and _is_in_transition(each, inventory.of(ref)))
    }


def _is_in_transition(live: Live, entry: Entry) -> bool:
    """Whether AWS is changing a resource that the inventory proves ours: its tags are not needed until that has ended.

    A job in progress counts as settled: it may be changed or stopped.
    """
    return (
        contract(entry.ref.kind).kind.lifecycle.runs is None
        and live.phase is Phase.CHANGING
        and live.arn == entry.arn != ""
        and entry.instance != UNPROVED
    )


def _is_name_free(resolved: Resolved, inventory: Inventory, known: PriorReads) -> bool:
    """Whether a new resource's name was free; the creation proves that it still is, because a taken name is refused."""
    ref = resolved.resource.ref
    return not inventory.of(ref).name and ref in known.free_names and known.free_names[ref] == resolved.name


def _with_own_tags(live: Live, known: PriorReads) -> Live:
    """A resource with the tags that we set."""
    return replace(live, tags=known.given[live.arn]) if live.arn in known.given else live


def _batches(bundle: Bundle, unread: Iterable[Ref]) -> list[list[Ref]]:
    """Documents in groups, so that the sources of a document's names and values are read before it."""
    depth: dict[Ref, int] = {}
    for ref in bundle.order:
        needs = bundle.resources[ref].needs
        depth[ref] = max((depth[need] + _reads(bundle.resources[need]) for need in needs), default=0)
        depth[ref] = max(
            [depth[ref], *(depth[use] + 1 for use in _value_sources(bundle.resources[ref]) if use in depth)]
        )
    desired = set(unread)
    batches: dict[int, list[Ref]] = {}
    for ref in bundle.order:
        if ref in desired:
            batches.setdefault(depth[ref], []).append(ref)
    return [batches[level] for level in sorted(batches)]


def _inventory_keys(bundle: Bundle, unread: Iterable[Ref], inventory: Inventory) -> list[Key]:
    """The resources of the inventory that will be described."""
    refs = {*unread, *(ref for ref in inventory.entries if ref not in bundle.resources)}
    return [(ref.kind, name) for ref in sorted(refs) if ref.kind in KINDS for name in inventory.of(ref).names]


def _value_sources(resource: Resource) -> set[Ref]:
    """The documents from whose live bodies a document takes values: by an output, or by a link's ARN or ID."""
    refs = {each.target for each in resource.links if each.target and each.link.by is not TargetForm.NAME}
    return refs | {use.ref for use in resource.outputs}


def _reads(resource: Resource) -> int:
    """1 if the identity of a resource is known only after a read, else 0."""
    found_by = resource.contract.kind.identity.found_by
    return int(bool(resource.policy.arn) or (found_by is not None and found_by.when in resource.spec))


def _absences(
    bundle: Bundle, unread: Iterable[Ref], inventory: Inventory, reads: BulkReads, pool: Executor
) -> Mapping[str, frozenset[str]]:
    """The names that List pages show, by kind, for kinds with many documents.

    A page costs less than a hundred Describes, and the creation proves an absence: the service refuses a taken name.
    """
    many: dict[str, int] = {}
    for ref in unread:
        if inventory.of(ref).arn == "" and _is_listed_by_name(bundle.resources[ref]):
            many[ref.kind] = many.get(ref.kind, 0) + 1
    kinds = sorted(kind for kind, count in many.items() if count > ONE_BY_ONE)
    listed = parallel_map(pool, kinds, lambda kind: reads.names(kind, many[kind]))
    return {kind: names for kind, names in listed.items() if isinstance(names, frozenset)}


def _is_listed_by_name(resource: Resource) -> bool:
    """Whether a List shows that the name of a resource is free."""
    of = resource.contract
    is_named = of.kind.identity.key is None and not _reads(resource)
    return is_named and of.lists is not None and not needs_narrowing(of.lists)


def _fetch(
    state: KnownValues, inventory: Inventory, reads: BulkReads, absent: Mapping[str, frozenset[str]], ref: Ref
) -> Live | MissingResource | None:
    """The live resource; for one that the inventory holds and that is not found, the proof of its absence."""
    resolved, entry = state.resolved[ref], inventory.of(ref)
    live = _read_desired(resolved, inventory, reads, absent)
    is_ours = entry.name and (resolved.has_assigned_identity or entry.name == resolved.name)
    if live is not None or not is_ours:
        return live
    if not (entry.was_made or entry.attempt or entry.leaving):
        return MissingResource(entry.name, agreed=True)  # no creation was ever accepted
    return confirm_absence(
        reads.cloud, resolved.resource.contract, entry, HeldResource(entry.name, entry.arn), at=reads.at
    )


def _read_desired(
    resolved: Resolved, inventory: Inventory, reads: BulkReads, absent: Mapping[str, frozenset[str]]
) -> Live | None:
    contract, entry = resolved.resource.contract, inventory.of(resolved.resource.ref)
    if resolved.has_assigned_identity:
        return _observe_numbered(resolved, entry, str(Owner(inventory.set, entry.ref)), reads)
    if not isinstance(resolved.name, str):
        return reads.describe(contract, entry.name) if entry.name else None
    listed = absent.get(contract.name)
    if listed is not None and resolved.name.casefold() not in listed and not entry.arn:
        return None
    is_new = not (entry.name or entry.arn) and _is_listed_by_name(resolved.resource)
    if is_new and reads.shared.is_free(reads.cloud, contract, resolved.name):
        return None
    return reads.describe(contract, resolved.name, anew=resolved.spec != entry.applied)


def _observe_numbered(resolved: Resolved, entry: Entry, owner: str, reads: BulkReads) -> Live | None:
    """The numbered resource that the inventory names; else the one whose ARN its document names."""
    live, named = _known_again(resolved, entry, owner, reads), resolved.resource.policy.arn
    if live or not named or entry.name or entry.attempt:
        return live
    return reads.describe(resolved.resource.contract, named, anew=True)


def _known_again(resolved: Resolved, entry: Entry, owner: str, reads: BulkReads) -> Live | None:
    """The numbered resource by its recorded ARN; else by our marker or its identifying members, among its siblings."""
    contract = resolved.resource.contract
    found_by, changed = contract.kind.identity.found_by, resolved.spec != entry.applied
    live = reads.describe(contract, entry.name, anew=changed) if entry.name else None
    if live or found_by is None or resolved.unknown or not (found_by.listed_by or found_by.matches):
        return live
    if found_by.marker and (entry.name or entry.attempt):
        return None  # it was deleted, or its client token returns it; an older sibling is another one
    cloud = reads.cloud
    seen = [describe_listed(cloud, contract, arn) for arn in siblings(cloud, contract, resolved.spec)]
    fitting = [live for live in seen if is_same_resource(found_by, live, resolved.spec, owner)]
    return select_sibling(cloud, contract, fitting, owner, resolved.resource.policy.arn)


def _leftovers(
    bundle: Bundle,
    inventory: Inventory,
    known: KnownValues,
    reads: BulkReads,
    pool: Executor,
    *,
    before: Mapping[tuple[Ref, str], Live],
) -> tuple[dict[Ref, tuple[Live, ...]], dict[Ref, tuple[Live, ...]]]:
    """The other resources of the inventory: old generations, and those without a document."""
    generations: list[tuple[Ref, Generation]] = []
    for ref, entry in sorted(inventory.entries.items()):
        seen = known.live.get(ref)
        now = known.identifier(ref) or (seen.name if seen else None)
        names = {g.name: g for g in (*entry.old, Generation(entry.name, entry.arn)) if g.name}
        unknown = seen is None and _is_unfinished(entry)
        lost = {now, *(each.name for each in known.missing.get(ref, ()))}
        parts = [g for name, g in names.items() if name not in lost] + [Generation("")] * unknown
        generations += [(ref, each) for each in parts if ref.kind in KINDS]
    keys = {each: (each[0], each[1].name) for each in generations}
    unread = [each for each in generations if keys[each] not in before]
    found = parallel_map(pool, unread, lambda each: _find_recorded(each[0], each[1], inventory, reads))
    found |= {each: (before[key],) for each, key in keys.items() if key in before}
    olds: dict[Ref, tuple[Live, ...]] = {}
    orphans: dict[Ref, tuple[Live, ...]] = {}
    for (ref, _), here in found.items():
        if isinstance(here, CloudError):
            known.errors.setdefault(ref, here)
        elif isinstance(here, MissingResource):
            known.missing[ref] = (*known.missing.get(ref, ()), here)
        else:
            into = olds if ref in bundle.resources else orphans
            into[ref] = (*into.get(ref, ()), *here)
    return olds, orphans


def _find_recorded(
    ref: Ref, each: Generation, inventory: Inventory, reads: BulkReads
) -> tuple[Live, ...] | MissingResource:
    """One resource of the inventory; without a name it is the result of an unfinished creation."""
    kind_contract, entry, cloud = contract(ref.kind), inventory.of(ref), reads.cloud
    if not each.name:
        owner, known = str(Owner(inventory.set, ref)), _recorded_names(inventory, ref.kind)
        return find_unanswered_creation(cloud, kind_contract, entry, owner, known, at=reads.at)
    seen = reads.describe(kind_contract, each.name) or confirm_absence(
        cloud, kind_contract, entry, HeldResource(each.name, each.arn), at=reads.at
    )
    return seen if isinstance(seen, MissingResource) else (seen,)


def _is_unfinished(entry: Entry) -> bool:
    """Whether the creation of a numbered resource was begun, and its response never received."""
    numbers = entry.ref.kind in KINDS and contract(entry.ref.kind).kind.identity.found_by is not None
    return numbers and entry.attempt is not None and (bool(entry.attempt.by) or not entry.name)


def _recorded_names(inventory: Inventory, kind: str) -> frozenset[str]:
    entries = [entry for ref, entry in inventory.entries.items() if ref.kind == kind]
    return frozenset(name for entry in entries for name in entry.names)


def _resolve(batch: list[Ref], bundle: Bundle, known: KnownValues) -> None:
    for ref in batch:
        known.resolved[ref] = resolve(bundle.resources[ref], known)


def _redact_all(
    live_resources: Mapping[Ref, tuple[Live, ...]], redact: Redact
) -> dict[Ref, tuple[Live, ...]]:
    return {ref: tuple(redact(ref, each) for each in several) for ref, several in live_resources.items()}


def _sort(
    results: Mapping[Ref, Live | MissingResource | CloudError | None], known: KnownValues, redact: Redact
) -> None:
    for ref, found in results.items():
        if isinstance(found, CloudError):
            known.errors[ref] = found
        elif isinstance(found, MissingResource):
            known.missing[ref] = (found,)
        elif found is not None:
            known.live[ref] = redact(ref, found)
