"""All syncs of a process, and the dependencies between them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import Lock

from controller.aws_events.message import ResourceEvent
from controller.engine.observed import Owner, owner_of
from controller.engine.plan import Step
from controller.gitops.ownership_transfer import OtherSync, OwnershipTransfer, is_idle, transfers_between
from controller.gitops.reconciler import Follower
from controller.gitops.status import SyncRecord, SyncState
from controller.gitops.sync import Sync, SyncContext
from controller.inventory.model import Inventory
from controller.runtime.atomic_file import StateError


class SyncRegistry:
    """The followers, by name. Thread-safe.

    Args:
        syncs: those to follow from the start.
        context: what all syncs share.
        enqueue: requests the reconciliation of a sync, by its name.

    Raises:
        StateError: a record is damaged.

    """

    def __init__(self, syncs: Iterable[Sync], context: SyncContext, enqueue: Callable[[str], None]) -> None:
        self._context, self.enqueue = context, enqueue
        self._changing = Lock()
        self.followers: Mapping[str, Follower] = {sync.name: Follower(sync, context, self) for sync in syncs}
        self.invalid_syncs: frozenset[str] = frozenset()
        for name in self.followers:
            enqueue(name)

    def add_sync(self, sync: Sync) -> Follower:
        """Add a sync, replacing one with its name; returns its follower."""
        made = Follower(sync, self._context, self)
        with self._changing:
            self.followers = {**self.followers, sync.name: made}  # the old one may be in use
            self.invalid_syncs -= {sync.name}
        self.enqueue(sync.name)
        return made

    def stop_invalid(self, name: str) -> None:
        """Stop following a sync that still exists: its documents are unknown, so no other sync may delete them."""
        self._stop_sync(name, is_invalid=True)

    def remove_sync(self, name: str) -> None:
        """Remove a sync."""
        self._stop_sync(name, is_invalid=False)

    def _stop_sync(self, name: str, *, is_invalid: bool) -> None:
        with self._changing:
            self.invalid_syncs = self.invalid_syncs | {name} if is_invalid else self.invalid_syncs - {name}
            self.followers = {known: each for known, each in self.followers.items() if known != name}

    def enqueue_requested(self) -> None:
        """Enqueue the syncs with a new or unreadable request."""
        for name, follower in self.followers.items():
            try:
                is_outdated = self._context.store.request(name) != follower.requested
            except StateError:
                is_outdated = True
            if is_outdated:
                self.enqueue(name)

    def changed_in_aws(self, events: Sequence[ResourceEvent]) -> None:
        """Enqueue the syncs that own a resource of these events of AWS."""
        for name, follower in self.followers.items():
            steps = follower.report.plan.steps if follower.report is not None else ()
            ids = [(step.ref.kind, str(step.name or ""), step.arn) for step in steps]
            event = next((each for each in events if any(each.is_about(*one) for one in ids)), None)
            if event is not None:
                follower.request_pass(event.id or "aws event")
                self.enqueue(name)

    def records(self) -> list[tuple[Sync, SyncRecord]]:
        """Each sync, and its state."""
        return [(each.sync, each.record) for each in self.followers.values()]

    def unmet_dependencies(self, of: Follower) -> tuple[str, ...]:
        """Why a sync can't start: syncs that it depends on are not applied, or not polled."""
        lines = []
        for name in of.sync.needs:
            other = self.followers.get(name)
            if other is None:
                lines.append(f"waits for {name}, which is not configured")
            elif self._is_older(other, of):
                other.request(self._context.clock.now())
                lines.append(f"waits for the first poll of {name}")
            elif not other.is_applied:
                lines.append(f"waits for {name}, which {_is_claimed(other)}")
        return tuple(lines)

    def transfers(self, of: Follower, held: Inventory) -> OwnershipTransfer:
        """The transfers between a sync and the others; a sync whose state is too old is polled."""
        followers, invalid_syncs = self.followers, self.invalid_syncs
        others = [other for other in followers.values() if other is not of]
        contested = _contested_messages(of, self._foreign_refusals())
        if of.tree is None or not (others or invalid_syncs) or is_idle(of.tree.bundle, held):
            return OwnershipTransfer(contested=contested)
        known = [
            OtherSync(
                other.sync.name, other.tree, self._is_sure(other, of), self._load_inventory(other, held)
            )
            for other in others
        ]
        known += [OtherSync(name, None, sure=False, held=replace(held, entries={})) for name in invalid_syncs]
        moves = transfers_between(of.tree.bundle, held, known, prune=of.sync.prune)
        for name in {*moves.unread, *moves.awaited} - invalid_syncs:
            if self._is_older(followers[name], of):
                followers[name].request(self._context.clock.now())
        return replace(moves, contested=contested)

    def _foreign_refusals(self) -> list[tuple[str, Step]]:
        """The refused steps of syncs because another set owns the resource, with the name of each sync."""
        return [(name, step) for name, other in self.followers.items() for step in other.foreign]

    def request_pass(self, changed: Follower) -> None:
        """Enqueue the syncs that waited for this change."""
        foreign = self._foreign_refusals()
        for other in self.followers.values():
            needs = other.record.state is SyncState.NEEDS and changed.sync.name in other.sync.needs
            is_outdated = other.tree is not None and _contested_messages(other, foreign) != other.contested
            if other is not changed and (needs or other.held_back or is_outdated):
                other.reconcile_due = min(other.reconcile_due, self._context.clock.now())
                self.enqueue(other.sync.name)

    def _is_sure(self, other: Follower, of: Follower) -> bool:
        """Whether another sync's documents are current enough to decide about a deletion.

        A sync of the same repository must have been polled no earlier; otherwise a moved document would seem to be
        removed.
        """
        same = other.sync.source.url == of.sync.source.url
        return other.tree is not None and not (same and (self._is_older(other, of) or other.record.refused))

    def _is_older(self, other: Follower, of: Follower) -> bool:
        return other.looked < of.looked and (
            other.tree is None or other.sync.source.url == of.sync.source.url
        )

    def _load_inventory(self, other: Follower, ours: Inventory) -> Inventory:
        return self._context.host.inventory_reader(other.sync).load(ours.account, ours.region)


def _contested_messages(of: Follower, foreign: Iterable[tuple[str, Step]]) -> tuple[str, ...]:
    """A message for each resource that a sync owns and another one, which was refused it, declares as well."""
    return tuple(
        f"{name} declares {step.id} as well"
        for name, step in foreign
        if name != of.sync.name and _is_held_by(step, of.sync.owner)
    )


def _is_held_by(step: Step, of: str) -> bool:
    """Whether a set holds the resource of a step."""
    tags = step.seen.tags if step.seen else None
    return owner_of(tags or {}) == str(Owner(of, step.ref))


def _is_claimed(other: Follower) -> str:
    if other.sync.suspend:
        return "is suspended"
    return other.record.refused or other.record.message or other.record.state.value
