"""Consent to deletions, decided by one function for the command line, GitSyncs and Kubernetes objects.

They gather the facts and write the message; which deletions are held back, for which cause, and what confirms each, is
decided here only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from controller.engine.plan import Confirmation


class Cause(Enum):
    """Why deletions are held back, in the order in which the causes are judged."""

    UNREADABLE = "Unreadable"  # something of the run can't be read
    PARENT = "Parent"  # the namespace or the definition is deleted, and the object with it
    UNPROVED = "Unproved"  # it is not known that the document was removed
    LOSS = "Loss"  # it causes an outage or loses data
    NOTHING_LEFT = "NothingLeft"  # no document is left at all
    LIMIT = "Limit"  # they are too many within the window
    POLICY = "Policy"  # policy.deletion is Confirm


@dataclass(frozen=True)
class ConfirmedDeletions:
    """The deletions that a person confirmed: how many, which, and whether that was for an earlier pass of this run.

    In the first pass the number must be exact, so that a habitual large number does not permit every deletion; in later
    passes fewer are left of those that were confirmed. Deletions confirmed by name are not counted.
    """

    number: int | None = None
    names: frozenset[str] = frozenset()
    continued: bool = False

    def covers(self, deletions: int) -> bool:
        """Whether a number of deletions is confirmed."""
        if self.number is None:
            return False
        return deletions == self.number or (self.continued and deletions < self.number)


@dataclass(frozen=True)
class DeletionLimit:
    """How many deletions are made without confirmation: ``least``, or a share of the set if that is more."""

    least: int
    share: float

    def max_deletions(self, size: int) -> int:
        """The limit for a set of a size."""
        return max(self.least, int(self.share * size))


@dataclass(frozen=True)
class DeletionFacts:
    """The facts about deletions that would be made together.

    Fields: going: their ids. agreed: the deletions that a person confirmed. unreadable: texts about failed reads of
        this run. parent: why the namespace or definition of the objects is deleted itself; empty if it is not.
        unproved: ids of which it is not known that their document was removed, each with the reason. losses: what is
        lost with a resource, by id. nothing_left: whether no document is left. earlier: ids of the unconfirmed
        deletions within the window; empty strings for those that are done. size: the number of resources of the set, or
        the namespace. limit: the deletion limit; None for no limit. confirm: ids whose ``policy.deletion`` is Confirm.
    """

    going: frozenset[str]
    agreed: ConfirmedDeletions = field(default_factory=ConfirmedDeletions)
    unreadable: tuple[str, ...] = ()
    parent: str = ""
    unproved: Mapping[str, str] = field(default_factory=dict)
    losses: Mapping[str, str] = field(default_factory=dict)
    nothing_left: bool = False
    earlier: tuple[str, ...] = ()
    size: int = 0
    limit: DeletionLimit | None = None
    confirm: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HeldDeletions:
    """Deletions that are held back for one cause.

    Fields:
        cause, ids: why, and which, in order.
        confirmation: what confirms them.
        detail: the cause's text from the facts.
        earlier, most: for a limit, the number of earlier deletions, and the permitted number.
    """

    cause: Cause
    ids: tuple[str, ...]
    confirmation: Confirmation
    detail: str = ""
    earlier: int = 0
    most: int = 0


def decide(facts: DeletionFacts) -> tuple[HeldDeletions, ...]:
    """The deletions that are held back, each for one cause; all others may be made."""
    if facts.going and facts.unreadable:
        detail = ", ".join(facts.unreadable)
        return (_held_deletions(Cause.UNREADABLE, facts.going, Confirmation.NONE, detail),)
    left = facts.going - facts.agreed.names
    if left and facts.parent:
        return (_held_deletions(Cause.PARENT, left, Confirmation.NAME, facts.parent),)
    unproved = {each: facts.unproved[each] for each in left if facts.unproved.get(each)}
    losses = {each: facts.losses[each] for each in left - unproved.keys() if facts.losses.get(each)}
    named = (*_by_detail(Cause.UNPROVED, unproved), *_by_detail(Cause.LOSS, losses))
    return (*named, *_over_limit(left - unproved.keys() - losses.keys(), facts))


def _over_limit(plain: frozenset[str], facts: DeletionFacts) -> tuple[HeldDeletions, ...]:
    """Those that exceed the limit, are the last of their set, or always need a confirmation."""
    if not plain or facts.agreed.covers(len(plain)):
        return ()
    if facts.nothing_left:
        return (_held_deletions(Cause.NOTHING_LEFT, plain, Confirmation.NUMBER),)
    earlier = sum(not each or each not in plain for each in facts.earlier)
    most = facts.limit.max_deletions(facts.size) if facts.limit else len(plain) + earlier
    if earlier + len(plain) > most:
        ids = tuple(sorted(plain))
        return (HeldDeletions(Cause.LIMIT, ids, Confirmation.NUMBER, earlier=earlier, most=most),)
    requests = facts.confirm & plain
    if not requests or facts.agreed.covers(len(requests)):
        return ()
    return (_held_deletions(Cause.POLICY, requests, Confirmation.NUMBER),)


def _held_deletions(cause: Cause, ids: Iterable[str], by: Confirmation, detail: str = "") -> HeldDeletions:
    return HeldDeletions(cause, tuple(sorted(ids)), by, detail)


def _by_detail(cause: Cause, details: Mapping[str, str]) -> tuple[HeldDeletions, ...]:
    """One for each detail, both in order."""
    ids: dict[str, list[str]] = {}
    for ident, detail in sorted(details.items(), key=lambda each: (each[1], each[0])):
        ids.setdefault(detail, []).append(ident)
    return tuple(_held_deletions(cause, names, Confirmation.NAME, detail) for detail, names in ids.items())
