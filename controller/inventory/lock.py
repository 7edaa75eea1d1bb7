"""A memory that one run holds at a time."""

from contextlib import AbstractContextManager
from typing import Protocol

from controller.core.cloud import Cloud, Guard, Guarded
from controller.inventory.model import Memory


class Keeper(Memory, Protocol):
    """Where the inventory of one set is kept, and how other runs are kept away meanwhile.

    ``guard`` is checked before AWS is changed by what is kept here; None where what keeps others away can't be lost
    while this process lives.
    """

    @property
    def guard(self) -> Guard | None:
        """The guard of changes."""

    def held(self) -> AbstractContextManager[None]:
        """Keep other runs away as long as this lasts.

        Raises:
            InventoryError: another run holds it.

        """


def guarded(cloud: Cloud, keeper: Keeper) -> Cloud:
    """The cloud for a run that works with an inventory: it changes nothing once another run may hold that."""
    return cloud if keeper.guard is None else Guarded(cloud, keeper.guard)
