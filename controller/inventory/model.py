"""The inventory: what is owned and what was last done, and the interface of its stores.

The inventory gets the union of old and new *before* anything is changed and shrinks after, so that a crash
leaves no orphan. It holds no secret: only keyed digests of them.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from controller.core.cloud import Cloud, Guarded, Leadership
from controller.core.ref import Ref
from controller.manifests.document import Deletion

UNPROVED = "unproved"  # an instance of an inventory that is not trusted: altered, unsigned or foreign
PENDING = "pending"  # what is just being made, then the instance before it; it counts with its attempt only
DELETION = "deletion"  # in the place of an attempt's digest: what was tried was to delete it


@dataclass(frozen=True)
class Generation:
    """A resource that a document once was: its AWS name (or ARN, if numbered by the service), ARN and instance.

    ``sent`` are the digest tags that it may have where the end of its creation was never known (``PendingChange``).
    """

    name: str
    arn: str = ""
    instance: str = ""
    sent: tuple[str, ...] = ()


@dataclass(frozen=True)
class PendingChange:
    """A change that AWS accepted and has not finished: of which digest, and how the resource looked before.

    ``by`` are the members of the spec, in AWS's words, by which a resource that the service numbers is found again
    when the run that made it ended before it read the answer. A deletion has the digest ``DELETION``; ``at`` is its
    time in seconds since 1970, 0 where that is not known. ``then`` are the operations that are still to be called, in
    order, once AWS has finished the last one. ``sent`` are the values of the digest tag of all creations and adoptions
    that were begun and whose end is not known, newest last: an edit between two tries sends another.
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
    """What is remembered of one document.

    ``applied`` is the spec last brought to AWS (AWS's words, references as resolved, secrets as references,
    other sensitive values as keyed digests): it shows which members were once set by us. ``failed`` is the
    attempt that ended badly: the same digest is not tried again. ``made`` counts creations, so that a resource
    that was deleted outside and is made again gets another client token. ``corrected`` are the times, in seconds
    since 1970, at which fields were set back that somebody had changed (``contention``). ``leaving`` are the names
    of resources whose deletion AWS accepted, ``missed`` those that the pass before did not find (``absence``).
    ``protect`` is that the document requested protection when it was last applied, ``release`` that it had
    ``policy.release: Allow``. ``instance`` identifies the very
    resource that was made or adopted here from another of its name, where no ownership tag does (``provenance``).
    ``source`` is where its document was read last, as ``coverage`` names it; empty where that is not known. ``left``
    are members that we wrote, that the document dropped and that can't be lifted, as JSON pointers in AWS's words.
    ``begun`` is when a creation of it was begun last, in seconds since 1970 and to a minute, 0 where that is not known.
    ``sensitive`` are keyed digests by the patterns that the document marked, now or earlier, and ``rotated`` the
    marks of those whose value has changed.
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
        """What its resources are called: the one that the document stands for, and old generations."""
        return tuple(name for name in (self.name, *(each.name for each in self.old)) if name)

    @property
    def was_made(self) -> bool:
        """Whether a creation is known to have brought it, or an adoption."""
        return bool(self.arn or self.made or self.applied is not None)

    def holds(self, name: str) -> bool:
        """Whether a resource of this AWS name (or ARN, if numbered by the service) may have been made or adopted here.

        A name alone proves nothing: it stays after a Create that AWS refused, and may be somebody else's. After
        a crash at Create the attempt is what is left, for a numbered kind without a name.
        """
        if any(name == old.name for old in self.old):
            return True
        if self.attempt is not None and (self.attempt.by or self.name in ("", name)):
            return True
        return self.name == name and self.was_made


@dataclass(frozen=True)
class Pruned:
    """A deletion that nobody confirmed, as it counts towards the limit of later runs.

    Fields:
        at: when, in seconds since 1970.
        size: how many entries the set had before the run.
        step: the id of the step while its deletion is not proved; empty after that.
    """

    at: int
    size: int
    step: str = ""


@dataclass(frozen=True)
class Inventory:
    """All entries of a set in one account and region.

    ``key`` keys the digests of secrets. ``pruned`` are the deletions of the last hours that nobody confirmed, oldest
    first (``limit``). ``fresh`` says that it began empty, and that resources which it does not hold may carry this
    set's ownership tag: nothing was kept where it was read from, because it is the first run, or because the inventory
    was lost.
    """

    set: str
    account: str
    region: str
    key: str
    entries: Mapping[Ref, Entry] = field(default_factory=dict)
    pruned: tuple[Pruned, ...] = ()
    fresh: bool = field(default=False, compare=False)

    def of(self, ref: Ref) -> Entry:
        """The entry of a document, empty where the inventory is empty."""
        return self.entries.get(ref, Entry(ref))


class InventoryStore(Protocol):
    """Where an inventory is kept."""

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory; a new one where there is none yet.

        Raises:
            InventoryError: it can't be read, or belongs to another set, account or region.

        """

    def save(self, inventory: Inventory) -> None:
        """Write the inventory whole, or not at all."""

    def keep(self, error: "UnrecordedError") -> str:
        """Keep in another place what could not be written; gives what becomes of it, in words."""


FOUND_AGAIN = "the next pass finds it again"  # what a store without another place answers


class InventoryError(Exception):
    """The inventory can't be trusted; nothing may be changed because of it."""


class MovedError(InventoryError):
    """Another run wrote meanwhile; what both hold was written."""


class UnrecordedError(InventoryError):
    """Changes were made, and the inventory could not be written after them.

    Attributes:
        base: the inventory as it was written last, with what was about to be made.
        left: the inventory as it would be now.
        made: what was done, in words.

    """

    def __init__(self, why: str, base: Inventory, left: Inventory, made: tuple[str, ...]) -> None:
        super().__init__(why)
        self.base, self.left, self.made = base, left, made

    def kept_by(self, store: InventoryStore) -> str:
        """Have a store keep what could not be written; gives what was done and what becomes of it, in words."""
        made = f"; it was done all the same: {', '.join(self.made)}" if self.made else ""
        return f"{self}{made}; {store.keep(self)}"


class LockedInventoryStore(InventoryStore, Protocol):
    """Where the inventory of one set is kept, and how other runs are kept away meanwhile.

    ``leadership`` is checked before AWS is changed by what is kept here; None where what keeps others away can't be
    lost while this process lives.
    """

    @property
    def leadership(self) -> Leadership | None:
        """What is checked before each change."""

    def held(self) -> AbstractContextManager[None]:
        """Lock the inventory against other runs in the ``with`` block.

        Raises:
            InventoryError: another run holds it.

        """


def guarded(cloud: Cloud, store: LockedInventoryStore) -> Cloud:
    """The cloud for a run that works with an inventory: it changes nothing once another run may hold that."""
    return cloud if store.leadership is None else Guarded(cloud, store.leadership)
