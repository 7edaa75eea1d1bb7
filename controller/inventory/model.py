"""The inventory: owned resources and their last changes, and the interface of its stores.

The union of old and new is written *before* any change, and reduced afterwards, so that a crash leaves no orphan. It
contains no secrets, only keyed digests of them.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from controller.core.cloud import Cloud, Guarded, Leadership
from controller.core.ref import Ref
from controller.manifests.document import Deletion

UNPROVED = "unproved"  # the instance in an untrusted inventory: altered, unsigned or foreign
PENDING = "pending"  # a creation in progress, then the former instance; valid only with its attempt
DELETION = "deletion"  # instead of an attempt's digest: a deletion


@dataclass(frozen=True)
class Generation:
    """A former resource of a document: its AWS name (or ARN, if numbered by the service), ARN and instance.

    ``sent`` are its possible digest tags, if the outcome of its creation is unknown (``PendingChange``).
    """

    name: str
    arn: str = ""
    instance: str = ""
    sent: tuple[str, ...] = ()


@dataclass(frozen=True)
class PendingChange:
    """A change that AWS accepted and has not finished: its digest, and the former state of the resource.

    ``by`` are the members of the spec (AWS member names) that identify a numbered resource whose creation was not
    answered. A deletion has the digest ``DELETION``; ``at`` is its time in seconds since 1970, 0 if unknown. ``then``
    are the operations to call afterwards, in order. ``sent`` are the digest tags of all creations and adoptions with
    unknown outcome, newest last: an edit between two attempts changes the digest.
    """

    digest: str
    modified: str = ""
    reason: str = ""
    by: Mapping[str, Any] = field(default_factory=dict)
    at: int = 0
    then: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    """The record of one document.

    ``applied`` is the last applied spec (AWS member names, references resolved, secrets as references, other sensitive
    values as keyed digests): it shows which members we have set. ``failed`` is the failed attempt: the same digest is
    not tried again. ``made`` counts creations, so that a resource that was deleted by others gets another client token
    when it is recreated. ``corrected`` are the times, in seconds since 1970, at which drift of fields was corrected
    (``contention``). ``leaving`` are the names of resources whose deletion AWS accepted, ``missed`` those that the
    previous pass did not find (``absence``). ``protect`` is whether the document requested protection when it was last
    applied, ``release`` whether it had ``policy.release: Allow``. ``instance`` distinguishes the created or adopted
    resource from another one of its name, if no ownership tag does (``provenance``). ``source`` is where its document
    was last read, as named by ``coverage``; empty if unknown. ``left`` are members that we set, that the document
    dropped and that can't be removed, as JSON pointers with AWS member names. ``begun`` is when its last creation was
    begun, in seconds since 1970 and to a minute, 0 if unknown. ``sensitive`` are keyed digests by the patterns that the
    document marked, now or earlier, and ``rotated`` the marks of those whose value has changed.
    """

    ref: Ref
    name: str = ""
    arn: str = ""
    applied: Mapping[str, Any] | None = None
    tags: tuple[str, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    attempt: PendingChange | None = None
    failed: PendingChange | None = None
    made: int = 0
    deletion: Deletion | None = None
    old: tuple[Generation, ...] = ()
    corrected: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    leaving: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    protect: bool = False
    instance: str = ""
    source: str = ""
    left: tuple[str, ...] = ()
    begun: int = 0
    sensitive: Mapping[str, str] = field(default_factory=dict)
    rotated: Mapping[str, str] = field(default_factory=dict)
    release: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its resources: the current one and old generations."""
        return tuple(name for name in (self.name, *(each.name for each in self.old)) if name)

    @property
    def was_made(self) -> bool:
        """Whether a creation or an adoption provably succeeded."""
        return bool(self.arn or self.made or self.applied is not None)

    def holds(self, name: str) -> bool:
        """Whether a resource of this AWS name (or ARN, if numbered by the service) may have been created or adopted.

        A name alone is no proof: it stays after a Create that AWS refused, and may be somebody else's. After a crash at
        Create only the attempt is left, for a numbered kind without a name.
        """
        if any(name == old.name for old in self.old):
            return True
        if self.attempt is not None and (self.attempt.by or self.name in ("", name)):
            return True
        return self.name == name and self.was_made


@dataclass(frozen=True)
class Pruned:
    """An unconfirmed deletion, which counts towards the limit of later runs.

    Fields:
        at: when, in seconds since 1970.
        size: the number of entries of the set before the run.
        step: the id of the step until its deletion is proved; then empty.
    """

    at: int
    size: int
    step: str = ""


@dataclass(frozen=True)
class Inventory:
    """All entries of a set in one account and region.

    ``key`` is the key of digests of secrets. ``pruned`` are the recent unconfirmed deletions, oldest first. ``fresh``
    is whether it began empty, so that resources which it lacks may carry this set's ownership tag: there was no stored
    inventory, because it is the first run, or because the inventory was lost.
    """

    set: str
    account: str
    region: str
    key: str
    entries: Mapping[Ref, Entry] = field(default_factory=dict)
    pruned: tuple[Pruned, ...] = ()
    fresh: bool = field(default=False, compare=False)

    def of(self, ref: Ref) -> Entry:
        """The entry of a document; an empty one if there is none."""
        return self.entries.get(ref) or Entry(ref)


class InventoryStore(Protocol):
    """A store of an inventory."""

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; a new one if there is none yet.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """

    def save(self, inventory: Inventory) -> None:
        """Write the inventory atomically."""

    def keep_elsewhere(self, error: "UnrecordedError") -> str:
        """Store an inventory that could not be written elsewhere; returns a text about it."""


FOUND_AGAIN = "the next pass finds it again"  # the answer of a store without another location


class InventoryError(Exception):
    """The inventory can't be used; no changes may be based on it."""


class MovedError(InventoryError):
    """Another run wrote meanwhile; the merged inventory was written."""


class UnrecordedError(InventoryError):
    """Changes were made, and the inventory could not be written after them.

    Attributes:
        base: the inventory as it was last written, with the attempts of this run.
        left: the inventory that could not be written.
        made: texts about the changes that were made.

    """

    def __init__(self, why: str, base: Inventory, left: Inventory, made: tuple[str, ...]) -> None:
        super().__init__(why)
        self.base, self.left, self.made = base, left, made

    def kept_by(self, store: InventoryStore) -> str:
        """Store an unwritten inventory elsewhere; returns texts about the changes and where they are recorded."""
        made = f"; it was done all the same: {', '.join(self.made)}" if self.made else ""
        return f"{self}{made}; {store.keep_elsewhere(self)}"


class LockedInventoryStore(InventoryStore, Protocol):
    """A store of the inventory of one set with a lock against other runs.

    ``leadership`` is checked before AWS is changed; None if the lock can't be lost while this process runs.
    """

    @property
    def leadership(self) -> Leadership | None:
        """The leadership to check before each change."""

    def lock(self) -> AbstractContextManager[None]:
        """Lock the inventory against other runs in the ``with`` block.

        Raises:
            InventoryError: another run holds it.

        """


def guard_writes(cloud: Cloud, store: LockedInventoryStore) -> Cloud:
    """The cloud for a run with an inventory: it changes nothing once another run may hold the lock."""
    return cloud if store.leadership is None else Guarded(cloud, store.leadership)
