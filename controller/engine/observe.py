"""See the account: desired resources, their old generations, and what lost its document. Reads only."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import replace

from controller.core.cloud import CloudError
from controller.core.phase import Phase
from controller.core.ref import Ref
from controller.engine.absence import HeldResource, fits, only_one, siblings, sought, there, unfinished
from controller.engine.adoption import claimed, claimed_name
from controller.engine.bulk_reads import BulkReads
from controller.engine.known_values import KnownValues
from controller.engine.lookup import needs_narrowing, owned_tags, pages
from controller.engine.observed import Live, MissingResource, ObservedAccount, Owner, PriorReads
from controller.engine.parallel_map import executor, parallel_map
from controller.engine.stale_dependencies import unseen_targets
from controller.inventory.model import UNPROVED, Entry, Generation, Inventory
from controller.inventory.observation_cache import Key
from controller.kinds import KINDS, TargetForm
from controller.manifests.bundle import Bundle, Resource
from controller.manifests.resolve import Resolved, resolve
from controller.runtime.tracing import OBSERVE, stage
from controller.schema.contract import Contract, contract

Seal = Callable[[Ref, Live], Live]
ONE_BY_ONE = 3  # so many of a kind are described at once; more are looked for in the List pages first


@stage(OBSERVE)
def observe(
    bundle: Bundle,
    held: Inventory,
    reads: BulkReads,
    threads: int,
    *,
    known: PriorReads | None = None,
    seal: Seal = lambda _, live: live,
) -> ObservedAccount:
    """Look at all that the documents and the inventory name.

    Args:
        bundle: the desired state.
        held: the inventory.
        reads: the reads of this pass, which may hold that a resource is as an earlier run saw it.
        threads: how many reads run at once.
        known: what need not be read again.
        seal: hides what must not be seen of a live resource, before anything reads it.

    """
    settled, home = known or PriorReads(), reads.cloud.identity
    state = KnownValues(dict(settled.live), dict(settled.resolved), home=home, held=held)
    with executor(threads) as pool:
        todo = [ref for ref in bundle.order if ref not in state.live]
        keys = _held_keys(bundle, todo, held)
        begun = pool.submit(owned_tags, reads.cloud) if known is None and len(keys) > ONE_BY_ONE else None
        reads.sweep(pool, keys)
        state.others = _others(bundle, todo, reads, pool)
        absent = _absences(bundle, todo, held, reads, pool)
        for wave in _waves(bundle, todo):
            _resolve(wave, bundle, state)
            _claim(wave, state, held, reads, pool)
            there = [ref for ref in wave if not _is_vacant(state.resolved[ref], held, settled)]
            looked = parallel_map(pool, there, lambda ref: _fetch(state.resolved[ref], held, reads, absent))
            _sort(looked, state, seal)
        state.others = {**state.others, **unseen_targets(state, reads.describe, pool)}
        left = _leftovers(bundle, held, state, reads, pool, before=settled.left)
        olds, orphans = _sealed(left[0], seal), _sealed(left[1], seal)
        lone = {ref: (_with(each, settled),) for ref, each in _at_rest(state.live, known, held)}
        lives, olds, orphans = reads.tagged(pool, state.errors, lone, olds, orphans, begun=begun)
    return ObservedAccount(
        reads.cloud.identity,
        state.resolved,
        {ref: lives[ref][0] if ref in lives else each for ref, each in state.live.items()},
        olds,
        orphans,
        state.errors,
        _missing_links(bundle, todo, state.others),
        state.others,
        state.vanished,
    )


def _claim(wave: list[Ref], known: KnownValues, held: Inventory, reads: BulkReads, pool: Executor) -> None:
    """Look for what ``policy.arn`` names, before the name is known to those who use it."""
    named = {ref: claimed_name(known.resolved[ref], held.of(ref), reads.cloud.identity) for ref in wave}
    refs = [ref for ref in wave if named[ref]]
    for ref, seen in parallel_map(
        pool, refs, lambda ref: reads.describe(contract(ref.kind), named[ref], anew=True)
    ).items():
        if isinstance(seen, CloudError):
            known.errors[ref] = seen
        elif seen is not None:
            known.resolved[ref] = claimed(known.resolved[ref], held.of(ref), seen, held.key)


def _at_rest(lives: Mapping[Ref, Live], known: PriorReads | None, held: Inventory) -> list[tuple[Ref, Live]]:
    """What AWS is not at work on, of which the tags are read; all at the first pass."""
    return [(ref, each) for ref, each in lives.items() if not (known and _is_at_work(each, held.of(ref)))]


def _is_at_work(live: Live, entry: Entry) -> bool:
    """Whether AWS is at work on what we know for ours: until it is done nothing is decided by its tags.

    A run that goes on may be changed or stopped.
    """
    return (
        contract(entry.ref.kind).kind.lifecycle.runs is None
        and live.phase is Phase.CHANGING
        and live.arn == entry.arn != ""
        and entry.instance != UNPROVED
    )


def _is_vacant(resolved: Resolved, held: Inventory, known: PriorReads) -> bool:
    """Whether nothing had the name of what is new: that it is still so creation proves, which a taken name refuses."""
    ref = resolved.resource.ref
    return not held.of(ref).name and ref in known.vacant and known.vacant[ref] == resolved.name


def _with(live: Live, known: PriorReads) -> Live:
    """A resource with the tags that we gave it."""
    return replace(live, tags=known.given[live.arn]) if live.arn in known.given else live


def _waves(bundle: Bundle, todo: Iterable[Ref]) -> list[list[Ref]]:
    """Documents grouped so that what a document's names and values come from is looked at before it."""
    depth: dict[Ref, int] = {}
    for ref in bundle.order:
        needs = bundle.resources[ref].needs
        depth[ref] = max((depth[need] + _reads(bundle.resources[need]) for need in needs), default=0)
        depth[ref] = max(
            [depth[ref], *(depth[use] + 1 for use in _value_sources(bundle.resources[ref]) if use in depth)]
        )
    desired = set(todo)
    waves: dict[int, list[Ref]] = {}
    for ref in bundle.order:
        if ref in desired:
            waves.setdefault(depth[ref], []).append(ref)
    return [waves[level] for level in sorted(waves)]


