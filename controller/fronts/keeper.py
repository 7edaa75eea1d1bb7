"""A memory that one run holds at a time."""

from contextlib import AbstractContextManager
from typing import Protocol

from controller.engine.inventory import Memory


class Keeper(Memory, Protocol):
    """Where the inventory of one set is kept, and how other runs are kept away meanwhile."""

    def held(self) -> AbstractContextManager[None]:
        """Keep other runs away as long as this lasts.

        Raises:
            InventoryError: another run holds it.

        """
