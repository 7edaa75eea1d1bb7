"""Brakes on deletion: they belong to the plan, whoever asks.

A read error is never an empty set, an empty tree is never a wish, and many deletions need a word from a person.
"""

from controller.core.phase import Action
from controller.desired.bundle import Bundle
from controller.engine.inventory import Inventory
from controller.engine.plan import Brake, Step, Why
from controller.engine.world import World

_FEW = 3
_SHARE = 0.2


def brakes(
    steps: list[Step], bundle: Bundle, held: Inventory, world: World, confirmed: int | None
) -> tuple[Brake, ...]:
    """Which deletions are held back, and why.

    Args:
        steps: the plan's steps.
        bundle: what is wanted.
        held: what we remember to own.
        world: what was seen.
        confirmed: the number of deletions that a person agreed to, if any.

    """
    pruned = frozenset(
        s.id for s in steps if s.action in (Action.DELETE, Action.STOP) and s.why is Why.PRUNED
    )
    if not pruned:
        return ()
    if world.errors:
        unread = ", ".join(str(ref) for ref in sorted(world.errors))
        return (Brake(f"nothing is pruned while something can't be read: {unread}", pruned),)
    if confirmed == len(pruned):
        return ()
    word = f"--confirm-deletes {len(pruned)} lets them go"
    if not bundle.resources:
        counted = f"{len(pruned)} resource{'s' * (len(pruned) > 1)}"
        return (Brake(f"the tree is empty and {counted} would be deleted; {word}", pruned),)
    allowed = max(_FEW, int(_SHARE * len(held.entries)))
    if len(pruned) > allowed:
        return (Brake(f"{len(pruned)} deletions are more than {allowed}; {word}", pruned),)
    return ()