def _held_keys(bundle: Bundle, todo: Iterable[Ref], held: Inventory) -> list[Key]:
    """What is going to be described of what the inventory holds."""
    refs = {*todo, *(ref for ref in held.entries if ref not in bundle.resources)}
    return [(ref.kind, name) for ref in sorted(refs) if ref.kind in KINDS for name in held.of(ref).names]


def _value_sources(resource: Resource) -> set[Ref]:
    """The documents whose live bodies a document's values come from: by output, or by a link's ARN or ID."""
    refs = {each.target for each in resource.links if each.target and each.link.by is not TargetForm.NAME}
    return refs | {use.ref for use in resource.outputs}


def _reads(resource: Resource) -> int:
    """1 where the identity of a resource is known only after it was looked for."""
    found_by = resource.contract.kind.identity.found_by
    return int(bool(resource.policy.arn) or (found_by is not None and found_by.when in resource.spec))


def _absences(
    bundle: Bundle, todo: Iterable[Ref], held: Inventory, reads: BulkReads, pool: Executor
) -> Mapping[str, frozenset[str]]:
    """By kind, the names that its List pages show, for kinds with many documents.

    A page costs less than a hundred Describes, and creation itself proves an absence: the service refuses a
    name that is taken.
    """
    many: dict[str, int] = {}
    for ref in todo:
        if held.of(ref).arn == "" and _is_listed_by_name(bundle.resources[ref]):
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
    resolved: Resolved, held: Inventory, reads: BulkReads, absent: Mapping[str, frozenset[str]]
) -> Live | MissingResource | None:
    """The desired resource; of one that we had and that is not found, how sure that is."""
    entry = held.of(resolved.resource.ref)
    live = _looked(resolved, held, reads, absent)
    mine = entry.name and (resolved.numbered or entry.name == resolved.name)
    if live is not None or not mine:
        return live
    if not (entry.was_made or entry.attempt or entry.leaving):
        return MissingResource(entry.name, agreed=True)  # no creation of it was ever taken
    return sought(
        reads.cloud, resolved.resource.contract, entry, HeldResource(entry.name, entry.arn), at=reads.at
    )


