"""What a sync asks about the others."""

from typing import TYPE_CHECKING, Protocol

from controller.engine.inventory import Inventory
from controller.fronts.sync.handover import Handover

if TYPE_CHECKING:
    from controller.fronts.sync.follower import Follower


class Neighbours(Protocol):
    """The other syncs, as far as one depends on them."""

    def unmet(self, of: "Follower") -> tuple[str, ...]:
        """What keeps a sync from starting, in words."""

    def moves(self, of: "Follower", held: Inventory) -> Handover:
        """What moves between a sync and the others."""
