"""What a turn of a sync works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.core.cloud import Answered, Cloud, Overheard
from controller.engine.recover import Recovering
from controller.engine.restrictions import UNRESTRICTED, Restrictions
from controller.gitops.allowed_secrets import allowed
from controller.gitops.context import SyncContext
from controller.gitops.refused_requests import Refusals, Stubborn
from controller.gitops.sync_spec import Sync
from controller.inventory.lock import Keeper, guarded
from controller.inventory.model import Inventory, Memory
from controller.manifests.bundle import Bundle

_THREADS = 16


@dataclass(frozen=True)
class Account:
    """An account with what is remembered of it.

    ``tool`` is the version that plans, ``secrets`` reads what documents name, ``now`` is seconds since 1970,
    ``restrictions`` are what an administrator allows documents here.
    """

    cloud: Cloud
    memory: Memory
    tool: str
    secrets: Callable[[Mapping[str, Any]], str]
    now: float | None = None
    restrictions: Restrictions = UNRESTRICTED

    def recovering(self, bundle: Bundle) -> "Account":
        """The same, with an inventory that is read back from the account where it was lost."""
        return replace(self, memory=Recovering(self.memory, bundle, self.cloud, _THREADS))

    def held(self) -> Inventory:
        """What the sync holds.

        Raises:
            InventoryError: it can't be read.

        """
        who = self.cloud.identity
        return self.memory.load(who.account, who.region)


def opened(
    sync: Sync, context: SyncContext, memory: Keeper, refusals: Refusals, answered: Callable[[Answered], None]
) -> Account:
    """Open a sync's account; ``answered`` is told of each call, and what was refused for good is not asked again."""
    cloud = Stubborn(Overheard(guarded(context.cloud(sync), memory), answered), refusals)
    secrets, now = allowed(sync, context), context.clock.wall()
    return Account(cloud, memory, context.tool, secrets, now, context.restrictions)