def _looked(
    resolved: Resolved, held: Inventory, reads: BulkReads, absent: Mapping[str, frozenset[str]]
) -> Live | None:
    contract, entry = resolved.resource.contract, held.of(resolved.resource.ref)
    if resolved.numbered:
        return _observe_numbered(resolved, entry, str(Owner(held.set, entry.ref)), reads)
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
    """As the inventory names it; else, before we had it, by the ARN that its document names."""
    live, named = _known_again(resolved, entry, owner, reads), resolved.resource.policy.arn
    if live or not named or entry.name or entry.attempt:
        return live
    return reads.describe(resolved.resource.contract, named, anew=True)


def _known_again(resolved: Resolved, entry: Entry, owner: str, reads: BulkReads) -> Live | None:
    """By the ARN that we remember; else by our marker among its siblings, or by what distinguishes it from others."""
    contract = resolved.resource.contract
    found_by, changed = contract.kind.identity.found_by, resolved.spec != entry.applied
    live = reads.describe(contract, entry.name, anew=changed) if entry.name else None
    if live or found_by is None or resolved.unknown or not (found_by.listed_by or found_by.matches):
        return live
    if found_by.marker and (entry.name or entry.attempt):
        return None  # it was deleted, or is brought back by its token; an older sibling is not it
    cloud = reads.cloud
    seen = [there(cloud, contract, arn) for arn in siblings(cloud, contract, resolved.spec)]
    fitting = [live for live in seen if fits(found_by, live, resolved.spec, owner)]
    return only_one(cloud, contract, fitting, owner, resolved.resource.policy.arn)


def _leftovers(
    bundle: Bundle,
    held: Inventory,
    known: KnownValues,
    reads: BulkReads,
    pool: Executor,
    *,
    before: Mapping[tuple[Ref, str], Live],
) -> tuple[dict[Ref, tuple[Live, ...]], dict[Ref, tuple[Live, ...]]]:
    """What the inventory holds besides the desired: old generations, and what has no document any more."""
    generations: list[tuple[Ref, Generation]] = []
    for ref, entry in sorted(held.entries.items()):
        seen = known.live.get(ref)
        now = known.identifier(ref) or (seen.name if seen else None)
        names = {g.name: g for g in (*entry.old, Generation(entry.name, entry.arn)) if g.name}
        unknown = seen is None and _is_unfinished(entry)
        lost = {now, *(each.name for each in known.vanished.get(ref, ()))}
        parts = [g for name, g in names.items() if name not in lost] + [Generation("")] * unknown
        generations += [(ref, each) for each in parts if ref.kind in KINDS]
    keys = {each: (each[0], each[1].name) for each in generations}
    todo = [each for each in generations if keys[each] not in before]
    found = parallel_map(pool, todo, lambda each: _held(each[0], each[1], held, reads))
    found |= {each: (before[key],) for each, key in keys.items() if key in before}
    olds: dict[Ref, tuple[Live, ...]] = {}
    orphans: dict[Ref, tuple[Live, ...]] = {}
    for (ref, _), here in found.items():
        if isinstance(here, CloudError):
            known.errors.setdefault(ref, here)
        elif isinstance(here, MissingResource):
            known.vanished[ref] = (*known.vanished.get(ref, ()), here)
        else:
            into = olds if ref in bundle.resources else orphans
            into[ref] = (*into.get(ref, ()), *here)
    return olds, orphans


def _held(
    ref: Ref, each: Generation, held: Inventory, reads: BulkReads
) -> tuple[Live, ...] | MissingResource:
    """One resource that the inventory holds; without a name it is what a creation may have made."""
    kind_contract, entry, cloud = contract(ref.kind), held.of(ref), reads.cloud
    if not each.name:
        owner, known = str(Owner(held.set, ref)), _known(held, ref.kind)
        return unfinished(cloud, kind_contract, entry, owner, known, at=reads.at)
    seen = reads.describe(kind_contract, each.name) or sought(
        cloud, kind_contract, entry, HeldResource(each.name, each.arn), at=reads.at
    )
    return seen if isinstance(seen, MissingResource) else (seen,)


def _is_unfinished(entry: Entry) -> bool:
    """Whether a creation was begun that the service numbers, and its answer was never read."""
    numbers = entry.ref.kind in KINDS and contract(entry.ref.kind).kind.identity.found_by is not None
    return numbers and entry.attempt is not None and (bool(entry.attempt.by) or not entry.name)


def _known(held: Inventory, kind: str) -> frozenset[str]:
    entries = [entry for ref, entry in held.entries.items() if ref.kind == kind]
    return frozenset(name for entry in entries for name in entry.names)


