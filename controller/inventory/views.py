"""The merge of two writers' inventories, and a partial view for a run with a part of the tree."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from controller.core.cloud import Leadership
from controller.core.ref import Ref
from controller.inventory.model import Entry, Generation, Inventory, LockedInventoryStore, UnrecordedError


def merge_inventories(base: Inventory, ours: Inventory, theirs: Inventory) -> Inventory:
    """A three-way merge: another run's inventory, with this run's changes since the common base."""
    entries = dict(theirs.entries)
    for ref in {*base.entries, *ours.entries}:
        was, now, there = (each.entries.get(ref) for each in (base, ours, theirs))
        if now == was:
            continue
        if now is None:
            if there == was:
                entries.pop(ref, None)
        elif there is None or there == was:
            entries[ref] = now
        else:
            entries[ref] = _merged_entry(there, now)
    return replace(theirs, entries=entries)


def _merged_entry(there: Entry, now: Entry) -> Entry:
    """Their entry; further resources of ours become old generations of it, which are deleted or shown."""
    ours = (*now.old, Generation(now.name, now.arn, now.instance))
    more = (each for each in ours if each.name not in ("", there.name))
    known = {each.name: each for each in (*there.old, *more)}
    return replace(there, arn=there.arn or _arn_of(there, ours), old=tuple(known.values()))


def _arn_of(there: Entry, ours: tuple[Generation, ...]) -> str:
    return next((each.arn for each in ours if each.name == there.name), "")


@dataclass
class PartialView:
    """A ``LockedInventoryStore`` that shows the entries of some documents and leaves all others unchanged."""

    whole: LockedInventoryStore
    of: frozenset[Ref]
    _others: dict[Ref, Entry] = field(default_factory=dict)

    @property
    def leadership(self) -> Leadership | None:
        """The leadership of the whole inventory."""
        return self.whole.leadership

    def lock(self) -> AbstractContextManager[None]:
        """Lock the inventory of the whole set."""
        return self.whole.lock()

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory and return the part."""
        found = self.whole.load(account, region)
        self._others = {ref: entry for ref, entry in found.entries.items() if ref not in self.of}
        return replace(found, entries={ref: entry for ref, entry in found.entries.items() if ref in self.of})

    def save(self, inventory: Inventory) -> None:
        """Write the part with the other entries as they were read."""
        self.whole.save(replace(inventory, entries={**self._others, **inventory.entries}))

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Keep the part elsewhere if it could not be written."""
        return self.whole.keep_elsewhere(error)
