"""Rebuild a lost inventory from the account.

A resource with this set's ownership tag or marker belongs to this set. For a kind that shows neither, the proof is a
resource that equals its document, and whose links name resources that this set provably owns. All others are left out,
with the reason, and need ``policy.adopt``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from controller.core.cloud import Cloud, CloudError, Fault
from controller.core.ref import Ref
from controller.engine.bulk_reads import BulkReads
from controller.engine.discovery import Name, discover
from controller.engine.lookup import owned_tags
from controller.engine.observe import observe
from controller.engine.observed import owner_of
from controller.engine.ownership_search import (
    OwnershipProof,
    OwnershipSearch,
    UnprovenResource,
    is_generation_name,
    own_document,
)
from controller.inventory.model import Generation, Inventory
from controller.kinds import KINDS, SAGEMAKER
from controller.manifests.bundle import Bundle
from controller.schema.contract import contract


@dataclass(frozen=True)
class Recovery:
    """The result of a rebuild.

    Fields:
        inventory: the earlier entries, and the found ones.
        proofs: the documents whose entries are new or have more generations than before.
        unproved: the resources that are left out.
        errors: failed reads, by kind or by kind and name; the inventory is incomplete then.
        unlisted: kinds of other services without a document, whose List is denied.
    """

    inventory: Inventory
    proofs: Mapping[Ref, OwnershipProof]
    unproved: tuple[UnprovenResource, ...]
    errors: Mapping[str, CloudError]
    unlisted: Mapping[str, CloudError] = field(default_factory=dict)


def count_untracked(inventory: Inventory, cloud: Cloud) -> int | None:
    """The number of resources with this set's ownership tag that the inventory lacks, by the tagging index.

    None if the index can't be read. It may lag by minutes.
    """
    index = owned_tags(cloud)
    if index is None:
        return None
    known = {
        each.arn.lower()
        for entry in inventory.entries.values()
        for each in (Generation("", entry.arn), *entry.old)
    }
    return sum(
        own_document(owner_of(tags), inventory.set) is not None
        for arn, tags in index.items()
        if arn not in known
    )


def recover(
    bundle: Bundle,
    inventory: Inventory,
    cloud: Cloud,
    threads: int,
    only: frozenset[Ref] | None = None,
    *,
    marked_only: bool = False,
) -> Recovery:
    """Find all resources that a set owns. Reads only.

    Args:
        bundle: the desired state.
        inventory: the inventory so far.
        cloud: the interface to the account.
        threads: the number of concurrent calls.
        only: the documents to look for; all if empty.
        marked_only: accept only an ownership tag or marker as proof. That is needed where the documents are untrusted:
            anybody can write a document that equals somebody else's resource.

    Raises:
        CloudError: the identity could not be read.

    """
    kinds = _kinds(bundle, inventory, cloud) if only is None else {ref.kind for ref in only}
    others = _kinds_not_indexed(bundle) if only is None else frozenset()
    kinds |= others
    seen = discover(cloud, [kind for kind in KINDS if kind in kinds], threads, _may_belong_to(only, bundle))
    observed = observe(bundle, inventory, BulkReads(cloud, inventory), threads)
    unlisted = {kind: e for kind, e in seen.errors.items() if kind in others and e.fault is Fault.DENIED}
    errors = {**seen.errors, **{str(ref): error for ref, error in observed.errors.items()}}
    errors = {what: error for what, error in errors.items() if what not in unlisted}
    search = OwnershipSearch(bundle, inventory, observed, seen.found)
    found = {ref: found for ref, found in search.find_marked().items() if only is None or ref in only}
    if not marked_only:
        found |= search.find_linked(found, [ref for ref in bundle.order if only is None or ref in only])
    entries = {ref: each.entry for ref, each in found.items() if each.entry != inventory.of(ref)}
    unproved = tuple(each for ref in sorted(found) for each in found[ref].unproved)
    proofs = {ref: found[ref].proof for ref in sorted(entries)}
    return Recovery(
        replace(inventory, entries={**inventory.entries, **entries}), proofs, unproved, errors, unlisted
    )


def _kinds(bundle: Bundle, inventory: Inventory, cloud: Cloud) -> set[str]:
    """The kinds to list: those of documents, those that the index shows for this set, those with a marker."""
    index = owned_tags(cloud)
    if index is None:
        return set(KINDS)
    shown = {ref.kind for tags in index.values() if (ref := own_document(owner_of(tags), inventory.set))}
    marked = {
        name
        for name, row in KINDS.items()
        if row.identity.found_by is not None and row.identity.found_by.marker
    }
    return shown | marked | {ref.kind for ref in bundle.resources}


def _kinds_not_indexed(bundle: Bundle) -> frozenset[str]:
    """The kinds without a document whose tags another service keeps, so that the index lacks them."""
    elsewhere = {name for name in KINDS if contract(name).taggable and contract(name).service != SAGEMAKER}
    return frozenset(elsewhere - {ref.kind for ref in bundle.resources})


def _may_belong_to(only: frozenset[Ref] | None, bundle: Bundle) -> Callable[[Name], bool]:
    """Whether a listed name may belong to one of some documents; a numbered or keyed kind's names don't show that."""
    if only is None:
        return lambda _: True
    names = {ref.kind: {each.name for each in only if each.kind == ref.kind} for ref in only}
    for ref in only & bundle.resources.keys():
        names[ref.kind].add(bundle.resources[ref].policy.arn.rpartition("/")[2])

    def fits(name: Name) -> bool:
        row = KINDS[name.kind]
        if row.identity.found_by is not None or row.identity.key is not None:
            return True
        return any(name.label == each or is_generation_name(name.label, each) for each in names[name.kind])

    return fits
