"""One pass of the real engine in a history: what it planned, called and changed, and where it may be killed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.core.cloud import Call, Cloud, CloudWrapper, Json
from controller.engine.plan import Plan, Step
from controller.engine.reconcile import Order, reconcile
from controller.engine.report import Event, Happening, Report
from controller.inventory.file_store import FileInventoryStore
from controller.inventory.model import Inventory
from controller.manifests.bundle import Bundle
from tests.simulation.account import Account, Mutation


class Killed(BaseException):
    """Stands for ``kill -9``: nothing after it runs, no handler catches it."""


@dataclass
class Crash:
    """Kills a pass at its n-th change of AWS or of the inventory, before or after it; never where ``left`` is 0."""

    left: int = 0
    after: bool = False

    def around(self, change: Callable[[], Any]) -> Any:
        """Make a change, or die."""
        self.left -= 1
        if self.left == 0 and not self.after:
            raise Killed
        made = change()
        if self.left == 0:
            raise Killed
        return made


@dataclass(frozen=True)
class Mortal(CloudWrapper):
    """A cloud whose caller may be killed at a changing call."""

    crash: Crash

    def call(self, call: Call) -> Json:
        """Make one call."""
        if not call.changes:
            return self.cloud.call(call)
        answer: Json = self.crash.around(lambda: self.cloud.call(call))
        return answer


@dataclass
class MortalStore:
    """An inventory in a file whose writer may be killed at a save."""

    inner: FileInventoryStore
    crash: Crash

    def load(self, account: str, region: str) -> Inventory:
        """Read it."""
        return self.inner.load(account, region)

    def save(self, inventory: Inventory) -> None:
        """Write it."""
        self.crash.around(lambda: self.inner.save(inventory))

    def keep(self, error: Any) -> str:
        """Keep nothing."""
        return self.inner.keep(error)


@dataclass
class Pass:
    """One pass. ``plan`` is None where it ended before there was one, ``report`` where it was killed."""

    owner: str
    bundle: Bundle
    held: Inventory | None
    plan: Plan | None = None
    report: Report | None = None
    called: list[tuple[Step, Call]] = field(default_factory=list)
    mutations: tuple[Mutation, ...] = ()


@dataclass
class Passes:
    """Makes the passes of a history in one account; ``check`` is given each."""

    account: Account
    cloud: Cloud
    check: Callable[[Pass], None]
    secret: Callable[[Mapping[str, Any]], str]

    def reconcile(
        self,
        bundle: Bundle,
        store: FileInventoryStore,
        consent: Callable[[Plan], bool],
        order: Order,
        *,
        crash: Crash,
        earlier: Report | None = None,
    ) -> Report:
        """Make one pass, and have it checked however it ends."""
        account, done = self.account, Pass(order.set, bundle, _held(store))
        account.by, begun = order.set, len(account.mutations)

        def consented(plan: Plan) -> bool:
            done.plan = plan
            return consent(plan)

        def listen(event: Event) -> None:
            if event.happening is Happening.CALLED and event.step and event.call:
                done.called.append((event.step, event.call))
                account.making = event.step.ref, event.step.digest

        try:
            done.report = reconcile(
                bundle,
                Mortal(self.cloud, crash),
                MortalStore(store, crash),
                consented,
                order,
                listen=listen,
                earlier=earlier,
            )
        finally:
            done.mutations = tuple(account.mutations[begun:])
            account.by, account.making = "nobody", (None, "")
            self.check(done)
        return done.report


def _held(store: FileInventoryStore) -> Inventory | None:
    try:
        return store.load("123456789012", "us-east-1")
    except Exception:  # noqa: BLE001 - whatever is wrong with it, the pass will say so
        return None