def _others(
    bundle: Bundle, todo: Iterable[Ref], reads: BulkReads, pool: Executor
) -> dict[tuple[str, str], Live | CloudError | None]:
    """What links name besides documents, by kind and text; what the account can't show is left out."""
    requested = sorted(
        {
            (linked.link.to, linked.text)
            for ref in todo
            for linked in bundle.resources[ref].links
            if linked.target is None and not _elsewhere(linked.text, reads.cloud.identity.account)
        }
    )
    named = [(to, text) for to, text in requested if contract(to).kind.identity.key is None]
    return parallel_map(pool, named, lambda each: _other(reads, *each))


def _other(reads: BulkReads, kind: str, text: str) -> Live | None:
    """What a link names; of an ARN the case of the name may be lost, for SageMaker wrote it so until 2023."""
    kind_contract, desired = contract(kind), _resource_name(kind, text)
    if kind_contract.kind.identity.arn_parts and not text.startswith("arn:"):
        return _assigned(reads, kind_contract, text)
    live = reads.describe(kind_contract, desired)
    if live is None and kind_contract.listed_id:
        return _assigned(reads, kind_contract, text)
    lost = live is None and text.startswith("arn:") and desired != text and desired == desired.lower()
    if not lost or kind_contract.lists is None or needs_narrowing(kind_contract.lists):
        return live
    names = (
        str(each.get(kind_contract.listed_as[0], ""))
        for page in pages(reads.cloud, kind_contract)
        for each in page
    )
    cased = [name for name in names if name.casefold() == desired.casefold()]
    return reads.describe(kind_contract, cased[0]) if len(cased) == 1 else None


def _assigned(reads: BulkReads, kind_contract: Contract, text: str) -> Live | None:
    """A resource by the ID that the service assigned, at the ARN's end or beside the name that its List shows."""
    if kind_contract.lists is None or needs_narrowing(kind_contract.lists):
        return None
    for page in pages(reads.cloud, kind_contract):
        for each in page:
            identifier, shown = (
                kind_contract.named_in(each),
                (kind_contract.name_member, kind_contract.listed_id),
            )
            if text in (identifier.rsplit("/", 1)[-1], *(each.get(member) for member in shown)):
                return reads.describe(kind_contract, identifier)
    return None


def _missing_links(
    bundle: Bundle, todo: Iterable[Ref], others: Mapping[tuple[str, str], Live | CloudError | None]
) -> dict[Ref, tuple[str, ...]]:
    """Linked names that no document and no resource of the account answers to."""
    missing: dict[Ref, tuple[str, ...]] = {}
    for ref in todo:
        for linked in bundle.resources[ref].links:
            requested = (linked.link.to, linked.text)
            if linked.target is None and requested in others and others[requested] is None:
                missing[ref] = (*missing.get(ref, ()), f"{linked.link.to} '{linked.text}'")
    return missing


def _elsewhere(text: str, account: str) -> bool:
    """Whether an ARN is of another account, or of AWS: it can't be looked for with our rights."""
    return text.startswith("arn:") and text.split(":")[4:5] != [account]


def _resource_name(kind: str, text: str) -> str:
    """What Describe takes for a text: most take no ARN."""
    by_arn = contract(kind).key_of(contract(kind).describes) == contract(kind).arn_member
    if by_arn or not text.startswith("arn:"):
        return text
    heads = [template.removesuffix("{}") for template in contract(kind).arns if template.endswith("/{}")]
    rests = [part for head in heads if (part := text.rpartition(f":{head}")[2]) != text and "/" not in part]
    return rests[0] if rests else text


def _resolve(wave: list[Ref], bundle: Bundle, known: KnownValues) -> None:
    for ref in wave:
        known.resolved[ref] = resolve(bundle.resources[ref], known)


def _sealed(lives: Mapping[Ref, tuple[Live, ...]], seal: Seal) -> dict[Ref, tuple[Live, ...]]:
    return {ref: tuple(seal(ref, each) for each in several) for ref, several in lives.items()}


def _sort(
    looked: Mapping[Ref, Live | MissingResource | CloudError | None], known: KnownValues, seal: Seal
) -> None:
    for ref, found in looked.items():
        if isinstance(found, CloudError):
            known.errors[ref] = found
        elif isinstance(found, MissingResource):
            known.vanished[ref] = (found,)
        elif found is not None:
            known.live[ref] = seal(ref, found)
