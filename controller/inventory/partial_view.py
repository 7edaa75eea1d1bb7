"""The memory of a set as seen by a run of a part of its tree: what it does not read is not its matter."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from controller.core.cloud import Guard
from controller.core.ref import Ref
from controller.inventory.lock import Keeper
from controller.inventory.model import Entry, Inventory


@dataclass
class Part:
    """A ``Keeper`` that shows the entries of some documents and keeps those of all others as they are."""

    whole: Keeper
    of: frozenset[Ref]
    _others: dict[Ref, Entry] = field(default_factory=dict)

    @property
    def guard(self) -> Guard | None:
        """The guard of the whole."""
        return self.whole.guard

    def held(self) -> AbstractContextManager[None]:
        """Keep other runs away: of the whole set, for it is one inventory."""
        return self.whole.held()

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory and show its part."""
        found = self.whole.load(account, region)
        self._others = {ref: entry for ref, entry in found.entries.items() if ref not in self.of}
        return replace(found, entries={ref: entry for ref, entry in found.entries.items() if ref in self.of})

    def save(self, inventory: Inventory) -> None:
        """Write the part among the others, as they were read."""
        self.whole.save(replace(inventory, entries={**self._others, **inventory.entries}))
