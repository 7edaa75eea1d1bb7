"""A lost inventory that is rebuilt from the account when it is read."""

from dataclasses import dataclass, replace

from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.engine.recover import recover
from controller.inventory.model import Inventory, InventoryStore, UnrecordedError
from controller.manifests.bundle import Bundle


@dataclass(frozen=True)
class RebuildingInventory:
    """An ``InventoryStore`` that rebuilds a lost inventory from the account before its first use.

    Nobody reviews the result, so only an ownership tag or marker counts as proof. ``only`` are the documents to look
    for; without it the whole set is, if the inventory began empty.
    """

    inner: InventoryStore
    bundle: Bundle
    cloud: Cloud
    threads: int
    only: frozenset[Ref] | None = None

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, completed from the account.

        Raises:
            InventoryError: it can't be read.
            CloudError: a resource that may belong to it can't be read.

        """
        inventory = self.inner.load(account, region)
        if self.only is None and not inventory.fresh:
            return inventory
        found = recover(self.bundle, inventory, self.cloud, self.threads, self.only, marked_only=True)
        for error in found.errors.values():
            raise error
        whole = replace(found.inventory, fresh=False)
        self.inner.save(whole)
        return whole

    def save(self, inventory: Inventory) -> None:
        """Write the inventory."""
        self.inner.save(inventory)

    def keep_elsewhere(self, error: UnrecordedError) -> str:
        """Keep an inventory that could not be written elsewhere, as the inner store does."""
        return self.inner.keep_elsewhere(error)
