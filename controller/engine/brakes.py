"""Brakes on deletion: they belong to the plan, whoever asks.

A read error is never an empty set, an empty tree is never a wish, and many deletions need a word from a person.
"""

from dataclasses import dataclass

from controller.core.phase import Action
from controller.desired.bundle import Bundle
from controller.desired.document import Deletion
from controller.engine.inventory import Inventory
from controller.engine.plan import Brake, Step, Why
from controller.engine.world import World

_FEW = 3
_SHARE = 0.2


@dataclass(frozen=True)
class Agreed:
    """How many deletions a person agreed to, if any, and whether that was for an earlier turn of this run.

    At first the number must be right, so that no habit of a large one lets everything go; as deletions are
    done, fewer are left of those that were agreed to.
    """

    number: int | None = None
    going_on: bool = False

    def covers(self, deletions: int) -> bool:
        """Whether so many deletions are agreed to."""
        if self.number is None:
            return False
        return deletions == self.number or (self.going_on and deletions < self.number)


def brakes(
    steps: list[Step], bundle: Bundle, held: Inventory, world: World, agreed: Agreed
) -> tuple[Brake, ...]:
    """Which deletions are held back, and why.

    Args:
        steps: the plan's steps.
        bundle: what is wanted.
        held: what we remember to own.
        world: what was seen.
        agreed: what a person agreed to.

    """
    going = [s for s in steps if s.action in (Action.DELETE, Action.STOP) and s.why is Why.PRUNED]
    pruned = frozenset(s.id for s in going)
    if not pruned:
        return ()
    if world.errors:
        unread = ", ".join(str(ref) for ref in sorted(world.errors))
        return (Brake(f"nothing is pruned while something can't be read: {unread}", pruned),)
    if agreed.covers(len(pruned)):
        return ()
    word = f"--confirm-deletes {len(pruned)} lets them go"
    if not bundle.resources:
        counted = f"{len(pruned)} resource{'s' * (len(pruned) > 1)}"
        return (Brake(f"the tree is empty and {counted} would be deleted; {word}", pruned),)
    allowed = max(_FEW, int(_SHARE * len(held.entries)))
    if len(pruned) > allowed:
        return (Brake(f"{len(pruned)} deletions are more than {allowed}; {word}", pruned),)
    return _unconfirmed(going, held, agreed)


def without_inventory(steps: list[Step], of: str, unheld: int | None) -> tuple[Brake, ...]:
    """Pruning is refused, and all else with it, while the inventory that says what lost its document is lost."""
    if not unheld:
        return ()
    told = (
        f"--prune is refused: {_carrying(of, unheld)}, so what lost its document is not known; "
        "`sagectl inventory rebuild` finds out, and without --prune the rest can be done"
    )
    return (Brake(told, frozenset(step.id for step in steps if step.acts)),)


def unheld_notice(of: str, unheld: int | None) -> tuple[str, ...]:
    """What a plan says of an inventory that began empty; ``unheld`` is None where nobody could count."""
    if unheld == 0:
        return ()
    if unheld is None:
        told = f"there is no inventory of set {of} here yet, and tag:GetResources is refused or failed, so nobody"
        return (f"{told} knows whether resources carry its owner tag already",)
    way = (
        "they are left alone until `sagectl inventory rebuild` reads them back; another place is --inventory"
    )
    return (f"{_carrying(of, unheld)}: {way}, another owner --set",)


def _carrying(of: str, unheld: int) -> str:
    counted = "1 resource carries" if unheld == 1 else f"{unheld} resources carry"
    return f"{counted} the owner tag of set {of} that this inventory does not hold"


def _unconfirmed(going: list[Step], held: Inventory, agreed: Agreed) -> tuple[Brake, ...]:
    """Those whose policy wants a word for each deletion, however few they are."""
    asking = frozenset(s.id for s in going if held.of(s.ref).deletion is Deletion.CONFIRM)
    if not asking or agreed.covers(len(asking)):
        return ()
    names = ", ".join(sorted(asking))
    word = f"--confirm-deletes {len(asking)} lets them go"
    return (Brake(f"policy.deletion of {names} is Confirm; {word}", asking),)
