"""An inventory that was lost, and is recreated from the account when it is read."""

from dataclasses import dataclass, replace

from controller.core.cloud import Cloud
from controller.core.ref import Ref
from controller.engine.recover import recover
from controller.inventory.model import Inventory, InventoryStore, UnrecordedError
from controller.manifests.bundle import Bundle


@dataclass(frozen=True)
class RebuildingInventory:
    """A ``InventoryStore`` that was lost, and is to be read back from the account before it is used.

    Nobody looks at what is found, so the ownership tag or marker is the one proof. ``only`` are the documents to look
    for; without it the whole set is, where the inventory began empty.
    """

    inner: InventoryStore
    bundle: Bundle
    cloud: Cloud
    threads: int
    only: frozenset[Ref] | None = None

    def load(self, account: str, region: str) -> Inventory:
        """Read the inventory, with what the account holds besides.

        Raises:
            InventoryError: it can't be read.
            CloudError: not all that may belong to it can be read.

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

    def keep(self, error: UnrecordedError) -> str:
        """Keep elsewhere what could not be written, as the store inside does."""
        return self.inner.keep(error)
