"""What a sync asks about the others."""

from typing import Protocol, TypeVar

from controller.gitops.ownership_transfer import Handover
from controller.inventory.model import Inventory

# The type of a sync, whose module imports this one.
_Follower_contra = TypeVar("_Follower_contra", contravariant=True)


class Neighbours(Protocol[_Follower_contra]):
    """The other syncs, as far as one depends on them."""

    def unmet(self, of: _Follower_contra) -> tuple[str, ...]:
        """What keeps a sync from starting, in words."""

    def moves(self, of: _Follower_contra, held: Inventory) -> Handover:
        """What moves between a sync and the others."""
