"""Consent to deletions: whether they may be made, decided by one function for every way in.

The command line, a GitSync and an object in Kubernetes gather the facts and write the message; which deletions are held
back, for which cause, and what confirms each, is decided here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from controller.engine.plan import Confirmation


class Cause(Enum):
    """Why deletions are held back, in the order in which the causes are judged."""

    UNREADABLE = "Unreadable"  # something of the run can't be read
    PARENT = "Parent"  # the namespace or the definition goes, and takes the object along
    UNPROVED = "Unproved"  # it is not known that the document was removed
    LOSS = "Loss"  # an outage or data goes with it
    NOTHING_LEFT = "NothingLeft"  # no document is left at all
    LIMIT = "Limit"  # they are too many within the window
    POLICY = "Policy"  # policy.deletion is Confirm


@dataclass(frozen=True)
class ConfirmedDeletions:
    """The deletions that a person confirmed: how many, which, and whether that was for an earlier pass of this run.

    At first the number must be right, so that no habit of a large one lets everything go; as deletions are
    done, fewer are left of those that were agreed to. Those agreed to by name are not counted.
    """

    number: int | None = None
    names: frozenset[str] = frozenset()
    continued: bool = False

    def covers(self, deletions: int) -> bool:
        """Whether so many deletions are agreed to."""
        if self.number is None:
            return False
        return deletions == self.number or (self.continued and deletions < self.number)


@dataclass(frozen=True)
class DeletionLimit:
    """How many deletions may go without confirmation: ``least``, or a share of the set where that is more."""

    least: int
    share: float

    def most(self, size: int) -> int:
        """The limit for a set of a size."""
        return max(self.least, int(self.share * size))


@dataclass(frozen=True)
class DeletionFacts:
    """What is known of deletions that would be made together.

    Fields:
        going: their ids.
        agreed: what a person agreed to.
        unreadable: what could not be read in this run.
        parent: why what holds the objects goes itself; empty where it does not.
        unproved: ids of which it is not known that their document was removed, each with the reason.
        losses: what goes with a resource, by id.
        nothing_left: whether no document is left.
        earlier: ids of the deletions within the window that nobody confirmed; empty for what is gone.
        size: how many there are in the set, or the namespace.
        limit: None for any number.
        confirm: ids whose ``policy.deletion`` is Confirm.
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
        detail: what the facts say of the cause.
        earlier, most: of a limit, how many went before, and how many may go.
    """

    cause: Cause
    ids: tuple[str, ...]
    confirmation: Confirmation
    detail: str = ""
    earlier: int = 0
    most: int = 0


def decide(facts: DeletionFacts) -> tuple[HeldDeletions, ...]:
    """Which deletions are held back, each for one cause; what is not among them may be made."""
    if facts.going and facts.unreadable:
        detail = ", ".join(facts.unreadable)
        return (_held(Cause.UNREADABLE, facts.going, Confirmation.NONE, detail),)
    left = facts.going - facts.agreed.names
    if left and facts.parent:
        return (_held(Cause.PARENT, left, Confirmation.NAME, facts.parent),)
    unproved = {each: facts.unproved[each] for each in left if facts.unproved.get(each)}
    losses = {each: facts.losses[each] for each in left - unproved.keys() if facts.losses.get(each)}
    named = (*_by_detail(Cause.UNPROVED, unproved), *_by_detail(Cause.LOSS, losses))
    return (*named, *_counted(left - unproved.keys() - losses.keys(), facts))


def _counted(plain: frozenset[str], facts: DeletionFacts) -> tuple[HeldDeletions, ...]:
    """Those that are too many, the last of their set, or in need of a confirmation however few they are."""
    if not plain or facts.agreed.covers(len(plain)):
        return ()
    if facts.nothing_left:
        return (_held(Cause.NOTHING_LEFT, plain, Confirmation.NUMBER),)
    earlier = sum(not each or each not in plain for each in facts.earlier)
    most = facts.limit.most(facts.size) if facts.limit else len(plain) + earlier
    if earlier + len(plain) > most:
        ids = tuple(sorted(plain))
        return (HeldDeletions(Cause.LIMIT, ids, Confirmation.NUMBER, earlier=earlier, most=most),)
    requests = facts.confirm & plain
    if not requests or facts.agreed.covers(len(requests)):
        return ()
    return (_held(Cause.POLICY, requests, Confirmation.NUMBER),)


def _held(cause: Cause, ids: Iterable[str], by: Confirmation, detail: str = "") -> HeldDeletions:
    return HeldDeletions(cause, tuple(sorted(ids)), by, detail)


def _by_detail(cause: Cause, details: Mapping[str, str]) -> tuple[HeldDeletions, ...]:
    """One for each detail, both in order."""
    ids: dict[str, list[str]] = {}
    for ident, detail in sorted(details.items(), key=lambda each: (each[1], each[0])):
        ids.setdefault(detail, []).append(ident)
    return tuple(_held(cause, names, Confirmation.NAME, detail) for detail, names in ids.items())
