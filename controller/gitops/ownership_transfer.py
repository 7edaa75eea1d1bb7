"""Transfer of a resource when its document moves from one sync to another, without a deletion.

The former sync deletes nothing while another sync declares the document; the new one adopts the resource, which is
permitted because the former sync's inventory still holds it; only then is it removed from that inventory. All is read
from documents and inventories, so that a crash at any point does not change the next step.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from controller.core.ref import Ref
from controller.gitops.artifact import SourceArtifact
from controller.inventory.model import UNPROVED, Entry, Inventory, InventoryStore, UnrecordedError
from controller.manifests.bundle import Bundle
from controller.manifests.document import Adopt, Deletion


@dataclass(frozen=True)
class OtherSync:
    """Another sync: its tree, whether that is current enough to delete by (``sure``), and its inventory."""

    name: str
    tree: SourceArtifact | None
    sure: bool
    held: Inventory


@dataclass(frozen=True)
class OwnershipTransfer:
    """Resources that change their sync: ``kept`` until another holds them, ``released`` to it, ``taken`` from it.

    ``contested`` are resources that we own and another sync declares as well. ``unread`` are syncs that may declare
    resources that we would delete, ``awaited`` those that may have stopped declaring ours.
    """

    kept: frozenset[Ref] = frozenset()
    released: frozenset[Ref] = frozenset()
    taken: frozenset[Ref] = frozenset()
    unread: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    contested: tuple[str, ...] = ()

    @property
    def needs_another_pass(self) -> bool:
        """Whether another pass soon may make progress."""
        return bool(self.kept or self.unread or self.awaited)

    @property
    def holds_deletions(self) -> bool:
        """Whether nothing may be pruned for now."""
        return bool(self.kept or self.unread)

    def deletion_wait_reason(self) -> str:
        """The text about why deletions wait."""
        if self.unread:
            return f"deletions wait until the documents of {', '.join(self.unread)} can be read"
        kept_kinds = ", ".join(map(str, sorted(self.kept)))
        return f"deletions wait until another sync has taken over {kept_kinds}" if kept_kinds else ""


def is_idle(desired: Bundle, held: Inventory) -> bool:
    """Whether no transfer is possible: the inventory and the documents have the same resources, and all are applied."""
    brought = {ref for ref, entry in held.entries.items() if entry.applied is not None}
    return brought >= desired.resources.keys() and all(
        declares(desired, entry) for entry in held.entries.values()
    )


def transfers_between(
    desired: Bundle, held: Inventory, others: Iterable[OtherSync], *, prune: bool
) -> OwnershipTransfer:
    """What moves between a sync and the others."""
    other_syncs = tuple(others)
    lost = [entry for entry in held.entries.values() if not declares(desired, entry)]
    released = {entry.ref for entry in lost if any(_has_entry(other.held, entry) for other in other_syncs)}
    kept = {
        entry.ref
        for entry in lost
        if entry.name
        and entry.ref not in released
        and any(other.tree is not None and declares(other.tree.bundle, entry) for other in other_syncs)
    }
    left = any(entry.ref not in released | kept for entry in lost)
    unread = tuple(sorted(other.name for other in other_syncs if not other.sure)) if prune and left else ()
    awaited = tuple(
        sorted(other.name for other in other_syncs if not other.sure and _share_resources(desired, other))
    )
    return OwnershipTransfer(
        frozenset(kept), frozenset(released), _taken_over(desired, other_syncs), unread, awaited
    )


def _share_resources(desired: Bundle, other: OtherSync) -> bool:
    """Whether another sync holds a resource that we declare, and declares it too as far as known."""
    return any(
        declares(desired, entry) and (other.tree is None or declares(other.tree.bundle, entry))
        for entry in other.held.entries.values()
    )


def declares(bundle: Bundle, entry: Entry) -> bool:
    """Whether a document declares the resource of an entry, by its own name or by the name in AWS."""
    if entry.ref in bundle.resources:
        return True
    name = entry.name.casefold()
    return bool(name) and any(
        ref.kind == entry.ref.kind and _name(bundle, ref) == name for ref in bundle.resources
    )


def _name(bundle: Bundle, ref: Ref) -> str:
    resource = bundle.resources[ref]
    explicit = resource.spec.get(resource.contract.name_member)
    return (explicit if isinstance(explicit, str) else ref.name).casefold()


def _has_entry(held: Inventory, entry: Entry) -> bool:
    """Whether an inventory holds the same resource, created or adopted."""
    return any(
        each.ref.kind == entry.ref.kind and each.name == entry.name != "" and each.applied is not None
        for each in held.entries.values()
    )


def _taken_over(desired: Bundle, others: Iterable[OtherSync]) -> frozenset[Ref]:
    """The documents whose resources another sync holds and no longer declares."""
    given = [
        entry
        for other in others
        if other.tree is not None
        for entry in other.held.entries.values()
        if entry.instance != UNPROVED and not declares(other.tree.bundle, entry)
    ]
    return frozenset(
        ref
        for ref in desired.resources
        for entry in given
        if ref.kind == entry.ref.kind
        and (ref == entry.ref or _name(desired, ref) == entry.name.casefold() != "")
    )


def allow_adoption(bundle: Bundle, taken: frozenset[Ref]) -> Bundle:
    """The bundle, in which transferred resources may be adopted, whoever's tag they carry."""
    resources = {
        ref: replace(each, policy=replace(each.policy, adopt=Adopt.ALWAYS)) if ref in taken else each
        for ref, each in bundle.resources.items()
    }
    return replace(bundle, resources=resources) if taken else bundle


@dataclass(frozen=True)
class Releasing:
    """An inventory store in which resources that another sync holds now are forgotten, not deleted.

    Old generations stay, because they carry our tag and nobody else can delete them.
    """

    inner: InventoryStore
    released: frozenset[Ref]

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, with released entries marked."""
        held = self.inner.load(account, region)
        entries = {
            ref: _let_go(entry) if ref in self.released else entry for ref, entry in held.entries.items()
        }
        return replace(held, entries=entries)

    def save(self, inventory: Inventory) -> None:
        """Write the inventory."""
        self.inner.save(inventory)

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Keep an inventory that could not be written elsewhere, as the inner store does."""
        return self.inner.keep_elsewhere(error)


def _let_go(entry: Entry) -> Entry:
    if entry.old:
        return replace(entry, name="", arn="", applied=None, attempt=None, failed=None, instance="")
    return replace(entry, deletion=Deletion.RETAIN)


# The type of a sync: its module imports this one.
_Follower_contra = TypeVar("_Follower_contra", contravariant=True)


class OtherSyncs(Protocol[_Follower_contra]):
    """Read access to the other syncs."""

    def enqueue(self, name: str) -> None:
        """Have a sync reconciled as soon as possible."""

    def unmet_dependencies(self, of: _Follower_contra) -> tuple[str, ...]:
        """The text about what keeps a sync from starting."""

    def transfers(self, of: _Follower_contra, held: Inventory) -> OwnershipTransfer:
        """What moves between a sync and the others."""
